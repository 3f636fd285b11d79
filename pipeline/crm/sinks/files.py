"""The CRM list as files: Parquet for programs, CSV for people and mailing tools.

Promise: no cell of the CSV begins like a spreadsheet formula.
"""

from pathlib import Path

import polars as pl

from pipeline.storage.frames import write_parquet

_FORMULA_START = r"^[=+\-@\t\r\n|%]"  # OWASP, CSV injection; | and % for old spreadsheets


def write_crm(people: pl.DataFrame, folder: Path) -> None:
    """Write `list.parquet` and `list.csv` into `folder`."""
    write_parquet(people, folder / "list.parquet")
    formula_safe(people).write_csv(folder / "list.csv", float_precision=6)


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with an apostrophe before every text that a spreadsheet would run as a formula."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(_FORMULA_START)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )
