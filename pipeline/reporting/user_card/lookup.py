"""Finds the rows of one user in the pipeline's tables.

Promise: a user who cannot be shown is refused with the reason and with similar ids.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from features.define import DIMENSIONS
from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits
from pipeline.storage.datasets import (
    ACTIVITY,
    PROFILE_TABLE,
)
from pipeline.storage.files import found_whole
from pipeline.storage.frames import bucket_file, buckets_in, read_table, scan_table

_NEAR, _COMPARED = 3, 5_000
_NEEDED = ("login_day", "login_number", "login_probability", *DIMENSIONS)
"""The columns that a card needs."""


def near_ids(asked: str, users: pl.Series) -> list[str]:
    """Up to three ids of `users` that are similar to `asked`. Of many users: with the same beginning or end."""
    if users.len() > _COMPARED:
        half = (len(asked) + 1) // 2
        alike = users.str.starts_with(asked[:half]) | users.str.ends_with(asked[-half:])
        users = users.filter(alike).head(_COMPARED)
    return get_close_matches(asked, users.to_list(), n=_NEAR)


def profile_of(user_id: str, root: Path) -> dict[str, Any]:
    """The row of the user's profile."""
    path = root / PROFILE_TABLE.path
    finish_commits(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.\nMake the profiles: dvc repro profile")
    profile = row_of(path, user_id)
    if profile is not None:
        lacking = [name for name in _NEEDED if name not in profile]
        if lacking:
            raise InputError(
                f"{path}: has no column {', '.join(lacking)}: it was made by another version.\n"
                "Make the profiles again: dvc repro profile"
            )
        return profile
    users = read_table(path, columns=["user_id"])["user_id"]
    if rows_of(root / ACTIVITY.path, user_id, ["user_id"]).height:
        raise InputError(
            f"{path}: user {user_id!r} is in the log, but has no day that counts as a login.\n"
            f"Profiles are of the {users.len():,} users who have one: see presence in the log's contract, and "
            "log.warm_up_days."
        )
    near = near_ids(user_id, users)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "The ids are in its column user_id."
    raise InputError(f"{path}: no user {user_id!r} among {users.len():,}.\n{hint}")


def row_of(path: Path, user_id: str) -> dict[str, Any] | None:
    """The user's row of the table at `path`; None without such a table or such a user."""
    finish_commits(path)
    if not path.is_file():
        return None
    with found_whole(path):
        rows = scan_table(path).filter(pl.col("user_id") == user_id).collect()
    return rows.row(0, named=True) if rows.height else None


def rows_of(folder: Path, user_id: str, columns: Sequence[str]) -> pl.DataFrame:
    """The user's rows of a table in buckets; no row when the table does not exist."""
    finish_commits(folder)
    if not folder.is_dir():
        return pl.DataFrame(schema=list(columns))
    parts = [
        scan_table(bucket_file(folder, bucket)).filter(pl.col("user_id") == user_id).select(columns)
        for bucket in buckets_in(folder)
    ]
    with found_whole(folder):
        return pl.concat(pl.collect_all(parts))
