"""Cuts physical lines of separated text into records, and records into fields.

Promise: the fields of a record are never shifted, padded or cut off. A line that is no record is returned with its
reason. Plain lines take a vectorised path, lines with quotes Python's csv.

No library keeps this promise (`make bench ONLY=csv`, docs/csv.md). Of 338 logs of the fuzz corpus, every line ends in
one place with its text in 338 here, 324 with pyarrow, 285 with DuckDB (`store_rejects`), and 231 with Polars. On a log
with 0.5 % stray quotes pyarrow and DuckDB lose one sound row in eight, and Polars refuses the log. They are faster,
mostly two to three times and Polars up to five times, but give no row its line number and original text.
"""

import csv
from bisect import bisect_right
from dataclasses import dataclass

import polars as pl

from features.events.extraction import REJECTED, Reason
from features.events.fields import FILE, LINE, TEXT

MOST_LINES = 1000
"""A quoted field that runs on for more lines is a stray quote, not a field."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the records of one file are written."""

    separator: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of fields, and the rejected lines (columns as `features.events.REJECTED`)."""

    rows: pl.DataFrame
    broken: pl.DataFrame


def fields_of(record: str, separator: str) -> list[str] | None:
    """The fields of one record; None when its quotes are open or misplaced."""
    try:
        return next(csv.reader([record.rstrip("\r\n")], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def stays_open(record: str, separator: str) -> bool:
    """Whether `record` ends inside a quoted field."""
    try:
        next(csv.reader([record.rstrip("\r\n")], delimiter=separator, strict=True), [])
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def cut_records(lines: list[str], layout: Layout, *, final: bool) -> tuple[pl.DataFrame, list[str]]:
    """The records in `lines`, and the lines of a last record with open quotes.

    Records are a frame of `offset` (of a record's first line) and TEXT without line end. Blank lines are no records.
    With `final`, no lines are left over.
    """
    texts = pl.Series(TEXT, lines, dtype=pl.String)
    odd = (texts.str.count_matches('"', literal=True) % 2 == 1).arg_true().to_list()
    spans, left = _spans(lines, odd, layout, final=final)
    within = [row for first, last in spans for row in range(first + 1, last + 1)]
    frame = pl.DataFrame({"offset": pl.int_range(len(lines), eager=True), TEXT: texts})
    if spans:
        whole = pl.Series(TEXT, ["".join(lines[first : last + 1]) for first, last in spans])
        frame = frame.with_columns(texts.scatter([first for first, _ in spans], whole))
        frame = frame.filter(~pl.col("offset").is_in(within))
    frame = frame.filter(pl.col("offset") < len(lines) - len(left))
    ends = pl.col(TEXT).str.strip_suffix("\n").str.strip_suffix("\r")
    return frame.with_columns(ends).filter(pl.col(TEXT) != ""), left


def split_records(records: pl.DataFrame, layout: Layout) -> Records:
    """The fields of `records` (FILE, LINE, TEXT) as columns of text; an empty field is null."""
    quoted = pl.col(TEXT).str.contains('"', literal=True)
    separators = pl.col(TEXT).str.count_matches(layout.separator, literal=True)
    fits = separators == len(layout.names) - 1
    plain = records.filter(~quoted)
    tables = [_split_plain(plain.filter(fits), layout)]
    broken = [rejected(plain.filter(~fits), "wrong_number_of_fields")]
    odd_ones = records.filter(quoted)
    if odd_ones.height:
        table, wrong = _split_quoted(odd_ones, layout)
        tables.append(table)
        broken += wrong
    rows = pl.concat(tables)
    empty = pl.col(layout.names)
    rows = rows.with_columns(pl.when(empty != "").then(empty).name.keep())
    return Records(rows.sort(LINE) if len(tables) > 1 else rows, pl.concat(broken))


def rejected(records: pl.DataFrame, reason: Reason) -> pl.DataFrame:
    """`records` (FILE, LINE, TEXT) as rejected lines."""
    chosen = records.select(file=FILE, line=LINE, reason=pl.lit(reason), text=TEXT)
    return chosen.cast(dict(REJECTED.items()))


def _spans(
    lines: list[str], odd: list[int], layout: Layout, *, final: bool
) -> tuple[list[tuple[int, int]], list[str]]:
    """First and last line of each record over several lines. Only `odd` lines can open or end one."""
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(odd):
        first, at = odd[at], at + 1
        if not stays_open(lines[first], layout.separator):
            continue
        end = _end(lines, first, odd[at:], layout)
        if end is not None:
            spans.append((first, end))
            at = bisect_right(odd, end)
        elif (
            not final
            and len(lines) - first <= MOST_LINES
            and stays_open("".join(lines[first:]), layout.separator)
        ):
            return spans, lines[first:]
    return spans, []


def _end(lines: list[str], first: int, odd: list[int], layout: Layout) -> int | None:
    """The last line of the record that begins with `first`; None when it has no end."""
    for last in odd:
        if last - first >= MOST_LINES:
            return None
        record = "".join(lines[first : last + 1])
        if not stays_open(record, layout.separator):
            fields = fields_of(record, layout.separator)
            return last if fields is not None and len(fields) == len(layout.names) else None
    return None


def _split_plain(records: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    if len(layout.names) == 1:
        return records.select(pl.col(TEXT).alias(layout.names[0]), FILE, LINE, TEXT)
    fields = records[TEXT].str.split_exact(layout.separator, len(layout.names) - 1).struct.unnest()
    fields.columns = list(layout.names)
    return fields.hstack([records[FILE], records[LINE], records[TEXT]])


def _split_quoted(records: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    split = [fields_of(record, layout.separator) for record in records[TEXT]]
    unreadable = pl.Series([fields is None for fields in split], dtype=pl.Boolean)
    fits = pl.Series([len(fields or ()) == len(layout.names) for fields in split], dtype=pl.Boolean)
    columns = zip(*(fields for fields in split if fields and len(fields) == len(layout.names)), strict=True)
    good = records.filter(fits)
    values = list(columns) or [()] * len(layout.names)
    table = pl.DataFrame(
        [pl.Series(n, v, dtype=pl.String) for n, v in zip(layout.names, values, strict=True)]
    )
    broken = [
        rejected(records.filter(unreadable), "unreadable_line"),
        rejected(records.filter(~fits & ~unreadable), "wrong_number_of_fields"),
    ]
    return table.hstack([good[FILE], good[LINE], good[TEXT]]), broken
