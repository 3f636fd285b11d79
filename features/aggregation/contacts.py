"""Measures of a user's contacts: received ones, answers, new counterparts, and counterparts gone silent.

Promise: they depend on the user's own and received events only, as known at each day's end. A pair is a user and one
counterpart. An event that names its own user is no contact.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from features.events.received import OWN, RECEIVED, ROLE

ANSWERED_WITHIN = timedelta(days=14)
REGULAR_DAYS = 3
"""A counterpart is regular after at least this number of days with contact."""
LEAST_SILENCE_DAYS, SILENCE_GAPS = 7, 3
"""A regular counterpart has ceased after more silent days than both: these, and this number of its mean gaps."""

_USER_STRIDE = 1 << 32
_DAY_OFFSET = 1 << 31


def with_contacts(days: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """`days` with each of CONTACT_MEASURES, as Int64.

    `days`: one row per user and day, sorted. `events`: own and received ones, with `day_row`, the row in `days`.
    """
    met = _met(days, events)
    got = pl.col(ROLE) == RECEIVED
    counted = {
        "received": met.filter(got),
        "replies": met.filter(got & _answers()),
        "new_counterparts": met.filter(pl.col("row") == pl.col("first")),
    }
    return days.with_columns(
        *(
            pl.Series(name, np.bincount(rows["day_row"].to_numpy(), minlength=days.height))
            for name, rows in counted.items()
        ),
        *_regular_and_ceased(days, met),
    )


def _met(days: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The contacts by pair and time, with `row` and `first`, the row of the pair's first contact."""
    user = days["user_id"].rle_id().cast(pl.Int64)
    narrow = events.select("day_row", "day", "at", ROLE, "user_id", "counterpart")
    named = narrow.filter(pl.col("counterpart") != pl.col("user_id"))
    code = pl.col("counterpart").cast(pl.Categorical).to_physical().cast(pl.Int64)
    placed = named.select("day_row", "day", "at", ROLE, code.alias("code")).with_columns(
        user.gather(named["day_row"]).alias("user")
    )
    # At one instant received events come first, so that "earlier" below is strictly earlier.
    ordered = placed.with_columns((pl.col("user") * _USER_STRIDE + pl.col("code")).alias("pair")).sort(
        "pair", "at", pl.col(ROLE) == OWN
    )
    return _with_first(ordered)


def _with_first(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` (sorted by `pair`) numbered, each with the row at which its pair begins."""
    begins = (pl.col("pair") != pl.col("pair").shift()).fill_null(value=True)
    numbered = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    return numbered.with_columns(pl.when(begins).then("row").forward_fill().alias("first"))


def _answers() -> pl.Expr:
    """Whether the user has contacted the sender within `ANSWERED_WITHIN` before."""
    if_own = pl.when(pl.col(ROLE) == OWN)
    contacted = if_own.then(pl.col("row")).forward_fill() >= pl.col("first")
    return contacted & (pl.col("at") - if_own.then(pl.col("at")).forward_fill() <= ANSWERED_WITHIN)


def _regular_and_ceased(days: pl.DataFrame, met: pl.DataFrame) -> list[pl.Series]:
    """Per user-day the number of regular counterparts, and the number of those that have ceased."""
    changes = _changes(met)
    user = days["user_id"].rle_id().cast(pl.Int64)
    wanted = days.select(
        (user * _USER_STRIDE + _DAY_OFFSET + pl.col("day").to_physical()).alias("key"), user=user
    )
    latest = wanted.join_asof(changes, on="key", check_sortedness=False)
    same_user = pl.col("user") == pl.col("user_right")
    names = ("regular_counterparts", "ceased_counterparts")
    return latest.select(
        pl.when(same_user).then(name).fill_null(0).alias(name) for name in names
    ).get_columns()


def _changes(met: pl.DataFrame) -> pl.DataFrame:
    """`key` (user and day), `user`, and the numbers of regular and ceased counterparts from that day on.

    A pair ceases on the first day of too much silence, and stops being ceased on the day of its next contact (`next`):
    no change takes effect before its day.
    """
    touched = met.filter(
        (pl.col("day") != pl.col("day").shift()).fill_null(value=True) | (pl.col("row") == pl.col("first"))
    )
    days = _with_first(touched.select("pair", "user", pl.col("day").to_physical().cast(pl.Int64)))
    number = pl.col("row") - pl.col("first") + 1
    span = pl.col("day") - pl.col("day").gather(pl.col("first"))
    patience = pl.max_horizontal(SILENCE_GAPS * span // (number - 1), LEAST_SILENCE_DAYS)
    regular = days.with_columns(
        number.alias("number"),
        (pl.col("day") + patience + 1).alias("silent_from"),
        pl.when(pl.col("pair").shift(-1) == pl.col("pair")).then(pl.col("day").shift(-1)).alias("next"),
    ).filter(pl.col("number") >= REGULAR_DAYS)
    silent = regular.filter(pl.col("next").is_null() | (pl.col("next") > pl.col("silent_from")))
    moves = pl.concat(
        [
            _move(regular.filter(pl.col("number") == REGULAR_DAYS), "day", 1, 0),
            _move(silent, "silent_from", 0, 1),
            _move(silent.drop_nulls("next"), "next", 0, -1),
        ]
    )
    summed = moves.group_by("key", "user").agg(pl.col("^.*_counterparts$").sum()).sort("key")
    return summed.with_columns(pl.col("^.*_counterparts$").cum_sum().over("user"))


def _move(pairs: pl.DataFrame, on: str, regular: int, ceased: int) -> pl.DataFrame:
    return pairs.select(
        (pl.col("user") * _USER_STRIDE + _DAY_OFFSET + pl.col(on)).alias("key"),
        "user",
        pl.lit(regular, pl.Int64).alias("regular_counterparts"),
        pl.lit(ceased, pl.Int64).alias("ceased_counterparts"),
    )
