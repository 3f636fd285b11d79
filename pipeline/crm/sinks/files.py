"""The CRM list as files: Parquet for programs, CSV for people and mailing tools.

Promise: the Parquet file holds the ids as they are. No cell of the CSV begins like a spreadsheet formula, unless the
ids were asked for as they are.
"""

from pathlib import Path

import polars as pl

from pipeline.storage.csv_tables import write_csv
from pipeline.storage.frames import write_parquet


def write_crm(people: pl.DataFrame, folder: Path, *, plain_ids: bool = False) -> None:
    """Write `list.parquet` and `list.csv` into `folder`. `plain_ids`: the ids of the CSV are not protected."""
    write_parquet(people, folder / "list.parquet")
    write_csv(people, folder / "list.csv", digits=6, as_they_are=("user_id",) if plain_ids else ())
