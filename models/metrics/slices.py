"""Slices of the test rows: by login number and tenure, by whether training has the user, by the values of a column."""

import polars as pl

from models.bands import BANDS, band_of, highest_reached

_TENURES = ((0, "0"), (1, "1-7"), (8, "8-30"), (31, "31-90"), (91, "91-365"), (366, "366+"))
_MOST_VALUES = 20
_MOST_NUMBERS = 10


def slices(test: pl.DataFrame, training_users: pl.Series) -> dict[str, pl.Series]:
    """The mask of each slice of the rows of `test` (`user_id`, `login_number`), by name."""
    band = test.select(band_of(pl.col("login_number"))).to_series()
    known = test["user_id"].is_in(training_users.unique().implode())
    bands = {f"login_number {name}": band == name for name, _, _ in BANDS}
    return bands | {"user seen in training": known, "user unseen in training": ~known}


def by_tenure(tenure_days: pl.Series) -> dict[str, pl.Series]:
    """The mask of each band of days since the user's first login in the log, by name."""
    band = pl.select(highest_reached(pl.lit(tenure_days), _TENURES)).to_series()
    return {f"tenure_days {name}": band == name for _, name in _TENURES}


def by_column(values: pl.Series) -> dict[str, pl.Series]:
    """The mask of each value of a column, by the column's name and the value; null is "unknown".

    Of text the 20 most frequent values, the rest being "other"; of numbers each of at most 10, or else quarters.
    """
    values = values.fill_nan(None) if values.dtype.is_float() else values
    if values.dtype.is_numeric() and values.n_unique() > _MOST_NUMBERS:
        shown = _quarters(values)
    else:
        shown = values.cast(pl.String).fill_null("unknown")
    counted = shown.alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    frequent = counted["value"].head(_MOST_VALUES).to_list()
    masks = {f"{values.name} {value}": shown == value for value in frequent}
    rest = ~shown.is_in(frequent)
    return masks | ({f"{values.name} other": rest} if rest.any() else {})


def _quarters(values: pl.Series) -> pl.Series:
    """Each number's quarter of all of them, in words."""
    column = pl.col(values.name)
    quarter = values.rank("max") * 4 / values.drop_nulls().len()
    ends = [column.min().over("quarter"), column.max().over("quarter")]
    return (
        values.to_frame()
        .with_columns(quarter.ceil().alias("quarter"))
        .select(
            pl.format("{} to {}", *(end.round_sig_figs(3).cast(pl.String) for end in ends)).fill_null(
                "unknown"
            )
        )
        .to_series()
    )
