"""From user-days to login rows: one row per user and login day, with every feature as known at its end."""

from collections.abc import Sequence

import polars as pl

from features.aggregation.windows import with_totals
from features.define import Feature
from features.external.join import ExternalFrames, join_external
from features.totals import Total, known_column, totals_of

_MOST_LOGINS = 1 << 15  # more login days than a user has in 80 years: a window over all earlier rows
KEYS = ("user_id", "login_day", "login_number")
_OF_DAYS = ("life", "since", "most", "known")
"""The windows made from user-days, in addition to numbers of days. The others are made from login rows or joined."""
_LOGINS_SO_FAR = Total("logins", "life")
LOGINS = pl.col("logins") == 1
"""The user-days that are login days."""


def login_rows(
    days: pl.DataFrame,
    features: Sequence[Feature],
    by_country: pl.DataFrame | None = None,
    by_currency: pl.DataFrame | None = None,
    by_day: pl.DataFrame | None = None,
    external: ExternalFrames | None = None,
    chosen: pl.Expr = LOGINS,
) -> pl.DataFrame:
    """`user_id, login_day, login_number` (i32, 1 = first) and each feature as f32, missing = NaN.

    `days`: the result of `features.aggregation.user_days`, of whole users, sorted by user and day.
    `by_country`: `day, country` and values named `...@external`; `by_currency`: `day, currency` likewise;
    `by_day`: `day` alone.
    `external`: the external frames. They also give the country and city of users whose events have none.
    `chosen`: the user-days that become rows. If they are other days than those of logins, `login_day` is that day,
    `login_number` is that of the last login, and no feature may use the windows `previous`, `fresh` and `p90`.
    """
    named = sorted(
        {total for feature in features for total in totals_of(feature.value)}, key=lambda total: total.column
    )
    fresh = [total.measure for total in named if total.window == "fresh"]
    states = [state for state in ("country", "city", "currency") if state in days.columns]
    totals = (
        *(total for total in named if total.days or total.window in _OF_DAYS),
        *(Total(measure, "life") for measure in fresh),
        *(Total(state, "known") for state in states),
        _LOGINS_SO_FAR,
    )
    rows = with_totals(days, totals).filter(chosen)
    later = pl.when(pl.col(_LOGINS_SO_FAR.column) > 1)
    rows = rows.with_columns(
        *(
            later.then(pl.col(one.measure).shift()).alias(one.column)
            for one in named
            if one.window == "previous"
        ),
        *(
            later.then(pl.col(Total(measure, "life").column).diff()).alias(Total(measure, "fresh").column)
            for measure in fresh
        ),
        *(_p90_before(total) for total in named if total.window == "p90"),
    )
    if external is not None:
        rows = join_external(rows, external)
    if by_country is not None:
        rows = _joined(rows, by_country, "country")
    if by_currency is not None:
        rows = _joined(rows, by_currency, "currency")
    if by_day is not None:
        rows = rows.join(by_day, on="day", how="left", maintain_order="left")
    valued = rows.select(
        "user_id",
        pl.col("day").alias("login_day"),
        pl.col(_LOGINS_SO_FAR.column).cast(pl.Int32).alias("login_number"),
        *(feature.value.cast(pl.Float32).alias(feature.name) for feature in features),
    )
    return valued.with_columns(_finite(feature.name) for feature in features)


def _p90_before(total: Total) -> pl.Expr:
    measure = pl.col(total.measure)
    earlier = pl.when(measure > 0).then(measure).shift()
    p90 = earlier.rolling_quantile(0.9, "linear", window_size=_MOST_LOGINS, min_samples=1)
    return p90.over("user_id").alias(total.column)


def _joined(rows: pl.DataFrame, values: pl.DataFrame, state: str) -> pl.DataFrame:
    return rows.join(
        values,
        left_on=["day", known_column(state)],
        right_on=["day", state],
        how="left",
        maintain_order="left",
    )


def _finite(name: str) -> pl.Expr:
    """A separate step: within one expression the value would be computed twice."""
    value, missing = pl.col(name), pl.lit(float("nan"), dtype=pl.Float32)
    return pl.when(value.is_finite()).then(value).otherwise(missing).alias(name)
