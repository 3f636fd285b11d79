"""Thinning where all rows would take too long: every n-th row, or all rows of some users.

Promise: the same rows give the same choice, on any machine.
"""

import math

import numpy as np
import polars as pl


def step_to_at_most(rows: int, most: int) -> int:
    """The n for which every n-th of `rows` rows gives at most `most` rows; 1 if `rows` does not exceed `most`."""
    return max(1, math.ceil(rows / most))


def step_to_at_least(rows: int, least: int) -> int:
    """The n for which every n-th of `rows` rows gives at least `least` rows; 1 if there are fewer."""
    return max(1, rows // least)


def rows_of_some_users(rows: pl.DataFrame, most_rows: int, seed: int) -> pl.DataFrame:
    """All rows of randomly drawn users, about `most_rows` rows; `rows` if it has no more."""
    if rows.height <= most_rows:
        return rows
    users = rows["user_id"].unique(maintain_order=True)
    kept = np.random.default_rng(seed).random(users.len()) < most_rows / rows.height
    return rows.filter(pl.col("user_id").is_in(users.filter(pl.Series(kept)).implode()))
