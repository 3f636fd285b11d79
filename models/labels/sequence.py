"""Login rows as sequences: one number per row that orders by user and day.

Promise: rows that are not one run per user in order of days are refused.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.errors import DataError

USER_STRIDE = 2**22  # more days than any calendar has: the keys of two users never overlap
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """`day` in days since 1970-01-01, as Polars stores it."""
    return (day - _EPOCH).days


def day_numbers(rows: pl.DataFrame) -> NDArray[np.int64]:
    """The login days of `rows` in days since 1970-01-01."""
    return rows["login_day"].to_physical().cast(pl.Int64).to_numpy()


def user_codes(rows: pl.DataFrame) -> NDArray[np.int64]:
    """0, 1, 2, … for the first, second, third user in `rows`."""
    return rows["user_id"].rle_id().cast(pl.Int64).to_numpy()


def sequence_keys(rows: pl.DataFrame) -> NDArray[np.int64]:
    """`user code * USER_STRIDE + day` of each row: strictly increasing; within a user the difference is in days.

    `np.searchsorted(keys, keys + n)` gives for every row the user's position n days later.
    Raises DataError when a user's rows do not follow one another, or a day is out of order or double.
    """
    codes = user_codes(rows)
    keys = (codes + 1) * USER_STRIDE + day_numbers(rows)
    if rows.height and codes[-1] + 1 != rows["user_id"].n_unique():
        raise DataError(
            "login rows: a user's rows do not follow one another.\n"
            f"There are {rows['user_id'].n_unique()} users in {codes[-1] + 1} runs.\n"
            "Sort the rows by user_id and login_day."
        )
    wrong = np.flatnonzero(np.diff(keys) <= 0)
    if len(wrong):
        user, day = rows["user_id"][int(wrong[0]) + 1], rows["login_day"][int(wrong[0]) + 1]
        raise DataError(
            f"login rows: user {user!r} has {day} twice or after a later day.\n"
            "Expected one row per user and login day, in order of days.\n"
            "Sort the rows by user_id and login_day, and keep one row per day."
        )
    return keys
