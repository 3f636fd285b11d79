"""Reads the files of a log in chunks: CSV, fixed width, JSON lines, Parquet; plain, gzip or zstd.

Promise: memory is bounded by a chunk. Every line comes out once, as a row or as a broken line with its text.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from features.contract.model import Contract
from features.events.extraction import FILE, LINE, REJECTED, TEXT, check_columns
from pipeline.errors import InputError
from pipeline.ingestion.csv_records import Layout, Records, cut_records, fields_of, rejected, split_records

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_NONE_BROKEN = pl.DataFrame(schema=REJECTED)
_UTF8 = ("utf-8", "utf8", "utf_8")
_MOST_OBJECTS = 200_000  # Python's objects take some ten times the memory of their text


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of a log, how it is read, and how many lines at a time."""

    path: Path
    contract: Contract
    chunk_rows: int


def read_log(files: Iterable[Path], contract: Contract, chunk_rows: int) -> Iterator[Records]:
    """The rows of `files` by chunks of `chunk_rows` lines, with FILE, LINE and (text formats) TEXT.

    Raises InputError for a file that cannot be read or differs from the first in its columns;
    ContractError when the contract asks for a column that the log does not have.
    """
    first: tuple[Path, pl.Schema] | None = None
    columns: set[str] = set()
    for path in files:
        for chunk in _chunks(_Source(path, contract, chunk_rows)):
            if contract.format == "jsonl":
                columns.update(chunk.rows.columns)
                yield Records(_with_asked(chunk.rows, contract), chunk.broken)
                continue
            if first is None:
                first = path, chunk.rows.schema
                check_columns(contract, chunk.rows.columns, str(path))
            _check_same(path, chunk.rows.schema, *first)
            yield chunk
    if contract.format == "jsonl":
        check_columns(contract, sorted(columns), str(path))


def _chunks(source: _Source) -> Iterator[Records]:
    read = {"csv": _csv_chunks, "jsonl": _jsonl_chunks, "parquet": _parquet_chunks}[source.contract.format]
    try:
        yield from read(source)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{source.path}: cannot be read as {source.contract.format}: {str(error).splitlines()[0]}\n"
            "Export the file again, or correct format in the contract."
        ) from error


def _opened(path: Path) -> pa.NativeFile:
    with path.open("rb") as file:
        start = file.read(4)
    compression = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
    return pa.input_stream(str(path), compression=compression)


def _lines(source: _Source) -> io.TextIOWrapper:
    """The physical lines of the file, with their ends. Bytes that are not text in the encoding become U+FFFD."""
    encoding = source.contract.csv.encoding
    with_mark = "utf-8-sig" if encoding.lower() in _UTF8 else encoding
    return io.TextIOWrapper(_opened(source.path), encoding=with_mark, errors="replace", newline="\n")


def _csv_chunks(source: _Source) -> Iterator[Records]:
    with _lines(source) as stream:
        layout, line, left = _layout(source, stream)
        while True:
            new = list(islice(stream, source.chunk_rows))
            if not new and not left:
                return
            lines = left + new
            if source.contract.csv.fixed_width:
                records, left = _whole_lines(lines), []
            else:
                records, left = cut_records(lines, layout, final=not new)
            placed = _placed(records, source.path, line)
            widths = source.contract.csv.fixed_width
            yield _split_fixed(placed, widths) if widths else split_records(placed, layout)
            line += len(lines) - len(left)


def _layout(source: _Source, stream: io.TextIOWrapper) -> tuple[Layout, int, list[str]]:
    """The layout of the file, the number of the first line of data, and the data lines already read."""
    csv = source.contract.csv
    if csv.fixed_width:
        skipped = next(stream, "") if csv.header else ""
        return Layout("", tuple(csv.fixed_width)), 2 if skipped else 1, []
    read = [next(stream, "")]
    while read[-1] in ("\n", "\r\n"):
        read.append(next(stream, ""))
    first, position = read[-1], len(read)
    names = [name.strip() for name in fields_of(first, csv.separator) or [""]]
    if not csv.header:
        return Layout(csv.separator, tuple(f"column_{i}" for i in range(1, len(names) + 1))), 1, read
    named = tuple(name or f"column_{i}" for i, name in enumerate(names, 1))
    twice = [name for name in named if named.count(name) > 1]
    if twice:
        raise InputError(
            f"{source.path}:{position}: two columns are named {twice[0]!r}.\nRename one of them."
        )
    return Layout(csv.separator, named), position + 1, []


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
    line = 1
    with _lines(source) as stream:
        while lines := list(islice(stream, min(source.chunk_rows, _MOST_OBJECTS))):
            placed = _placed(_whole_lines(lines), source.path, line)
            parsed = [_object(text) for text in placed[TEXT]]
            readable = pl.Series([one is not None for one in parsed], dtype=pl.Boolean)
            objects = [one for one in parsed if one is not None]
            names = [
                name
                for name in dict.fromkeys(key for one in objects for key in one)
                if name not in (FILE, LINE, TEXT)
            ]
            columns = [
                pl.Series(name, [_as_text(one.get(name)) for one in objects], dtype=pl.String)
                for name in names
            ]
            rows = placed.filter(readable)
            yield Records(rows.hstack(columns), rejected(placed.filter(~readable), "unreadable_line"))
            line += len(lines)


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object of one line, numbers as text; None when the line holds no object."""
    try:
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _with_asked(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    absent = [name for name in contract.raw_columns if name not in rows.columns]
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def _parquet_chunks(source: _Source) -> Iterator[Records]:
    stream = _opened(source.path)
    compressed = not stream.seekable()
    file = pq.ParquetFile(pa.BufferReader(stream.read()) if compressed else stream)
    row = 1
    for batch in file.iter_batches(batch_size=source.chunk_rows):
        rows = pl.DataFrame(pl.from_arrow(batch))
        position = [
            pl.lit(str(source.path)).alias(FILE),
            pl.int_range(row, row + rows.height, dtype=pl.Int64).alias(LINE),
        ]
        yield Records(rows.with_columns(*_texts(rows, source.contract), *position), _NONE_BROKEN)
        row += batch.num_rows


def _texts(rows: pl.DataFrame, contract: Contract) -> Iterator[pl.Series]:
    """The columns of bytes that the contract asks for, as UTF-8 text. Other bytes become U+FFFD."""
    for name in contract.raw_columns:
        if rows.schema.get(name) == pl.Binary:
            texts = [None if value is None else value.decode("utf-8", "replace") for value in rows[name]]
            yield pl.Series(name, texts, dtype=pl.String)


def _check_same(path: Path, schema: pl.Schema, first: Path, expected: pl.Schema) -> None:
    if schema == expected:
        return
    in_file = {f"{name} ({dtype})" for name, dtype in schema.items()}
    in_first = {f"{name} ({dtype})" for name, dtype in expected.items()}
    differences = [f"only here: {name}" for name in sorted(in_file - in_first)]
    differences += [f"only there: {name}" for name in sorted(in_first - in_file)]
    raise InputError(
        f"{path}: its columns differ from those of {first}.\n"
        f"{'; '.join(differences) or 'their order differs'}.\n"
        "Bring the files into one form, or choose some of them with log.files."
    )
