"""The holdout: users whom nobody contacts, so that the effect of contacting the others can be measured."""

import hashlib

import polars as pl


def arms(user_ids: pl.Series, holdout_share: float, key: str) -> pl.Series:
    """`arm` of each user: "holdout" for `holdout_share` of them, else "contact".

    By the SHA-256 of key and user: a user stays in the same arm on every day and with every model. With a larger share
    the holdout only grows.
    """
    below = round(holdout_share * 2**64)
    drawn = [
        int.from_bytes(hashlib.sha256(f"{key}:{user}".encode()).digest()[:8], "big") < below
        for user in user_ids
    ]
    return pl.Series("arm", ["holdout" if held else "contact" for held in drawn], dtype=pl.String)
