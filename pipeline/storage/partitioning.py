"""Which bucket of users a user belongs to."""

import zlib

import polars as pl


def bucket_of(user_ids: pl.Series, buckets: int) -> pl.Series:
    """The bucket of each user: CRC-32 of the UTF-8 id, modulo `buckets`; the same on any machine."""
    users = user_ids.unique()
    numbers = [zlib.crc32(user.encode()) % buckets for user in users]
    found = user_ids.replace_strict(users, pl.Series(numbers, dtype=pl.Int32), return_dtype=pl.Int32)
    return found.cast(pl.Int32)  # Polars leaves a column without rows as it is
