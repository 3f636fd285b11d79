"""Writes a list as the CSV files that a tool reads, in as many files as its limits need.

Promise: the header stands in each file, rows keep their order, and no row is in two files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from pipeline.crm.sinks.cells import Cells
from pipeline.crm.sinks.profile import CrmProfile
from pipeline.storage.csv_tables import write_csv

_AROUND: Final = 3
"""Bytes around a cell at most: two quotes and a comma or the end of the line."""


def write_cells(cells: Cells, profile: CrmProfile, folder: Path, stem: str = "list") -> list[str]:
    """Write `stem`.csv into `folder`, or `stem`-1.csv, `stem`-2.csv and so on. Returns the names."""
    own = [pl.col(name).fill_null(pl.lit(profile.null, pl.String)) for name in cells.own]
    return _write(cells.table.with_columns(own), cells, profile, folder, stem)


def write_changes(table: pl.DataFrame, cells: Cells, profile: CrmProfile, folder: Path) -> list[str]:
    """Write changes.csv, or several as `write_cells` does; `table`: as `changes_of` gives it, of `cells`."""
    return _write(table, cells, profile, folder, "changes")


def _write(table: pl.DataFrame, cells: Cells, profile: CrmProfile, folder: Path, stem: str) -> list[str]:
    parts = list(_parts(table, profile))
    names = (
        [f"{stem}.csv"]
        if len(parts) == 1
        else [f"{stem}-{number}.csv" for number in range(1, len(parts) + 1)]
    )
    for name, part in zip(names, parts, strict=True):
        write_csv(
            part,
            folder / name,
            as_they_are=table.columns,  # the cells are protected, where they are texts
            quoted=cells.texts if profile.quoted else (),
            byte_order_mark=profile.byte_order_mark,
        )
    return names


def _parts(table: pl.DataFrame, profile: CrmProfile) -> Iterator[pl.DataFrame]:
    """`table` in parts within the tool's limits, one if it is empty. A row above the limit is a part of its own."""
    cells = pl.all().fill_null("")
    sizes = table.select(
        pl.sum_horizontal(cells.str.len_bytes() + cells.str.count_matches('"') + _AROUND)
    ).to_series()
    header = sum(2 * len(name.encode()) + _AROUND for name in table.columns) + _AROUND
    upto = sizes.cast(pl.Int64).cum_sum()
    begin = 0
    while begin < table.height or begin == 0:
        end = table.height
        if profile.most_rows is not None:
            end = min(end, begin + profile.most_rows)
        if profile.most_bytes is not None:
            before = int(upto[begin - 1]) if begin else 0
            fitting = int(upto.search_sorted(before + profile.most_bytes - header, side="right"))
            end = min(end, max(fitting, begin + 1))
        yield table.slice(begin, end - begin)
        if end >= table.height:
            return
        begin = end
