"""Whether a cutter of CSV has put each line in exactly one place: among the rows, or among the rejected lines."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Row = list[str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a cutter made of a log: its rows, and the text of each line that is none."""

    rows: list[Row]
    rejected: list[str]

    def same_rows(self, other: "Found") -> bool:
        """Whether both have the same rows in the same order; an empty field is null."""
        return [_filled(row) for row in self.rows] == [_filled(row) for row in other.rows]

    def same_rejected(self, other: "Found") -> bool:
        """Whether both rejected the same lines with the same text, but for line ends."""
        return Counter(map(_bare, self.rejected)) == Counter(map(_bare, other.rejected))


def each_line_in_one_place(text: str, found: Found, separator: str) -> bool:
    """Whether the lines of `text` are those of `found`, each once and in order. Blank lines may be left out.

    In doubt for the cutter: lines end with LF or with any line end, and a row may be read with quotes or without.
    """
    ways = (re.split("\n", text), re.split("\r\n|\n|\r", text))
    return any(_placed(lines, found, separator) for lines in ways)


def _placed(lines: Sequence[str], found: Found, separator: str) -> bool:
    rows = [_filled(row) for row in found.rows]
    rejected = Counter(map(_bare, found.rejected))
    at = row = 0
    while at < len(lines):
        if not _bare(lines[at]):
            row += row < len(rows) and not any(rows[row])  # a blank line may be a row of nothing
            at += 1
            continue
        end = _end_of_row(lines, at, rows[row], separator) if row < len(rows) else None
        if end is not None:
            row += 1
        else:
            end = _end_of_rejected(lines, at, rejected)
        if end is None:
            return False
        at = end
    return row == len(rows) and rejected.total() == 0


def _end_of_row(lines: Sequence[str], at: int, row: list[str], separator: str) -> int | None:
    """The end of the lines from `at` on that are read as `row`; None when there is none."""
    most = 2 * sum(map(len, row)) + 3 * len(row)
    for end in range(at + 1, len(lines) + 1):
        record = _bare("\n".join(lines[at:end]))
        if _reads(record, row, separator):
            return end
        if len(record) > most:
            break
    return None


def _end_of_rejected(lines: Sequence[str], at: int, rejected: "Counter[str]") -> int | None:
    """The end of the lines from `at` on that are one of `rejected`, which loses it; None when there is none."""
    most = max(map(len, rejected), default=0)
    for end in range(at + 1, len(lines) + 1):
        record = _bare("\n".join(lines[at:end]))
        if rejected[record] > 0:
            rejected[record] -= 1
            return end
        if len(record) > most:
            break
    return None


def _reads(record: str, row: list[str], separator: str) -> bool:
    ways = (row, [*row[:-1], row[-1].rstrip("\r")])  # `record` has lost its line end, too
    if [record] in ways or record.split(separator) in ways:
        return True
    try:
        return next(csv.reader([record], delimiter=separator, strict=False), []) in ways
    except csv.Error:
        return False


def _filled(row: Row) -> list[str]:
    return [field or "" for field in row]


def _bare(line: str) -> str:
    return line.strip("\r\n")
