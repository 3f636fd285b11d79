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
    quoted: Collection[str] = (),
    byte_order_mark: bool = False,
) -> None:
    """Write a CSV table with a header, making its folder, safe to open in a spreadsheet.

    `digits`: decimal places; None: all. `as_they_are`: columns whose texts are not protected. `quoted`: columns whose
    texts have quotes whether they need them or not. `byte_order_mark`: begin with one, by which Excel knows UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    safe = formula_safe(table, as_they_are)
    if quoted:
        safe = _with_quotes(safe, quoted)
    safe.write_csv(
        path,
        float_precision=digits,
        include_bom=byte_order_mark,
        quote_style="never" if quoted else "necessary",
    )


def rows_as_text(table: pl.DataFrame) -> str:
    """The rows as CSV, without a header and with values as they are: for COPY of a database, never for a file.

    Null is an empty cell, and an empty text is `""`.
    """
    return table.write_csv(include_header=False)


def formula_safe(table: pl.DataFrame, as_they_are: Collection[str] = ()) -> pl.DataFrame:
    """`table` with an apostrophe before every text and header that a spreadsheet may run as a formula."""
    texts = cs.string() - cs.by_name(*as_they_are, require_all=False)
    headers = pl.Series(table.columns, dtype=pl.String)
    formulas = headers.filter(headers.str.contains(FORMULA_START))
    return table.with_columns(safe_text(texts).name.keep()).rename({name: f"'{name}" for name in formulas})


def safe_text(text: pl.Expr) -> pl.Expr:
    """`text`, with an apostrophe before it where a spreadsheet may run it as a formula."""
    return pl.when(text.str.contains(FORMULA_START)).then(pl.lit("'") + text).otherwise(text)


def _with_quotes(table: pl.DataFrame, quoted: Collection[str]) -> pl.DataFrame:
    """`table` with texts and headers as they stand in the file (RFC 4180), those of `quoted` in quotes."""
    always = cs.by_name(*quoted, require_all=False) & cs.string()
    headers = pl.DataFrame({"header": table.columns}).with_columns(in_file=_in_file(pl.col("header")))
    written = table.with_columns(
        _in_file(cs.string() - always).name.keep(), _in_quotes(always.as_expr()).name.keep()
    )
    return written.rename(dict(headers.iter_rows()))


def _in_file(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(r'[",\r\n]')).then(_in_quotes(text)).otherwise(text)


def _in_quotes(text: pl.Expr) -> pl.Expr:
    return pl.lit('"') + text.str.replace_all('"', '""', literal=True) + pl.lit('"')
