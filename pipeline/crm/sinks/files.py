"""The CRM list as files: Parquet for programs, CSV for people and mailing tools.

Promise: the Parquet file holds the ids as they are. No cell of the CSV begins like a spreadsheet formula, unless the
ids were asked for as they are.
"""

from pathlib import Path

import polars as pl

from pipeline.crm.sinks.cells import cells_of
from pipeline.crm.sinks.profile import PROFILES
from pipeline.crm.sinks.profile_files import write_cells
from pipeline.storage.frames import write_parquet


def write_crm(people: pl.DataFrame, folder: Path, name: str = "list", *, plain_ids: bool = False) -> None:
    """Write `NAME.parquet` and `NAME.csv` into `folder`. `plain_ids`: the ids of the CSV are not protected."""
    write_parquet(people, folder / f"{name}.parquet")
    plain = PROFILES["plain"]
    write_cells(cells_of(people, (), plain, plain_ids=plain_ids), plain, folder, name)
