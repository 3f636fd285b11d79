"""Totals over windows by prefix sums: one running sum per measure, one left bound per window.

Cost is linear in user-days and does not grow with a window's length. Sums run over whole numbers, so
one user's total cannot depend on another's rounding, and a window in which nothing happened is exactly 0.
"""

import re
from collections.abc import Iterable

import polars as pl

TOTALS = ("life", "since", "most", "previous", "fresh", "p90")
"""What may follow a measure's name after `@`, beside a number of days."""

_WINDOW = re.compile(r"^(?P<measure>.+)@(?P<days>\d+)d$")
_USER_STRIDE = 1 << 24  # more days than any log has: keys of two users never meet
_EPOCH_OFFSET = 1 << 22  # keeps keys positive, and a window's start inside its own user's stride


def with_totals(days: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """`days` with each total in `names` (`measure@30d`, `@life`, `@since`, `@most`, `state@known`).

    `days`: one row per user and day, sorted by both; measures Int64.
    Raises ValueError when the rows are not sorted or a day stands twice.
    """
    wanted = sorted(set(names) - set(days.columns))
    framed = _framed(days, _indicated(wanted))
    lengths = sorted({length for name in wanted if (length := window_days(name))})
    summed = sorted(
        {name.rpartition("@")[0] for name in wanted if name.endswith("@life") or _WINDOW.match(name)}
    )
    running = framed.with_columns(
        *(_first_row(length) for length in lengths),
        *(pl.col(measure).cum_sum().alias(f"{measure}@run") for measure in summed),
    )
    bounded = running.with_columns(
        pl.col(f"{measure}@run").shift(1, fill_value=0).alias(f"{measure}@until") for measure in summed
    )
    return bounded.select(*days.columns, *(_total(name) for name in wanted))


def measure_of(name: str) -> str:
    """The measure or state that a total is made of: `orders+@30d` is made of `orders`."""
    return name.partition("@")[0].removesuffix("+")


def window_days(name: str) -> int:
    """How many days a total looks back over: `x@30d` over 30; 0 where that is no number of days."""
    match = _WINDOW.match(name)
    return int(match["days"]) if match else 0


def _indicated(names: Iterable[str]) -> list[str]:
    return sorted({measure for name in names if (measure := name.partition("@")[0]).endswith("+")})


def _framed(days: pl.DataFrame, indicators: list[str]) -> pl.DataFrame:
    """Rows numbered, each user's first row known, and a key that grows by user and day."""
    user = pl.col("user_id").rle_id().cast(pl.Int64)
    framed = days.with_row_index("row").with_columns(
        (user * _USER_STRIDE + pl.col("day").cast(pl.Int32).cast(pl.Int64) + _EPOCH_OFFSET).alias("key"),
        user.alias("user"),
        *((pl.col(name.removesuffix("+")) > 0).cast(pl.Int64).alias(name) for name in indicators),
    )
    if not framed["key"].is_sorted() or framed["key"].n_unique() != framed.height:
        raise ValueError("user-days must be sorted by user and day, each once")
    starts = pl.when(pl.col("user") != pl.col("user").shift()).then(pl.col("row"))
    return framed.with_columns(starts.forward_fill().fill_null(0).alias("first@life"))


def _first_row(length: int) -> pl.Expr:
    """The row with which the `length` days that end with this row's day begin."""
    return pl.col("row").rolling_min_by("key", window_size=f"{length}i").alias(f"first@{length}d")


def _total(name: str) -> pl.Expr:
    measure, _, which = name.rpartition("@")
    if which == "known":
        latest = pl.when(pl.col(measure).is_not_null()).then(pl.col("row")).forward_fill()
        own = latest >= pl.col("first@life")
        return pl.col(measure).gather(pl.when(own).then(latest)).alias(name)
    if which == "since":
        latest = pl.when(pl.col(measure) > 0).then(pl.col("key")).forward_fill()
        own = latest >= pl.col("user") * _USER_STRIDE  # no key of an earlier user is as large
        return pl.when(own).then(pl.col("key") - latest).alias(name)
    if which == "most":
        return pl.col(measure).cum_max().over("user").alias(name)
    before = pl.col(f"{measure}@until").gather(pl.col(f"first@{which}"))
    return (pl.col(f"{measure}@run") - before).alias(name)
