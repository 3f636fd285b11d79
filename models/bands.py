"""Bands of login numbers: users are evaluated and compared with users of a similar number of logins."""

from collections.abc import Sequence

import polars as pl

BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("1", 1, 1),
    ("2-5", 2, 5),
    ("6-20", 6, 20),
    ("21+", 21, None),
)
"""Name, first and last login number."""


def band_of(login_number: pl.Expr) -> pl.Expr:
    """The band of a login number: "1", "2-5", "6-20" or "21+"."""
    return highest_reached(login_number, tuple((first, name) for name, first, _ in BANDS))


def highest_reached(value: pl.Expr, bands: Sequence[tuple[int, str]]) -> pl.Expr:
    """The name of the last of `bands` (first number, name) whose first number `value` reaches."""
    band = pl.lit(bands[0][1])
    for first, name in bands[1:]:
        band = pl.when(value >= first).then(pl.lit(name)).otherwise(band)
    return band
