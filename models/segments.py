"""Parts of the test rows that are judged apart: how far the user has come, and whether training knew them."""

import polars as pl

BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("1", 1, 1),
    ("2-5", 2, 5),
    ("6-20", 6, 20),
    ("21+", 21, None),
)


def band_of(login_number: pl.Expr) -> pl.Expr:
    """The band of a login number: "1", "2-5", "6-20" or "21+"."""
    band = pl.lit(BANDS[0][0])
    for name, first, _ in BANDS[1:]:
        band = pl.when(login_number >= first).then(pl.lit(name)).otherwise(band)
    return band


def segments(test: pl.DataFrame, training_users: pl.Series) -> dict[str, pl.Series]:
    """The mask of each segment over the rows of `test` (`user_id`, `login_number`), by name."""
    band = test.select(band_of(pl.col("login_number"))).to_series()
    seen = test["user_id"].is_in(training_users.unique().implode())
    bands = {f"login_number {name}": band == name for name, _, _ in BANDS}
    return bands | {"user seen in training": seen, "user unseen in training": ~seen}
