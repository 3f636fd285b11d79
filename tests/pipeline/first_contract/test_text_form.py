"""The form of a log is found from its bytes, and what is no log is refused with what it is."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.first_contract.text_form import form_of

LINES = ["user;at;sum", *(f"u{day % 3};2024-03-{day:02d} 10:00:00;1,50" for day in range(1, 21))]
TEXT = "\n".join(LINES) + "\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (TEXT, "utf-8", {"separator": ";"}),
        (TEXT.replace(";", "\t"), "utf-8", {"separator": "\t"}),
        (TEXT.replace(",", ".").replace(";", ","), "utf-8", {}),
        (TEXT, "utf-16", {"separator": ";", "encoding": "utf-16"}),
        (TEXT.replace("u1", "Jürgen"), "cp1252", {"separator": ";", "encoding": "cp1252"}),
        ("# made by a tool\n# today\n" + TEXT, "utf-8", {"separator": ";", "comment": "#"}),
        ("Report of March\n\n" + TEXT, "utf-8", {"separator": ";", "skip_lines": 2}),
        ("\n".join(LINES[1:]), "utf-8", {"separator": ";", "header": False}),
    ],
)
def test_separator_encoding_and_header_are_found(
    tmp_path: Path, text: str, encoding: str, found: dict[str, Any]
) -> None:
    (tmp_path / "log").write_bytes(text.encode(encoding))
    form = form_of(tmp_path / "log")
    assert form.format == "csv"
    assert form.csv.model_dump(exclude_defaults=True, exclude_none=True) == found
    assert set(found) <= set(form.why)


def test_quoted_fields_over_two_lines_do_not_hide_the_separator(tmp_path: Path) -> None:
    lines = ["user,at,note", *(f'u{day},2024-03-{day:02d},"one\ntwo; three"' for day in range(1, 9))]
    (tmp_path / "log").write_text("\n".join(lines))
    assert form_of(tmp_path / "log").csv.separator == ","


def test_fixed_widths_are_found_with_their_names(tmp_path: Path) -> None:
    lines = [" customer date  paid", *(f" {day:05d} 202403{day:02d} {day:4d}.50" for day in range(1, 21))]
    (tmp_path / "log").write_text("\r\n".join(lines))
    widths = form_of(tmp_path / "log").csv.fixed_width
    assert widths is not None
    assert list(widths) == ["customer", "date", "paid"]
    assert [lines[4][start:stop].strip() for start, stop in widths.values()] == ["00004", "20240304", "4.50"]


@pytest.mark.parametrize("indent", [None, 1])
def test_json_is_json(tmp_path: Path, indent: int | None) -> None:
    rows = [{"user": "ann", "at": "2024-03-01"}] * 3
    (tmp_path / "array").write_text(json.dumps(rows, indent=indent))
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, rows)))
    assert [form_of(tmp_path / name).format for name in ("array", "lines")] == ["jsonl", "jsonl"]


def test_parquet_is_parquet(tmp_path: Path) -> None:
    pl.DataFrame({"user": ["ann"]}).write_parquet(tmp_path / "log")
    assert form_of(tmp_path / "log").format == "parquet"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 and so on", "this is a PDF"),
        (bytes(range(256)) * 20, "this is no text, and no Parquet"),
        (b"<!DOCTYPE html><html></html>", "a page in HTML"),
        (b"-- dump\nCREATE TABLE users (id int);\n", "these are SQL statements"),
        (b"Dear reader\nthis is a letter.\n", "neither JSON nor cut into columns, such as 'Dear reader'"),
        (b" \n\n", "nothing but blanks"),
    ],
)
def test_what_is_no_log_is_refused_with_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "log").write_bytes(data)
    with pytest.raises(InputError, match=said):
        form_of(tmp_path / "log")
