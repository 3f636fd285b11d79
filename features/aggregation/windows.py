"""Totals over windows by prefix sums: one running sum per measure, one left bound per window.

Cost is linear in user-days and does not grow with a window's length. Sums run over whole numbers, so
one user's total cannot depend on another's rounding, and a window in which nothing happened is exactly 0.
"""

from collections.abc import Iterable

import polars as pl

from features.totals import Total

_USER_STRIDE = 1 << 24  # more days than any log has: the keys of two users never overlap
_EPOCH_OFFSET = 1 << 22  # keeps keys positive, and the start of a window within the stride of its user
_FIRST_OF_USER = "first row of user"


def with_totals(days: pl.DataFrame, totals: Iterable[Total]) -> pl.DataFrame:
    """`days` with a column for each of `totals`: over days, `life`, `since`, `most` or `known`.

    `days`: one row per user and day, sorted by both; measures Int64.
    Raises ValueError when the rows are not sorted or a day occurs twice.
    """
    present = set(days.columns)
    wanted = sorted((one for one in set(totals) if one.column not in present), key=lambda total: total.column)
    framed = _framed(days, wanted)
    lengths = sorted({total.days for total in wanted if total.days})
    summed = sorted({total.measure for total in wanted if total.days or total.window == "life"})
    running = framed.with_columns(
        *(_first_row(length) for length in lengths),
        *(pl.col(measure).cum_sum().alias(_running(measure)) for measure in summed),
    )
    bounded = running.with_columns(
        pl.col(_running(measure)).shift(1, fill_value=0).alias(_until(measure)) for measure in summed
    )
    return bounded.select(*days.columns, *(_value(total).alias(total.column) for total in wanted))


def _framed(days: pl.DataFrame, totals: Iterable[Total]) -> pl.DataFrame:
    """`days` with row numbers, the first row of each user, and a key that grows by user and day."""
    user = pl.col("user_id").rle_id().cast(pl.Int64)
    counted = {total.measure: total.source for total in totals if total.counts_days}
    framed = days.with_row_index("row").with_columns(
        (user * _USER_STRIDE + pl.col("day").cast(pl.Int32).cast(pl.Int64) + _EPOCH_OFFSET).alias("key"),
        user.alias("user"),
        *((pl.col(source) > 0).cast(pl.Int64).alias(measure) for measure, source in sorted(counted.items())),
    )
    if not framed["key"].is_sorted() or framed["key"].n_unique() != framed.height:
        raise ValueError("user-days must be sorted by user and day, each once")
    starts = pl.when(pl.col("user") != pl.col("user").shift()).then(pl.col("row"))
    return framed.with_columns(starts.forward_fill().fill_null(0).alias(_FIRST_OF_USER))


def _first_row(length: int) -> pl.Expr:
    """The first row of the `length` days that end with this row's day."""
    return pl.col("row").rolling_min_by("key", window_size=f"{length}i").alias(_first(length))


def _value(total: Total) -> pl.Expr:
    measure = total.measure
    if total.window == "known":
        latest = pl.when(pl.col(measure).is_not_null()).then(pl.col("row")).forward_fill()
        same_user = latest >= pl.col(_FIRST_OF_USER)
        return pl.col(measure).gather(pl.when(same_user).then(latest))
    if total.window == "since":
        latest = pl.when(pl.col(measure) > 0).then(pl.col("key")).forward_fill()
        same_user = latest >= pl.col("user") * _USER_STRIDE  # no key of an earlier user is as large
        return pl.when(same_user).then(pl.col("key") - latest)
    if total.window == "most":
        return pl.col(measure).cum_max().over("user")
    first = _first(total.days) if total.days else _FIRST_OF_USER
    return pl.col(_running(measure)) - pl.col(_until(measure)).gather(pl.col(first))


def _first(length: int) -> str:
    return f"first row of {length} days"


def _running(measure: str) -> str:
    return f"{measure}, running sum"


def _until(measure: str) -> str:
    return f"{measure}, running sum until the row before"
