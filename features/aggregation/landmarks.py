"""Landmark rows: users as known at the end of a day on which they need not have come.

Landmarking (van Houwelingen 2007, "Dynamic prediction by landmarking in event history analysis"): first days are
drawn, then each user's last login as of such a day is taken. Promise: a row holds nothing later than its `as_of`.
"""

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from features.aggregation.from_events import RowSources, login_rows_of
from features.aggregation.measures import is_state
from features.define import Feature
from features.totals import totals_of

SILENT_DAYS = "silent_days"
MEAN_GAP, P90_GAP, LONGEST_GAP = "mean_gap_days", "p90_gap_days", "longest_gap_days"
"""Of the days between the user's logins so far: their mean, their 90th percentile, and the largest."""
KEYS = ("user_id", "as_of", "login_day", "login_number", SILENT_DAYS)
_STATES_OF_PLACE = ("country", "city", "currency")
_MOST_LOGINS = 1 << 15
_LANDMARK, _LAST_DAY = "landmark", "last_day"


def with_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Login rows (`user_id, login_day`; all of their users, in order) with the user's gaps in days up to each login.

    Adds `mean_gap_days`, `p90_gap_days` and `longest_gap_days`, null at the first login.
    """
    gap = pl.col("login_day").diff().dt.total_days()
    gaps = rows.with_columns(gap.over("user_id").alias("gap"))
    p90 = pl.col("gap").rolling_quantile(0.9, "linear", window_size=_MOST_LOGINS, min_samples=1)
    number = pl.int_range(pl.len())
    so_far = (pl.col("login_day") - pl.col("login_day").first()).dt.total_days()
    return gaps.with_columns(
        pl.when(number > 0).then(so_far / number).over("user_id").alias(MEAN_GAP),
        p90.over("user_id").alias(P90_GAP),
        pl.col("gap").cum_max().over("user_id").alias(LONGEST_GAP),
    ).drop("gap")


def as_of_days(rows: pl.DataFrame, log_end: date, days: Collection[date]) -> pl.DataFrame:
    """The rows of `rows` that are their user's last login as of each of `days`, with `as_of` and `silent_days`.

    `rows`: all login rows of their users, in order, with `most_silent_days`: a longer silence gives no row.
    """
    spans = _spans(rows, log_end)
    on_days = [
        spans.filter(pl.lit(day).is_between(pl.col("login_day"), pl.col(_LAST_DAY))).with_columns(
            as_of=pl.lit(day)
        )
        for day in sorted(days)
    ]
    none = spans.clear().with_columns(pl.lit(None, pl.Date).alias("as_of"))
    return _silent(pl.concat([none, *on_days]))


def drawn_days(rows: pl.DataFrame, log_end: date, every: int) -> pl.DataFrame:
    """As `as_of_days`, on the days that are drawn for each user: one in `every`, from the user's own `offset` on.

    `rows` have `offset` too, 0 to `every` - 1. The days do not depend on the logins.
    """
    first = pl.col("login_day").to_physical()
    begin = first + (pl.col("offset") - first) % every
    drawn = _spans(rows, log_end).with_columns(
        as_of=pl.int_ranges(begin, pl.col(_LAST_DAY).to_physical() + 1, every, dtype=pl.Int32)
    )
    return _silent(drawn.explode("as_of").drop_nulls("as_of").with_columns(pl.col("as_of").cast(pl.Date)))


def _spans(rows: pl.DataFrame, log_end: date) -> pl.DataFrame:
    """`rows` with the last day on which each is the user's last login, and the silence is not too long."""
    until = pl.col("login_day").shift(-1).over("user_id") - pl.duration(days=1)
    longest = pl.col("login_day") + pl.duration(days=pl.col("most_silent_days"))
    return rows.with_columns(pl.min_horizontal(until, longest, pl.lit(log_end)).alias(_LAST_DAY))


def _silent(landmarks: pl.DataFrame) -> pl.DataFrame:
    silent = (pl.col("as_of") - pl.col("login_day")).dt.total_days().cast(pl.Int32)
    return landmarks.drop(_LAST_DAY).with_columns(silent.alias(SILENT_DAYS)).sort("user_id", "as_of")


def landmark_rows(
    landmarks: pl.DataFrame,
    logins: pl.DataFrame,
    days: pl.DataFrame,
    features: Sequence[Feature],
    service: pl.DataFrame,
    users: pl.DataFrame | None,
    sources: RowSources,
) -> pl.DataFrame:
    """`KEYS` and the columns of the list model for each of `landmarks`, in order of user and day.

    `landmarks`: the result of `as_of_days` or `drawn_days` on `with_gaps`. `logins`: the login rows with `features`.
    `days`, `service`, `users`, `sources`: as `login_rows_of` has them. A feature that `moves` has its value at the
    end of `as_of`, any other that of the last login. Those of the dimension `silence` are made from `silent_days` and
    the gaps. Missing = NaN.
    """
    silence = [feature for feature in features if feature.dimension == "silence"]
    moving = [feature for feature in features if feature.moves and feature not in silence]
    staying = [feature.name for feature in features if not feature.moves]
    chosen = landmarks.select(*KEYS, *(name for name in (MEAN_GAP, P90_GAP, LONGEST_GAP))).join(
        logins.select("user_id", "login_day", *staying),
        on=["user_id", "login_day"],
        how="left",
        maintain_order="left",
    )
    if moving:
        marked = with_landmarks(days, landmarks, moving)
        moved = login_rows_of(marked, moving, service, users, sources, chosen=pl.col(_LANDMARK))
        chosen = chosen.hstack(
            chosen.select("user_id", login_day="as_of")
            .join(moved.drop("login_number"), on=["user_id", "login_day"], how="left", maintain_order="left")
            .drop("user_id", "login_day")
        )
    nan = pl.lit(float("nan"), pl.Float32)
    made = chosen.with_columns(
        feature.value.cast(pl.Float32).fill_null(nan).alias(f"{feature.name}, f32") for feature in silence
    )
    of_silence = {feature.name: pl.col(f"{feature.name}, f32").alias(feature.name) for feature in silence}
    names = [feature.name for feature in features if feature.name not in KEYS]
    return made.select(*KEYS, *(of_silence.get(name, pl.col(name)) for name in names))


def with_landmarks(
    days: pl.DataFrame, landmarks: pl.DataFrame, features: Sequence[Feature] = ()
) -> pl.DataFrame:
    """User-days with a row for each day of `landmarks` (`user_id, as_of`), marked in `landmark`.

    Where nothing happened on such a day, measures are 0 and states unknown. Only the columns that `features` need
    are kept, with `logins` and the states of place; without `features` all are.
    """
    kept = days.columns
    if features:
        needed = {total.source for feature in features for total in totals_of(feature.value)}
        needed |= {"user_id", "day", "logins", *_STATES_OF_PLACE}
        kept = [name for name in days.columns if name in needed]
    marks = landmarks.select("user_id", pl.col("as_of").alias("day")).unique()
    known = days.select(kept).join(
        marks.with_columns(pl.lit(value=True).alias(_LANDMARK)),
        on=["user_id", "day"],
        how="left",
        maintain_order="left",
    )
    added = marks.join(days, on=["user_id", "day"], how="anti").with_columns(
        *(
            pl.lit(None if is_state(name) else 0, days.schema[name]).alias(name)
            for name in kept
            if name not in ("user_id", "day")
        ),
        pl.lit(value=True).alias(_LANDMARK),
    )
    both = pl.concat([known, added.select(known.columns)]).with_columns(
        pl.col(_LANDMARK).fill_null(value=False)
    )
    return both.sort("user_id", "day")
