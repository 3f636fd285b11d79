"""`python -m benchmarks.information FOLDER…`: the gain of each family of candidate columns, out of time.

Each family is added to the product's own login rows of a project, after `dvc repro logins` there. The booster is
fitted with and without it at rolling origins, purged as in training, on the same rows. The gain in AUC and the fall of
log loss are means over the origins; intervals are by bootstrap of users, paired. Families whose interval is above zero
on several logs are worth a place in the catalogue; `noise` says what chance looks like.
"""

import argparse
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.information.families import FAMILIES
from benchmarks.information.material import KEYS, Material, material_of, origins_of
from models.learning.booster import Settings, capacity, fit_booster, log_odds
from models.learning.split import Origin, within
from models.metrics.bootstrap import user_codes
from models.rows import labels
from pipeline.runner.stage import expected_errors
from pipeline.storage.csv_tables import write_csv

TRAINING_ROWS, VALIDATION_ROWS = 30_000, 15_000
RESAMPLINGS = 200
SETTINGS = Settings(
    seed=7,
    threads=2,
    learning_rate=0.08,
    leaves=8,
    feature_fraction=0.5,
    l2=10.0,
    max_rounds=2000,
    patience_rounds=20,
)
_THOUSANDTHS = 1000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """The validation rows of an origin: user numbers, outcomes, log-odds of the product's own columns."""

    users: NDArray[np.int64]
    churned: Floats
    own: Floats


def main(arguments: list[str] | None = None) -> None:
    """Print the table, and write it where `--out` says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.information", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folders", nargs="+", type=Path, help="projects with data/logins")
    parser.add_argument("--only", nargs="*", choices=list(FAMILIES), help="families; default: all")
    parser.add_argument("--out", type=Path, help="a .csv file")
    options = parser.parse_args(arguments)
    rows: list[dict[str, object]] = []
    for folder in options.folders:
        with expected_errors():
            material = material_of(folder)
        rows += gains_of(material, options.only or list(FAMILIES))
    table = pl.DataFrame(rows)
    if options.out is not None:
        write_csv(table, options.out)
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=140, float_precision=2):
        sys.stdout.write(f"Thousandths; a fall of log loss is above zero.\n{table}\n")


def gains_of(material: Material, names: list[str]) -> list[dict[str, object]]:
    """One row per family: its columns, and its gains with intervals."""
    own = [feature.name for feature in material.features]
    origins = origins_of(material.split)
    base = [fitted(material.rows, own, origin, material.threads) for origin in origins]
    found = []
    for name in names:
        made = FAMILIES[name](material)
        if made is None:
            continue
        columns = [column for column in made.columns if column not in KEYS]
        more = {
            column: f"added_{number}" for number, column in enumerate(columns)
        }  # LightGBM takes no other names
        added = made.select(
            "user_id",
            pl.col("day").alias("login_day"),
            *(pl.col(one).cast(pl.Float32).alias(name) for one, name in more.items()),
        )
        wide = material.rows.join(added, on=["user_id", "login_day"], how="left", maintain_order="left")
        wide = wide.with_columns(pl.col(more.values()).fill_null(float("nan")))
        other = [fitted(wide, [*own, *more.values()], origin, material.threads) for origin in origins]
        found.append({"log": material.name, "family": name, "columns": len(columns), **gain(base, other)})
        sys.stderr.write(f"information: {found[-1]}\n")
    return found


def gain(base: list[Judged], other: list[Judged]) -> dict[str, float]:
    """Means over origins of the gain in AUC and the fall of log loss, each with its 95 % interval, in thousandths."""
    whole = [_gains(one.churned, one.own, two.own) for one, two in zip(base, other, strict=True)]
    rng = np.random.default_rng(3)
    draws = []
    for _ in range(RESAMPLINGS):
        drawn = []
        for one, two in zip(base, other, strict=True):
            times = rng.multinomial(
                one.users.max() + 1, np.full(one.users.max() + 1, 1 / (one.users.max() + 1))
            )
            drawn.append(_gains(one.churned, one.own, two.own, times[one.users].astype(np.float64)))
        draws.append(np.mean(drawn, axis=0))
    value, (low, high) = np.mean(whole, axis=0), np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        name: round(_THOUSANDTHS * float(number), 2)
        for which, what in enumerate(("auc", "log_loss"))
        for name, number in ((what, value[which]), (f"{what}_low", low[which]), (f"{what}_high", high[which]))
    }


def _gains(
    churned: Floats, first: Floats, second: Floats, weight: Floats | None = None
) -> tuple[float, float]:
    auc = roc_auc_score(churned, second, sample_weight=weight) - roc_auc_score(
        churned, first, sample_weight=weight
    )
    losses = (np.logaddexp(0.0, raw) - churned * raw for raw in (first, second))
    before, after = (float(np.average(loss, weights=weight)) for loss in losses)
    return float(auc), before - after


def fitted(rows: pl.DataFrame, columns: list[str], origin: Origin, threads: int) -> Judged:
    training = _sample(rows.filter(within(origin.training)), TRAINING_ROWS)
    validation = _sample(rows.filter(within(origin.validation)), VALIDATION_ROWS)
    allowed = capacity(SETTINGS, training.height)
    booster = fit_booster(training, columns, SETTINGS, allowed, allowed.default_rounds)
    return Judged(
        user_codes(validation["user_id"]), labels(validation), log_odds(booster, validation, columns, threads)
    )


def _sample(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    return rows.gather_every(max(1, ceil(rows.height / most)))


if __name__ == "__main__":
    main()
