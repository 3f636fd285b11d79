"""What a CRM tool was sent with each list: in the ledger, beside the entry of the list's day.

Promise: it is written with the entry or not at all, and never changed.
"""

from datetime import date
from pathlib import Path

import polars as pl

from pipeline.crm.ledger.files import days_of, entry_of
from pipeline.storage.frames import read_table, write_parquet


def last_sent(lists: Path, profile: str, before: date) -> pl.DataFrame | None:
    """The cells of the last list before a day that was written for `profile`, as texts; None if there is none."""
    days = (day for day in reversed(days_of(lists)) if day < before)
    sent = (sent_on(lists, profile, day) for day in days)
    return next((cells for cells in sent if cells is not None), None)


def sent_on(lists: Path, profile: str, as_of: date) -> pl.DataFrame | None:
    """The cells of the list of a day that was written for `profile`; None if there is none."""
    file = _file(entry_of(lists, as_of).parent, profile)
    return read_table(file) if file.is_file() else None


def write_sent(cells: pl.DataFrame, entry: Path, profile: str) -> None:
    """Write `cells` into the folder of an `entry`."""
    write_parquet(cells, _file(entry, profile))


def _file(entry: Path, profile: str) -> Path:
    return entry / f"sent-{profile}.parquet"
