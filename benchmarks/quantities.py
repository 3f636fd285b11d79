"""`python -m benchmarks.quantities`: the worth of quantities on a game log with points for each play.

A made-up game: users have a skill, and a form that comes and goes. Who scores less than usual is more likely to leave.
The product's columns with and without quantities, and those of a notebook with sums and maxima of the points, are
fitted by the same booster at rolling origins. Gains are of the product with quantities, paired by user.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from benchmarks.information.__main__ import fitted, gain
from benchmarks.information.material import KEYS, Material, material_of, origins_of
from benchmarks.support.processes import cost_of, stage
from benchmarks.support.projects import environment, lay_out
from features.aggregation.windows import with_totals
from features.names import OF_QUANTITIES, quantity_column, top_measure
from features.totals import Total

USERS, DAYS, SEED = 4_000, 150, 11
_STAGES = ("rates", "external", "ingest", "activity", "logins")
_FORM_KEPT, _LEAVES, _PER_FALL = 0.9, 0.02, 1.4
CONTRACT = {
    "format": "parquet",
    "columns": {"user_id": "player", "at": "time", "kind": "what"},
    "groups": {"play": ["play"], "access": ["login"]},
    "quantities": {"points": {"column": "points", "form": "total"}},
}


def game(users: int, days: int, seed: int) -> pl.DataFrame:
    """`player, time, what, points`: logins, and plays with points."""
    rng = np.random.default_rng(seed)
    skill, often = rng.lognormal(4, 0.8, users), rng.beta(2, 4, users)
    begins = rng.integers(0, int(days * 0.7), users)
    form, there = np.zeros(users), np.ones(users, dtype=bool)
    players, minutes, kinds, points = [], [], [], []
    for day in range(days):
        form = _FORM_KEPT * form + rng.normal(0, 0.35, users)
        came = np.flatnonzero(there & (begins <= day) & (rng.random(users) < often))
        plays = rng.poisson(3, len(came)) + 1
        who = np.repeat(came, plays)
        at = rng.integers(8 * 60, 23 * 60, len(who))
        won = skill[who] * np.exp(form[who] + rng.normal(0, 0.4, len(who)))
        players += [came, who]
        minutes += [np.full(len(came), day * 1440 + 7 * 60), day * 1440 + at]
        kinds += [np.zeros(len(came), dtype=int), np.ones(len(who), dtype=int)]
        points += [np.full(len(came), np.nan), np.round(won)]
        there[came] &= rng.random(len(came)) >= _LEAVES * np.exp(-_PER_FALL * form[came])
    lines = pl.DataFrame(
        {
            "player": np.concatenate(players),
            "minute": np.concatenate(minutes),
            "kind": np.concatenate(kinds),
            "points": np.concatenate(points),
        }
    )
    start = pl.datetime(2024, 1, 1)
    return lines.sort("minute", "player").select(
        player=pl.format("p{}", "player"),
        time=start + pl.duration(minutes="minute"),
        what=pl.when(pl.col("kind") == 1).then(pl.lit("play")).otherwise(pl.lit("login")),
        points=pl.col("points").fill_nan(None),
    )


def notebook(material: Material) -> pl.DataFrame:
    """What a careful notebook has for each login day: counts, gaps, and sums, means and maxima of the points."""
    points, top = quantity_column("points"), top_measure("points")
    windows = [
        Total(name, days)
        for name in ("logins", "events", "seconds", points)
        for days in (3, 7, 14, 30, 60, 90)
    ]
    life = [
        Total(name, "life")
        for name in ("logins", "events", "seconds", points, "gap_days", "gap_days_squared")
    ]
    longest = [Total(top, "most"), Total("gap_days", "most")]
    columns = [one.column for one in (*windows, *life, *longest)]
    days = with_totals(material.days, [*windows, *life, *longest]).filter(pl.col("logins") == 1)
    sums, logins = pl.col(Total(points, 30).column), pl.col(Total("logins", 30).column)
    all_sums, all_logins = pl.col(Total(points, "life").column), pl.col(Total("logins", "life").column)
    return days.select(
        *KEYS, *columns, "events", "seconds", "gap_days", points, top,
        (sums / logins).alias("points a login"),
        (all_sums / all_logins).alias("points a login so far"),
        (pl.col(points) / (all_sums / all_logins)).alias("points to usual"),
        (pl.col(top) / pl.col(Total(top, "most").column)).alias("best of the day to the best"),
        pl.col(points).shift().over("user_id").alias("points before"),
        pl.col("gap_days").shift().over("user_id").alias("gap before"),
        pl.col("day").dt.weekday().alias("weekday"),
    )  # fmt: skip


def compared(material: Material) -> list[dict[str, object]]:
    """One row per rival: its columns, and the gains of the product with quantities over it."""
    own = [feature.name for feature in material.features]
    origins = origins_of(material.split)
    made = notebook(material)
    names = {column: f"notebook_{number}" for number, column in enumerate(made.columns) if column not in KEYS}
    added = made.select(
        "user_id",
        pl.col("day").alias("login_day"),
        *(pl.col(column).cast(pl.Float32).alias(name) for column, name in names.items()),
    )
    wide = material.rows.join(added, on=["user_id", "login_day"], how="left", maintain_order="left")
    wide = wide.with_columns(pl.col(names.values()).fill_null(float("nan")))
    rivals = {
        "notebook with sums and maxima": list(names.values()),
        "product without quantities": [name for name in own if OF_QUANTITIES not in name],
    }
    ours = [fitted(wide, own, origin, material.threads) for origin in origins]
    found: list[dict[str, object]] = []
    for rival, columns in rivals.items():
        theirs = [fitted(wide, columns, origin, material.threads) for origin in origins]
        found.append({"over": rival, "columns": len(columns), "ours": len(own), **gain(theirs, ours)})
    return found


def main() -> None:
    """Make the log, run the stages, and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-"))
    try:
        game(USERS, DAYS, SEED).write_parquet(folder / "game.parquet")
        (folder / "game.yaml").write_text(yaml.safe_dump(CONTRACT), "utf-8")
        lay_out(folder, {"log": {"path": "game.parquet", "contract": "game.yaml"}})
        for name in _STAGES:
            cost_of(stage(name), folder, folder / "bench.log", environment(folder))
        table = pl.DataFrame(compared(material_of(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with pl.Config(tbl_cols=-1, tbl_width_chars=160, float_precision=2):
        sys.stdout.write(f"Gains of the product with quantities, in thousandths.\n{table}\n")


if __name__ == "__main__":
    main()
