"""Reads tables of external data, from files and databases: every cell as text, or in its own type.

Promise: an unreadable date or time stops the run with its file, row and column.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.contract.model import Contract
from features.contract.time import Time
from features.timestamps import has_clock, read_instants
from pipeline.database.is_url import is_url
from pipeline.errors import InputError
from pipeline.external.arrow_values import frame_of

_DATE_LENGTH = len("2024-01-31")


def read_table(
    path: str,
    stored_as: str | None,
    key: str,
    needed: Sequence[str] | None = None,
    optional: Sequence[str] = (),
) -> pl.DataFrame:
    """The table at `path`, blank cells as null. `key`: the setting that names it.

    `path`: a file, or the SQL URL of a table, of which only the columns `needed` are read (null: all) and those of
    `optional` that it has. `stored_as`: csv, parquet or sql; None: by the path. Raises InputError when it cannot be
    read, or is no file and lacks a needed column, ServerError when the database stays down.
    """
    if is_url(path):
        return _from_database(path, key, needed, optional)
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{path}: there is no such file.\nCorrect {key} = {path!r}.")
    parquet = stored_as == "parquet" or (stored_as is None and file.suffix == ".parquet")
    try:
        return _trimmed(_stripped(_parquet(file) if parquet else pl.read_csv(file, infer_schema=False), path))
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"{path}: cannot be read as {'parquet' if parquet else 'csv'}: {why}\n"
            f"Export it again, or correct {key}."
        ) from error


def _parquet(file: Path) -> pl.DataFrame:
    stored = pq.ParquetFile(file)
    names = stored.schema_arrow.names
    _refuse_twice(names, str(file))
    frames = [frame_of(batch) for batch in stored.iter_batches()]
    empty = frame_of(pa.RecordBatch.from_pylist([], schema=stored.schema_arrow))
    return pl.concat([empty, *frames], how="vertical_relaxed")


def _stripped(table: pl.DataFrame, path: str) -> pl.DataFrame:
    """`table` without blanks around the names of its columns."""
    names = [name.strip() for name in table.columns]
    _refuse_twice(names, path)
    return table.rename(dict(zip(table.columns, names, strict=True)))


def _refuse_twice(names: Sequence[str], path: str) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{path}: two columns are named {twice[0]!r}.\nRename one of them.")


def _from_database(url: str, key: str, needed: Sequence[str] | None, optional: Sequence[str]) -> pl.DataFrame:
    from pipeline.database.reading import with_chunks  # noqa: PLC0415  # SQLAlchemy takes 0.4 s to import
    from pipeline.database.url import table_url  # noqa: PLC0415  # likewise

    return with_chunks(table_url(url, key), lambda chunks: pl.concat(map(_trimmed, chunks)), needed, optional)


def _trimmed(table: pl.DataFrame) -> pl.DataFrame:
    """`table` with blanks around texts taken away, and blank texts as null."""
    texts = table.with_columns(pl.col(pl.String).str.strip_chars())
    return texts.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())


def need_columns(table: pl.DataFrame, names: list[str], path: str, why: str) -> None:
    """Raise InputError when `table` lacks one of `names`, or when its cells are lists. `why`: what needs them."""
    for name in names:
        if name not in table.columns:
            raise InputError(
                f"{path}: has no column {name!r}, which {why}.\n"
                f"Its columns: {', '.join(table.columns)}. Add or correct it."
            )
        kind = table.schema[name]
        if kind.is_nested() or isinstance(kind, pl.Binary | pl.Duration):
            raise InputError(
                f"{path}: column {name!r} holds {kind}, not one value.\n"
                "Give a column of text, numbers or times."
            )


def dates_of(column: pl.Series, path: str, *, needed: bool) -> pl.Series:
    """The dates in `column`, without times of day. Raises InputError for a cell without a date."""
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        read = column.cast(pl.Date)
    else:
        read = column.cast(pl.String).str.to_date("%Y-%m-%d", strict=False)
    _check_read(column, read, path, "date", "Write YYYY-MM-DD", needed=needed)
    return read


def instants_of(
    column: pl.Series, path: str, contract: Contract, *, needed: bool, time: Time | None = None
) -> pl.DataFrame:
    """`at` (UTC) and `day` (of the log) of each time in `column`: ISO 8601, as `time` says, or a type of time.

    A date without time of day is that day of the log; a time without offset is local to the zone of `time`, without it
    of the contract. Raises InputError for a cell that holds no time.
    """
    formats, zone = (None,) if time is None else time.formats, (time or contract.time).timezone
    plain_dates = column.dtype == pl.Date
    timed = plain_dates or isinstance(column.dtype, pl.Datetime)
    written = column if timed else column.cast(pl.String)
    at = read_instants(written, formats, zone).alias("at")
    to_do = "Write ISO 8601, such as 2024-01-31 or 2024-01-31T09:30:00Z"
    if time is not None:
        to_do = f"Its contract says users.time.format = {time.format!r}: correct one of them"
    _check_read(column, at, path, "time", to_do, needed=needed)
    day = at.to_frame().select(contract.known_day_of(pl.col("at")).alias("day")).to_series()
    if plain_dates:
        day = column
    elif not timed and time is not None:
        if not has_clock(formats):
            day = at.dt.convert_time_zone(zone).dt.date()
    elif not timed:
        dated = written.str.len_chars() == _DATE_LENGTH
        day = written.str.to_date("%Y-%m-%d", strict=False).zip_with(dated.fill_null(value=False), day)
    return pl.DataFrame([at, day.alias("day")])


def numbers_of(column: pl.Series, path: str) -> pl.Series:
    """The numbers in `column`, null where a cell is empty. Raises InputError for a cell that holds none."""
    read = column.cast(pl.Float64, strict=False)
    given = column.is_not_null()
    if column.dtype.is_float():
        given &= column.is_not_nan()
    wrong = given & ~read.is_finite().fill_null(value=False)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise InputError(
            f"{path}: row {row + 1}: {column.name} = {column[row]!r} is no number.\n"
            "Write 1234.5, or leave the cell empty where there is no value."
        )
    return read.fill_nan(None)


def _check_read(
    column: pl.Series, read: pl.Series, path: str, what: str, to_do: str, *, needed: bool
) -> None:
    wrong = read.is_null() if needed else read.is_null() & column.is_not_null()
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise InputError(f"{path}: row {row + 1}: {column.name} = {column[row]!r} is no {what}.\n{to_do}.")
