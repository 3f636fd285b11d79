"""No cell of a CSV file of the project can run as a spreadsheet formula, and no other module writes one."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.storage.csv_tables import formula_safe, write_csv
from tests.support.paths import ROOT

SIGNS = "=+-@|%\uff1d\uff0b\uff0d\uff20"
UNSEEN = " \t\r\n\v\f\x00\x1b\xa0\u2003\u3000\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2800\u3164"
"""Blanks, tab, line ends, controls, no-break and wide blanks, zero-width marks, a soft hyphen, a turn of direction."""
FORMULAS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "'", "''"]),
    st.text(UNSEEN, max_size=3),
    st.sampled_from(SIGNS),
    st.text(max_size=5),
)
TEXTS = st.text(max_size=8) | FORMULAS


def runs(text: str) -> bool:
    """Whether a spreadsheet may run `text`, told without the pattern of the code."""
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    first = text.lstrip(UNSEEN)[:1]
    return unicodedata.normalize("NFKC", first) in set("=+-@|%\u2212")


@given(st.lists(TEXTS, min_size=1))
def test_no_text_begins_like_a_formula_and_each_can_be_restored(texts: list[str]) -> None:
    table = pl.DataFrame({"user_id": texts}, schema={"user_id": pl.String})
    safe = formula_safe(table)["user_id"].to_list()
    assert not any(runs(text) for text in safe)
    assert len(set(safe)) == len(set(texts))
    changed = [(was, text) for was, text in zip(texts, safe, strict=True) if was != text]
    assert all(text == f"'{was}" for was, text in changed)


@given(st.text(UNSEEN, max_size=4), st.sampled_from(SIGNS))
def test_a_sign_behind_what_is_not_seen_is_seen(unseen: str, sign: str) -> None:
    table = pl.DataFrame({"text": [f"{unseen}{sign}1+1"]})
    assert formula_safe(table)["text"].to_list() == [f"'{unseen}{sign}1+1"]


def test_every_character_that_unicode_takes_for_a_sign_is_one() -> None:
    signs = [
        chr(one) for one in range(0x20000) if unicodedata.normalize("NFKC", chr(one)) in set("=+-@|%\u2212")
    ]
    table = pl.DataFrame({"text": signs})
    assert len(signs) > 20
    assert formula_safe(table)["text"].to_list() == [f"'{sign}" for sign in signs]


@pytest.mark.parametrize(
    "text", ["", "anna", "3 - 2", "a=b", "'tis late", "l'eau", "https://x", "100%", "#N/A"]
)
def test_what_is_no_formula_stays(text: str) -> None:
    table = pl.DataFrame({"text": [text, None]})
    assert formula_safe(table).equals(table)


def test_headers_are_safe_and_columns_asked_for_stay(tmp_path: Path) -> None:
    table = pl.DataFrame({"=id": ["-1"], "said": ["-1"], "number": [-1.0]})
    write_csv(table, tmp_path / "new/table.csv", digits=2, as_they_are=("=id",))
    assert (tmp_path / "new/table.csv").read_text("utf-8") == "'=id,said,number\n-1,'-1,-1.00\n"


WRITERS = re.compile(r"(write|sink|to)_csv$")
CODE = sorted(
    file for name in ("pipeline", "features", "models", "benchmarks") for file in (ROOT / name).rglob("*.py")
)


def csv_writers(source: str) -> Iterator[str]:
    """Calls in `source` that write CSV by themselves: those of a frame or of `csv`, and any file named *.csv."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Attribute(attr=name, value=of):
                by_itself = bool(WRITERS.search(name)) or (
                    name in {"writer", "DictWriter"} and isinstance(of, ast.Name) and of.id == "csv"
                )
            case ast.Name(id=name):
                by_itself = name == "DictWriter"
            case _:
                continue
        names = (
            piece.value
            for part in [*node.args, *node.keywords]
            for piece in ast.walk(part)
            if isinstance(piece, ast.Constant)
        )
        writes = name.startswith("write_") and name != "write_csv"
        if by_itself or (writes and any(str(piece).endswith(".csv") for piece in names)):
            yield f"{node.lineno}: {name}"


def test_no_other_module_writes_csv() -> None:
    found = {
        f"{file.relative_to(ROOT)}:{call}" for file in CODE for call in csv_writers(file.read_text("utf-8"))
    }
    assert {call.split(":")[0] for call in found} == {"pipeline/storage/csv_tables.py"}


@pytest.mark.parametrize(
    "line",
    [
        "table.write_csv(path)",
        "lazy.sink_csv(path)",
        "frame.to_csv(path)",
        "csv.writer(stream)",
        "write_text(page, folder / 'list.csv')",
    ],
)
def test_a_call_that_writes_csv_is_seen(line: str) -> None:
    assert list(csv_writers(line))


@pytest.mark.parametrize(
    "line", ["write_csv(table, folder / 'list.csv')", "csv.reader(stream)", "write_text(page, path)"]
)
def test_the_one_function_for_all_is_no_such_call(line: str) -> None:
    assert list(csv_writers(line)) == []
