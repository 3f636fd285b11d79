"""User-days to login rows: one row per user and login day, with every feature known at its end."""

from collections.abc import Sequence

import polars as pl

from features.aggregation.windows import with_totals
from features.define import Feature
from features.external.join import ExternalFrames, join_external

_MOST_LOGINS = 1 << 15  # more login days than a user has in 80 years: a window over all that came before
KEYS = ("user_id", "login_day", "login_number")
_OF_ROWS = ("@previous", "@fresh", "@p90", "@external")
"""What is made from login rows, or joined to them, rather than from user-days."""


def login_rows(
    days: pl.DataFrame,
    features: Sequence[Feature],
    by_country: pl.DataFrame | None = None,
    by_currency: pl.DataFrame | None = None,
    by_day: pl.DataFrame | None = None,
    around: ExternalFrames | None = None,
) -> pl.DataFrame:
    """`user_id, login_day, login_number` (i32, 1 = first) and each feature as f32, missing = NaN.

    `days`: what `features.days.user_days` gives, of whole users, sorted by user and day.
    `by_country`: `day, country` and values named `...@external`; `by_currency`: `day, currency` likewise;
    `by_day`: `day` alone.
    `around`: what else is known; it also says where users are whose events do not.
    """
    named = {name for feature in features for name in feature.value.meta.root_names()}
    totals = {name for name in named if "@" in name and not name.endswith(_OF_ROWS)}
    fresh = sorted(name.removesuffix("@fresh") for name in named if name.endswith("@fresh"))
    totals |= {f"{measure}@life" for measure in fresh}
    states = {f"{state}@known" for state in ("country", "city", "currency") if state in days.columns}
    rows = with_totals(days, totals | states | {"logins@life"}).filter(pl.col("logins") == 1)
    later = pl.when(pl.col("logins@life") > 1)
    rows = rows.with_columns(
        *(
            later.then(pl.col(name.removesuffix("@previous")).shift()).alias(name)
            for name in sorted(named)
            if name.endswith("@previous")
        ),
        *(later.then(pl.col(f"{name}@life").diff()).alias(f"{name}@fresh") for name in fresh),
        *(_p90_before(name) for name in sorted(named) if name.endswith("@p90")),
    )
    if around is not None:
        rows = join_external(rows, around)
    if by_country is not None:
        rows = _joined(rows, by_country, "country")
    if by_currency is not None:
        rows = _joined(rows, by_currency, "currency")
    if by_day is not None:
        rows = rows.join(by_day, on="day", how="left", maintain_order="left")
    valued = rows.select(
        "user_id",
        pl.col("day").alias("login_day"),
        pl.col("logins@life").cast(pl.Int32).alias("login_number"),
        *(feature.value.cast(pl.Float32).alias(feature.name) for feature in features),
    )
    return valued.with_columns(_finite(feature.name) for feature in features)


def _p90_before(name: str) -> pl.Expr:
    measure = pl.col(name.removesuffix("@p90"))
    earlier = pl.when(measure > 0).then(measure).shift()
    p90 = earlier.rolling_quantile(0.9, "linear", window_size=_MOST_LOGINS, min_samples=1)
    return p90.over("user_id").alias(name)


def _joined(rows: pl.DataFrame, values: pl.DataFrame, state: str) -> pl.DataFrame:
    return rows.join(
        values, left_on=["day", f"{state}@known"], right_on=["day", state], how="left", maintain_order="left"
    )


def _finite(name: str) -> pl.Expr:
    """As a step of its own: within one expression the value would be worked out twice."""
    value, missing = pl.col(name), pl.lit(float("nan"), dtype=pl.Float32)
    return pl.when(value.is_finite()).then(value).otherwise(missing).alias(name)
