"""Dated tables of external data, for all or by country or city, as known on a login day."""

import polars as pl

from features.contract.external_data import ExternalData, Table
from features.define import Feature, external
from features.external.as_of import as_of_join
from features.names import plain
from features.totals import external_column, known_column


def dated_features(external_data: ExternalData) -> tuple[Feature, ...]:
    """One feature for each value of each table: `TABLE_VALUE`."""
    return tuple(
        Feature(
            name=f"{table.name}_{plain(value)}",
            value=external(_column(table, value)),
            dimension="context",
            form="number",
            worse="either",
            cause="SURROUNDINGS",
            unit="as in the table",
            moves=True,
            says=f"{_words(table, value)}: {{value:.4g}}, usually {{own:.4g}}",
            says_missing=f"{_words(table, value)} was not known",
        )
        for table in external_data.tables
        for value in table.values
    )


def with_table(rows: pl.DataFrame, table: Table, published: pl.DataFrame) -> pl.DataFrame:
    """`rows` (`day`, and `country@known` or `city@known` if the table needs it) with the table's values.

    `published`: `date, known_at, known_day`, the values, and `key` unless by date: an ISO code, or a city as
    `city_key` writes it.
    """
    key = {
        "date": None,
        "country": pl.col(known_column("country")),
        "city": city_key(pl.col(known_column("city"))),
    }[table.by]
    by = () if key is None else ("key",)
    keyed = rows if key is None else rows.with_columns(key.alias("key"))
    wanted = keyed.select("day", *by).unique().drop_nulls().sort("day", *by)
    for value in table.values:
        values = as_of_join(wanted, published, by, value, table.max_age_days)
        keyed = keyed.join(
            values.rename({value: external_column(_column(table, value))}),
            on=["day", *by],
            how="left",
            maintain_order="left",
        )
    return keyed.drop(by)


def city_key(city: pl.Expr) -> pl.Expr:
    """`city` for comparison: without outer blanks, in lower case."""
    return city.str.strip_chars().str.to_lowercase()


def _column(table: Table, value: str) -> str:
    return f"table.{table.name}.{value}"


def _words(table: Table, value: str) -> str:
    return f"{plain(value)} ({table.name})".replace("_", " ")
