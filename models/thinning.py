"""Fewer rows or users where all would take too long: every n-th, or all rows of some users.

Promise: the same rows give the same choice, on any machine.
"""

import math

import numpy as np
import polars as pl


def step_to_at_most(rows: int, most: int) -> int:
    """The n with which every n-th of `rows` rows makes at most `most`; 1 where there are no more."""
    return max(1, math.ceil(rows / most))


def step_to_at_least(rows: int, least: int) -> int:
    """The n with which every n-th of `rows` rows still makes `least` or more; 1 where there are fewer."""
    return max(1, rows // least)


def rows_of_some_users(rows: pl.DataFrame, most_rows: int, seed: int) -> pl.DataFrame:
    """All rows of as many users, drawn at random, as make about `most_rows`; `rows` where there are no more."""
    if rows.height <= most_rows:
        return rows
    users = rows["user_id"].unique(maintain_order=True)
    kept = np.random.default_rng(seed).random(users.len()) < most_rows / rows.height
    return rows.filter(pl.col("user_id").is_in(users.filter(pl.Series(kept)).implode()))
