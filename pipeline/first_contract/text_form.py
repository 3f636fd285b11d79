"""How a log is stored, from the beginning of a file: its format, encoding, separator and header.

Promise: a file that is no log is refused with what it is.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from features.contract.columns import Csv
from features.events.nested_values import ABSENT, json_value
from pipeline.errors import InputError
from pipeline.ingestion.opening import opened, wide_encoding
from pipeline.ingestion.readers import refused_if_damaged

_LOOKED_AT = 2 << 20
_LINES = 400
_HEADER_WITHIN = 30
_SLACK = 8
_SEPARATORS = (";", "\t", "|", ",")
_NAMES = {"\t": "a tab", ";": "a semicolon", "|": "a bar", ",": "a comma"}
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|svg)", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:--[^\n]*\n|/\*.*?\*/\s*|\s)*(?:CREATE|INSERT|DROP|SET|BEGIN|PRAGMA)\b[^\n]*", re.DOTALL
)
_VALUE = re.compile(
    r"^[\s+-]*[\d.,:/ T-]*\d[\d.,:/ TZ+-]*$|\b\d{1,2}[ -][A-Za-z]{3,9}\b|\b[A-Za-z]{3,9} \d{1,2}\b.*\d{4}"
)
"""What a number or a time looks like."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a log is stored. `why`: by key of the contract (`format`, `encoding`, `separator`, …) a reason for it."""

    format: Literal["parquet", "csv", "jsonl"]
    csv: Csv = field(default_factory=Csv)
    why: dict[str, str] = field(default_factory=dict)


def form_of(path: Path) -> Form:
    """How the file `path` of a log is stored. Raises InputError when it is no log."""
    with refused_if_damaged(path, "a log"), opened(path, "parquet") as raw:
        start = raw.read(_LOOKED_AT)
    if start.startswith(b"PAR1"):
        return Form("parquet", why={"format": "the file begins as Parquet does"})
    with refused_if_damaged(path, "a log"):
        opened(path, "csv").close()  # refuses what is plainly something else
    encoding, why = _encoding_of(start)
    text = _whole_lines(start.decode(encoding, "replace"), cut=len(start) == _LOOKED_AT)
    _refuse_no_log(path, text)
    if _is_json(text):
        return Form(
            "jsonl", Csv(encoding=encoding), {"format": "it begins with a JSON object", "encoding": why}
        )
    form = _separated(text, encoding) or _fixed_width(text, encoding)
    if form is None:
        shown = next((line for line in text.splitlines() if line.strip()), "")[:80]
        raise InputError(
            f"{path}: its lines are neither JSON nor cut into columns, such as {shown!r}.\n"
            "Give a log as CSV, JSON lines or Parquet: one event a line, with at least a user and a time."
        )
    return Form("csv", form.csv, {"encoding": why, **form.why})


def _encoding_of(start: bytes) -> tuple[str, str]:
    wide = wide_encoding(start)
    if wide is not None:
        return wide, "each character has two or four bytes"
    cut = start[: start.rfind(b"\n") + 1] or start
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError as error:
        where = cut[max(error.start - 8, 0) : error.start + 8]
        try:
            cut.decode("cp1252")
        except UnicodeDecodeError:
            return "latin-1", f"unsure: it is no UTF-8, see {where!r}"
        return "cp1252", f"unsure: it is no UTF-8, see {where!r}, which reads {where.decode('cp1252')!r}"
    return ("utf-8", "all bytes are plain ASCII") if cut.isascii() else ("utf-8", "its bytes are UTF-8")


def _whole_lines(text: str, *, cut: bool) -> str:
    return text[: text.rfind("\n") + 1] if cut and "\n" in text else text


def _refuse_no_log(path: Path, text: str) -> None:
    if not text.strip():
        raise InputError(f"{path}: holds nothing but blanks.\nGive a log with events.")
    controls = sum(ord(one) < 32 and one not in "\t\r\n\f" for one in text[:100_000])
    lost = text[:100_000].count("\ufffd")
    if controls + lost > 0.1 * len(text[:100_000]):
        raise InputError(
            f"{path}: this is no text, and no Parquet.\nGive a log as CSV, JSON lines or Parquet."
        )
    if _MARKUP.match(text):
        raise InputError(
            f"{path}: this is a page in HTML or XML.\nExport the data as CSV, JSON lines or Parquet."
        )
    if _STATEMENT.match(text[:4000]) and ";" in text[:100_000]:
        raise InputError(
            f"{path}: these are SQL statements.\nExport the table as CSV, JSON lines or Parquet."
        )


def _is_json(text: str) -> bool:
    stripped = text.lstrip("\ufeff \t\r\n")
    first = stripped.partition("\n")[0]
    if stripped.startswith("{"):
        return isinstance(json_value(first), dict) or any(
            isinstance(json_value(line), dict) for line in stripped.splitlines()[:_LINES]
        )
    return bool(re.match(r"\[\s*\{", stripped)) and (
        json_value(stripped) is not ABSENT or '":' in stripped.replace(" ", "")
    )


def _separated(text: str, encoding: str) -> Form | None:
    """The form with the separator that cuts nearly all lines into equally many fields."""
    lines = [line.rstrip("\r") for line in text.lstrip("\ufeff").split("\n")[:_LINES]]
    best: tuple[int, str, int] | None = None
    for separator in _SEPARATORS:
        rows = _rows(lines, separator)
        counts = Counter(len(fields) for _, fields in rows if fields)
        fields, times = counts.most_common(1)[0] if counts else (1, 0)
        first = next((at for at, row in rows if len(row) == fields), None)
        if (
            fields < 2
            or first is None
            or first > _HEADER_WITHIN
            or times < 0.8 * (counts.total() - len(rows[:first]))
        ):
            continue
        if best is None or fields > best[0]:
            best = (fields, separator, first)
    if best is None:
        return None
    fields, separator, first = best
    before = [line for line in lines[:first] if line.strip()]
    mark = next(
        (mark for mark in ("#", "//", "%") if before and all(line.startswith(mark) for line in before)), None
    )
    whole = next(row for at, row in _rows(lines, separator) if at >= first and len(row) == fields)
    header = _is_header(whole)
    why = {
        "format": f"its lines are cut by {_NAMES[separator]} into {fields} fields",
        "separator": f"{_NAMES[separator]} cuts the lines into {fields} fields each",
        "header": "the first line has names" if header else "the first line holds values, not names",
    }
    if mark:
        why["comment"] = f"{len(before)} lines before the header begin with it"
    elif first:
        why["skip_lines"] = f"the header is line {first + 1}"
    return Form(
        "csv",
        Csv(
            separator=separator,
            encoding=encoding,
            header=header,
            comment=mark,
            skip_lines=0 if mark else first,
        ),
        why,
    )


def _rows(lines: Iterable[str], separator: str) -> list[tuple[int, list[str]]]:
    """The records of `lines`, each with the number of its first line, from 0."""
    reader = csv.reader((line.replace("\0", "") + "\n" for line in lines), delimiter=separator)
    rows, at = [], 0
    try:
        for row in reader:
            rows.append((at, row))
            at = reader.line_num
    except csv.Error:
        pass
    return rows


def _is_header(first: Sequence[str]) -> bool:
    """Whether `first` has names only: a line of a log has at least a time in it."""
    cells = [cell.strip() for cell in first]
    return len(set(cells)) == len(cells) and not any(_VALUE.search(cell) for cell in cells)


def _fixed_width(text: str, encoding: str) -> Form | None:
    """The form of lines in which the same places are always blank."""
    lines = [line.rstrip("\r\n") for line in text.split("\n")[:_LINES] if line.strip()]
    names, data = lines[0].split(), lines[1:]
    if len(data) < 2 or max(map(len, data)) > 2000:
        return None
    width = max(map(len, data))
    used = [any(at < len(line) and line[at] != " " for line in data) for at in range(width)]
    ends = [at for at in range(1, width + 1) if used[at - 1] and (at == width or not used[at])]
    if len(ends) < 2 or len({len(line) for line in data}) > 3:
        return None
    header = len(names) == len(ends) and not any(_VALUE.search(name) for name in names)
    names = names if header else [f"column_{number}" for number in range(1, len(ends) + 1)]
    stops = [*ends[:-1], ends[-1] + _SLACK]
    widths = dict(zip(names, zip([0, *ends[:-1]], stops, strict=True), strict=True))
    why = {
        "format": "no separator; the same places are blank in all lines",
        "fixed_width": "from where the lines are blank; unsure of the widths: the first lines may not show the longest",
    }
    return Form("csv", Csv(encoding=encoding, header=header, fixed_width=widths), why)
