"""CSV tables: the only module that writes any.

Promise: no cell and no header of a CSV file begins like a spreadsheet formula, but in columns that are asked for as
they are. Protection is an apostrophe before the text. It can be undone, and no two texts become one.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import polars as pl
import polars.selectors as cs

_UNSEEN: Final = r"[\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\x{2800}]"
"""Blanks, controls, no-break and zero-width characters, fillers: spreadsheets skip some of them before a sign."""
_SIGNS: Final = (
    r"=+\-@|%\x{207A}-\x{207C}\x{208A}-\x{208C}\x{2212}\x{FB29}\x{FE62}\x{FE63}\x{FE66}\x{FE6A}\x{FE6B}"
    r"\x{FF05}\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}\x{FF5C}"
)
"""The signs, and every character that Unicode (NFKC) takes for one of them, such as the full-width ones."""
FORMULA_START: Final = rf"^'*(?:[\t\r\n]|{_UNSEEN}*[{_SIGNS}])"
"""Texts that a spreadsheet may run as a formula (OWASP, "CSV Injection"; | and % for old spreadsheets).

Texts that begin like a protected one are among them, so that a protected text can be told from an equal one.
"""


def write_csv(
    table: pl.DataFrame,
    path: Path,
    digits: int | None = None,
    *,
    as_they_are: Collection[str] = (),
    byte_order_mark: bool = False,
) -> None:
    """Write a CSV table with a header, making its folder, safe to open in a spreadsheet.

    `digits`: decimal places; None: all. `as_they_are`: columns whose texts are not protected. `byte_order_mark`: begin
    with one, by which Excel knows UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    safe = formula_safe(table, as_they_are)
    safe.write_csv(path, float_precision=digits, include_bom=byte_order_mark)


def formula_safe(table: pl.DataFrame, as_they_are: Collection[str] = ()) -> pl.DataFrame:
    """`table` with an apostrophe before every text and header that a spreadsheet may run as a formula."""
    text = cs.string() - cs.by_name(*as_they_are, require_all=False)
    marked = pl.when(text.str.contains(FORMULA_START)).then(pl.lit("'") + text).otherwise(text)
    headers = pl.Series(table.columns, dtype=pl.String)
    formulas = headers.filter(headers.str.contains(FORMULA_START))
    return table.with_columns(marked.name.keep()).rename({name: f"'{name}" for name in formulas})
