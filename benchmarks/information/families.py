"""Families of candidate columns, each made of a log's material: one row for each login day of a user.

Promise: the columns of a day use that day and earlier ones only, of all users.
"""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from benchmarks.information.material import KEYS, Material
from features.aggregation.contacts import REGULAR_DAYS
from features.aggregation.windows import with_totals
from features.totals import Total

_MEASURES = ("events", "seconds", "sessions", "revenue", "contacts")
_HALF_LIVES = (3, 14, 60)
_LONG = (120, 240, 365)
_GONE_DAYS = 14
_MOST_KINDS = 10
_HOURS_OF_A_BIN = 4

Family = Callable[[Material], pl.DataFrame | None]


def _there(material: Material, names: tuple[str, ...] = _MEASURES) -> list[str]:
    return [name for name in names if name in material.days.columns]


def decays(material: Material) -> pl.DataFrame:
    """Means of a day's amounts and of the gaps, weighted by 1/2 for each half-life of days ago; today over them."""
    made, days = [], material.logins
    for name in (*_there(material), "gap_days"):
        for half_life in _HALF_LIVES:
            mean = pl.col(name).cast(pl.Float64).ewm_mean_by("day", half_life=f"{half_life}d").over("user_id")
            made.append(mean.alias(f"{name} ~{half_life}d"))
            made.append((pl.col(name) / pl.when(mean != 0).then(mean)).alias(f"{name} to ~{half_life}d"))
    return days.select(*KEYS, *made)


def long_windows(material: Material) -> pl.DataFrame:
    """Login days, events and time of 120, 240 and 365 days."""
    totals = [Total(name, days) for name in ("logins", *_there(material)) for days in _LONG]
    return with_totals(material.days, totals).select(*KEYS, *(total.column for total in totals))


def ranks_among_peers(material: Material) -> pl.DataFrame:
    """Where the user stands among all who came on the day: by amounts of the day, of 30 days, and by visits."""
    totals = [Total(name, 30) for name in ("logins", *_there(material))]
    days = with_totals(material.days, totals).filter(pl.col("logins") == 1)
    ranked = [*_there(material), *(total.column for total in totals), "gap_days"]
    return days.select(
        *KEYS, *((pl.col(name).rank() / pl.len()).over("day").alias(f"rank of {name}") for name in ranked)
    )


def first_day(material: Material) -> pl.DataFrame:
    """What the user did on the first day, and how today compares with it."""
    kinds = [name for name in material.days.columns if name.startswith("kind_")]
    days = material.logins.with_columns(
        kinds_used=pl.sum_horizontal((pl.col(name) > 0).cast(pl.Int32) for name in kinds)
        if kinds
        else pl.lit(1)
    )
    names = [*_there(material), "kinds_used"]
    first = {name: pl.col(name).first().over("user_id") for name in names}
    return days.select(
        *KEYS,
        *(value.alias(f"first {name}") for name, value in first.items()),
        *((pl.col(name) - value).alias(f"{name} less first") for name, value in first.items()),
        pl.col("day").first().over("user_id").dt.weekday().alias("first weekday"),
    )


def session_shapes(material: Material) -> pl.DataFrame | None:
    """Lengths and sizes of the day's sessions, the last one, and its hour."""
    if not material.clock:
        return None
    seconds = (pl.col("at").last() - pl.col("at").first()).dt.total_seconds()
    # A session that goes on after midnight ends with the day: what comes later is not known yet.
    sessions = material.events.group_by(*KEYS, "session", maintain_order=True).agg(
        seconds=seconds,
        size=pl.len(),
        hour=pl.col("hour").first(),
        kinds=pl.col("kind").n_unique(),
    )
    return sessions.group_by(KEYS, maintain_order=True).agg(
        pl.col("seconds").max().alias("longest session"),
        pl.col("seconds").last().alias("last session"),
        pl.col("size").last().alias("events of the last session"),
        pl.col("size").mean().alias("events of a session"),
        (pl.col("size") == 1).mean().alias("sessions of one event"),
        pl.col("kinds").last().alias("kinds of the last session"),
        pl.col("hour").last().alias("hour of the last session"),
    )


def entropies(material: Material) -> pl.DataFrame:
    """Entropy of the weekdays of logins and of the hours of events so far."""
    weekday = [(pl.col("day").dt.weekday() == one).cast(pl.Float64).alias(f"w{one}") for one in range(1, 8)]
    made = material.logins.select(*KEYS, *weekday)
    bins = {"weekdays": [f"w{one}" for one in range(1, 8)]}
    if material.clock:
        number = pl.col("hour") // _HOURS_OF_A_BIN
        hours = [
            (number == one).sum().cast(pl.Float64).alias(f"h{one}") for one in range(24 // _HOURS_OF_A_BIN)
        ]
        made = made.join(
            material.events.group_by(KEYS).agg(hours), on=KEYS, how="left", maintain_order="left"
        )
        bins["hours"] = [f"h{one}" for one in range(24 // _HOURS_OF_A_BIN)]
    so_far = made.with_columns(
        pl.col(name).fill_null(0).cum_sum().over("user_id") for names in bins.values() for name in names
    )
    entropy = []
    for what, names in bins.items():
        total = pl.sum_horizontal(names)
        shares = (pl.col(name) / total for name in names)
        entropy.append(
            -pl.sum_horizontal(pl.when(share > 0).then(share * share.log()) for share in shares).alias(what)
        )
    return so_far.select(*KEYS, *(one.alias(f"entropy {n}") for n, one in zip(bins, entropy, strict=True)))


def bursts(material: Material) -> pl.DataFrame:
    """How unevenly the events of 30 days fall on their days, and the largest day's share."""
    names = _there(material)
    squared = material.days.with_columns((pl.col(name) ** 2).alias(f"{name}²") for name in names)
    totals = [Total(one, 30) for name in names for one in (name, f"{name}²")]
    summed = with_totals(squared, totals)
    made = []
    for name in names:
        mean, mean_square = pl.col(Total(name, 30).column) / 30, pl.col(Total(f"{name}²", 30).column) / 30
        made.append(((mean_square - mean**2) / pl.when(mean > 0).then(mean)).alias(f"dispersion of {name}"))
        made.append((pl.col(name) / pl.col(name).cum_max().over("user_id")).alias(f"{name} to the best day"))
    return summed.select(*KEYS, *made)


def records(material: Material) -> pl.DataFrame:
    """Days since the best day so far, by measure."""
    made = []
    for name in _there(material):
        best = pl.col(name).cum_max().over("user_id")
        on_best = pl.when((pl.col(name) == best) & (best > 0)).then("day").forward_fill().over("user_id")
        made.append((pl.col("day") - on_best).dt.total_days().alias(f"since the best {name}"))
    return material.days.select(*KEYS, *made)


def cohorts(material: Material) -> pl.DataFrame:
    """Of those who began in the same week: the share that came in the last 7 and 28 days, and the change between."""
    logins = material.logins.select(*KEYS).with_columns(
        cohort=pl.col("day").min().over("user_id").dt.truncate("1w")
    )
    size = logins.group_by("cohort").agg(size=pl.col("user_id").n_unique(), last=pl.col("day").max())
    active = logins.group_by("cohort", "day").agg(active=pl.len()).sort("cohort", "day")
    rolled = active.with_columns(
        pl.col("active").rolling_sum_by("day", f"{days}d").over("cohort").alias(f"cohort {days}d")
        for days in (7, 28)
    ).join(size, on="cohort")
    made = {f"cohort {days}d": pl.col(f"cohort {days}d") / pl.col("size") / days for days in (7, 28)}
    shares = rolled.select("cohort", "day", **made).with_columns(
        (pl.col("cohort 7d") / pl.col("cohort 28d")).alias("cohort trend")
    )
    joined = logins.join(shares, on=["cohort", "day"], how="left", maintain_order="left")
    known = pl.col("day") >= pl.col("cohort").dt.offset_by("1w")  # before, the cohort's size is not known
    return joined.select(
        *KEYS, *(pl.when(known).then(pl.col(name)).alias(name) for name in (*made, "cohort trend"))
    )


def who_else_left(material: Material) -> pl.DataFrame | None:
    """Of the regular counterparts: how many have not come for two weeks, and their share."""
    if "counterpart" not in material.events.columns:
        return None
    met = material.events.filter(
        pl.col("counterpart").is_not_null() & (pl.col("counterpart") != pl.col("user_id"))
    ).select(*KEYS, "counterpart")
    both = pl.concat([met, met.select(user_id="counterpart", day="day", counterpart="user_id")]).unique()
    number = pl.int_range(pl.len()).over("user_id", "counterpart")
    regular = (
        both.sort("user_id", "counterpart", "day")
        .filter(number == REGULAR_DAYS - 1)
        .select("user_id", "counterpart", since="day")
    )
    came = material.logins.select(counterpart="user_id", came="day").sort("counterpart", "came")
    pairs = (
        material.logins.select(*KEYS)
        .join(regular, on="user_id")
        .filter(pl.col("since") <= pl.col("day"))
        .sort("day")
        .join_asof(
            came.sort("came"), left_on="day", right_on="came", by="counterpart", check_sortedness=False
        )
    )
    away = (pl.col("day") - pl.col("came")).dt.total_days()
    gone = pairs.group_by(KEYS).agg(
        gone=(away > _GONE_DAYS).sum(), share=(away > _GONE_DAYS).mean(), away=away.mean(), nearest=away.min()
    )
    return material.logins.select(*KEYS).join(gone, on=KEYS, how="left", maintain_order="left")


def kinds_in_order(material: Material) -> pl.DataFrame | None:
    """The first and the last kind of the day as numbers by how common they are, and whether they are as before."""
    if material.events["kind"].n_unique() < 2:
        return None
    common = material.events["kind"].value_counts(sort=True).with_row_index("number")
    rank = dict(common.select("kind", "number").iter_rows())
    coded = material.events.select(*KEYS, kind=pl.col("kind").replace_strict(rank, return_dtype=pl.Float64))
    ends = coded.group_by(KEYS, maintain_order=True).agg(
        pl.col("kind").first().alias("first kind"), pl.col("kind").last().alias("last kind")
    )
    return ends.with_columns(
        (pl.col("last kind") == pl.col("last kind").shift().over("user_id"))
        .cast(pl.Int8)
        .alias("ends as before")
    )


def short_against_life(material: Material) -> pl.DataFrame | None:
    """By kind the events of a visit in the last 14 days over those of all visits."""
    kinds = [name for name in material.days.columns if name.startswith("kind_")][:_MOST_KINDS]
    if len(kinds) < 2:
        return None
    totals = [Total(name, window) for name in ("logins", *kinds) for window in (14, "life")]
    days = with_totals(material.days, totals)
    short, life = pl.col(Total("logins", 14).column), pl.col(Total("logins", "life").column)
    made = []
    for kind in kinds:
        whole = pl.col(Total(kind, "life").column) / life
        made.append((pl.col(Total(kind, 14).column) / short / pl.when(whole > 0).then(whole)).alias(kind))
    return days.select(*KEYS, *made)


def calendar(material: Material) -> pl.DataFrame:
    """The day of the month, of the year, and the time since the log began."""
    day, began = pl.col("day"), material.days["day"].min()
    return material.logins.select(
        *KEYS, (day.dt.day()).alias("day of month"), (day.dt.month_end() - day).dt.total_days().alias("to month end"),
        day.dt.ordinal_day().alias("day of year"), (day - pl.lit(began)).dt.total_days().alias("log age"),
    )  # fmt: skip


def noise(material: Material) -> pl.DataFrame:
    """Twenty random columns: what a family must beat."""
    rng = np.random.default_rng(1)
    days = material.logins.select(*KEYS)
    return days.with_columns(pl.Series(f"noise {one}", rng.normal(size=days.height)) for one in range(20))


FAMILIES: Mapping[str, Family] = {
    "noise": noise, "decays": decays, "long windows": long_windows, "ranks among peers": ranks_among_peers,
    "first day": first_day, "session shapes": session_shapes, "entropies": entropies, "bursts": bursts,
    "records": records, "cohorts": cohorts, "who else left": who_else_left, "kinds in order": kinds_in_order,
    "short against life": short_against_life, "calendar": calendar,
}  # fmt: skip
