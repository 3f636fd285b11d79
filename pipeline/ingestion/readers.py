"""Reads the files of a log in chunks: CSV, fixed width, JSON lines or arrays, Parquet.

Promise: memory is bounded by a chunk. Every line comes out once, as a row or as a broken line with its text.
"""

import errno
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa

from features.contract.model import Contract
from features.events.asked import Asked, utf_8
from features.events.extraction import REJECTED, check_columns
from features.events.fields import FILE, LINE, TEXT
from pipeline.errors import InputError
from pipeline.ingestion.column_names import refuse_names, usable
from pipeline.ingestion.csv_records import Layout, Records, cut_records, fields_of, rejected, split_records
from pipeline.ingestion.json_records import chunks_of_texts, object_of
from pipeline.ingestion.lines import LONGEST_LINE, TooLong, chunk_of, lines_of
from pipeline.ingestion.opening import text_of
from pipeline.ingestion.parquet_records import frames_of

_NONE_BROKEN = pl.DataFrame(schema=REJECTED)
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_DAMAGED = (lzma.LZMAError, zlib.error, zipfile.BadZipFile)
_MOST_OBJECTS = 200_000  # Python's objects take some ten times the memory of their text


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of a log, how it is read, and how many lines at a time."""

    path: Path
    contract: Contract
    chunk_rows: int
    asked: Asked


def read_log(files: Iterable[Path], contract: Contract, chunk_rows: int) -> Iterator[Records]:
    """The rows of `files` by chunks of `chunk_rows` lines, with FILE, LINE and (text formats) TEXT.

    Files may have other columns beside those that the contract asks for, other types, and another order. A column that
    the contract asks for and a file lacks comes from a folder of its path, such as `dt=2024-03-01`. A path into nested
    values becomes a column of its name.
    Raises InputError for a file that cannot be read; ContractError when the contract asks for a column that a file (of
    JSON, and for a path: the whole log) does not have.
    """
    asked = Asked(contract)
    for path, chunk in raw_chunks(files, contract, chunk_rows, asked):
        check_columns(contract, chunk.rows.columns, str(path))
        yield chunk
    asked.refuse_missing()


def raw_chunks(
    files: Iterable[Path], contract: Contract, chunk_rows: int, asked: Asked
) -> Iterator[tuple[Path, Records]]:
    """As `read_log`, each chunk with its file, whatever columns it has; `asked` remembers what the log has."""
    for path in files:
        beside = folder_values(path)
        for chunk in _chunks(_Source(path, contract, chunk_rows, asked)):
            rows = _with_folders(chunk.rows, beside, asked)
            asked.has(rows)
            rows = asked.with_absent(rows) if contract.format == "jsonl" else asked.with_paths(rows)
            yield path, Records(rows, chunk.broken)


def folder_values(path: Path) -> dict[str, str | None]:
    """The values in the names of the folders above `path`, as Hive and Spark write them: `name=value`."""
    named = [folder.partition("=") for folder in path.parts[:-1] if "=" in folder]
    return {unquote(name): None if value == _NO_VALUE else unquote(value) for name, _, value in named}


def _with_folders(rows: pl.DataFrame, beside: dict[str, str | None], asked: Asked) -> pl.DataFrame:
    absent = [name for name in beside if name in asked.keys and name not in rows.columns]
    return rows.with_columns(pl.lit(beside[name], pl.String).alias(name) for name in absent)


def _chunks(source: _Source) -> Iterator[Records]:
    read = {"csv": _csv_chunks, "jsonl": _jsonl_chunks, "parquet": _parquet_chunks}[source.contract.format]
    with refused_if_damaged(source.path, source.contract.format):
        yield from read(source)


@contextmanager
def refused_if_damaged(path: Path, stored_as: str) -> Iterator[None]:
    """Raise InputError for what reading the file `path` raises when its content is damaged or not `stored_as`."""
    try:
        yield
    except (OSError, EOFError, UnicodeError, *_DAMAGED, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"{path}: cannot be read as {stored_as}: {why}\n"
            "Export the file again, or correct format in the contract."
        ) from error


def _csv_chunks(source: _Source) -> Iterator[Records]:
    with text_of(source.path, source.contract) as stream:
        every = lines_of(stream)
        layout, line, left = _layout(source, every)
        while True:
            new = chunk_of(every, source.chunk_rows)
            if not new and not left:
                return
            lines = left + new
            too_long = {}
            if TooLong in set(map(type, lines)):
                too_long = {at: str(text) for at, text in enumerate(lines) if isinstance(text, TooLong)}
                lines = ["" if at in too_long else text for at, text in enumerate(lines)]
            if source.contract.csv.fixed_width:
                records, left = _whole_lines(lines), []
            else:
                records, left = cut_records(lines, layout, final=not new)
            placed = _placed(records, source.path, line)
            widths = source.contract.csv.fixed_width
            split = _split_fixed(placed, widths) if widths else split_records(placed, layout)
            yield _with_too_long(split, too_long, source.path, line) if too_long else split
            line += len(lines) - len(left)


def _with_too_long(records: Records, too_long: dict[int, str], path: Path, first_line: int) -> Records:
    """`records`, and the lines that are too long among the broken ones. `too_long`: offset to beginning of a line."""
    texts = pl.DataFrame({"offset": list(too_long), TEXT: list(too_long.values())})
    broken = rejected(_placed(texts, path, first_line), "line_too_long")
    return Records(records.rows, pl.concat([records.broken, broken]))


def _layout(source: _Source, lines: Iterator[str]) -> tuple[Layout, int, list[str]]:
    """The layout of the file, the number of the first line of data, and the data lines already read."""
    csv = source.contract.csv
    if csv.fixed_width:
        header = next(lines, "") if csv.header else ""
        return Layout("", tuple(csv.fixed_width)), 2 if header else 1, []
    skipped = [next(lines, "") for _ in range(csv.skip_lines)]
    read = [next(lines, "")]
    while read[-1] in ("\n", "\r\n") or _is_comment(read[-1], csv.comment):
        skipped.append(read.pop())
        read.append(next(lines, ""))
    first, position = read[-1], len(skipped) + 1
    if isinstance(first, TooLong):
        raise InputError(
            f"{source.path}:{position}: a line of more than {LONGEST_LINE:,} characters that begins {first[:40]!r}.\n"
            "Expected the names of the columns, or the first event. Export the file again, with line ends, or "
            "correct format in the contract."
        )
    names = [name.strip() for name in fields_of(first, csv.separator) or [""]]
    if not csv.header:
        return Layout(csv.separator, tuple(f"column_{i}" for i in range(1, len(names) + 1))), position, read
    named = tuple(name or f"column_{i}" for i, name in enumerate(names, 1))
    refuse_names(named, f"{source.path}:{position}")
    return Layout(csv.separator, named), position + 1, []


def _is_comment(line: str, mark: str | None) -> bool:
    return mark is not None and line.startswith(mark)


def _whole_lines(lines: list[str]) -> pl.DataFrame:
    texts = pl.Series(TEXT, lines, dtype=pl.String).str.strip_suffix("\n").str.strip_suffix("\r")
    frame = pl.DataFrame({"offset": pl.int_range(len(lines), eager=True), TEXT: texts})
    return frame.filter(pl.col(TEXT).str.strip_chars() != "")


def _placed(records: pl.DataFrame, path: Path, first_line: int) -> pl.DataFrame:
    line = (pl.col("offset") + first_line).cast(pl.Int64)
    return records.select(pl.lit(str(path)).alias(FILE), line.alias(LINE), TEXT)


def _split_fixed(records: pl.DataFrame, widths: dict[str, tuple[int, int]]) -> Records:
    reaches = pl.col(TEXT).str.len_chars() > max(start for start, _ in widths.values())
    slices = {
        name: pl.col(TEXT).str.slice(start, stop - start).str.strip_chars()
        for name, (start, stop) in widths.items()
    }
    cut = [pl.when(value != "").then(value).alias(name) for name, value in slices.items()]
    return Records(
        records.filter(reaches).select(*cut, FILE, LINE, TEXT),
        rejected(records.filter(~reaches), "wrong_number_of_fields"),
    )


def _jsonl_chunks(source: _Source) -> Iterator[Records]:
    with text_of(source.path, source.contract) as stream:
        for texts in chunks_of_texts(stream, min(source.chunk_rows, _MOST_OBJECTS)):
            placed = pl.DataFrame(
                {LINE: [line for line, _ in texts], TEXT: [text for _, text in texts]},
                schema={LINE: pl.Int64, TEXT: pl.String},
            ).select(pl.lit(str(source.path)).alias(FILE), LINE, TEXT)
            parsed = [object_of(text) for _, text in texts]
            readable = pl.Series([one is not None for one in parsed], dtype=pl.Boolean)
            too_long = pl.Series([isinstance(text, TooLong) for _, text in texts], dtype=pl.Boolean)
            objects = [one for one in parsed if one is not None]
            rows = placed.filter(readable)
            columns = [column for column in source.asked.of_objects(objects) if usable(column.name)]
            unreadable = rejected(placed.filter(~readable & ~too_long), "unreadable_line")
            yield Records(
                rows.hstack(columns),
                pl.concat([unreadable, rejected(placed.filter(too_long), "line_too_long")]),
            )


def _parquet_chunks(source: _Source) -> Iterator[Records]:
    row = 1
    for rows in frames_of(source.path, source.chunk_rows):
        position = [
            pl.lit(str(source.path)).alias(FILE),
            pl.int_range(row, row + rows.height, dtype=pl.Int64).alias(LINE),
        ]
        yield Records(rows.with_columns(*_texts(rows, source.asked), *position), _NONE_BROKEN)
        row += rows.height


def _texts(rows: pl.DataFrame, asked: Asked) -> Iterator[pl.Series]:
    """The columns of bytes that the contract asks for, as UTF-8 text."""
    return (
        utf_8(rows[name]) for name, kind in rows.schema.items() if kind == pl.Binary and asked.reads(name)
    )
