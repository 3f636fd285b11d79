"""The ledger: one entry for each delivered list, in a folder beside the lists.

Promise: an entry is never changed once a later one exists. Lists are delivered in the order of their days, one a day.
"""

from datetime import date
from pathlib import Path

import polars as pl

from pipeline.crm.ledger.entry import SCHEMA
from pipeline.crm.ledger.episodes import first_days
from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits_in
from pipeline.storage.frames import read_table, write_parquet

LEDGER = "ledger"
"""Its folder, beside the folders of the lists."""
_FILE = "list.parquet"


def entry_of(lists: Path, as_of: date) -> Path:
    """The file of the entry of one day."""
    return lists / LEDGER / f"as_of={as_of.isoformat()}" / _FILE


def days_of(lists: Path) -> list[date]:
    """The days of the entries, in order."""
    folder = lists / LEDGER
    finish_commits_in(folder)
    names = [file.parent.name.removeprefix("as_of=") for file in folder.glob(f"as_of=*/{_FILE}")]
    return sorted(date.fromisoformat(name) for name in names)


def read_ledger(lists: Path, before: date | None = None) -> pl.DataFrame | None:
    """The rows of all entries, or of those before a day; None without an entry.

    A column that entries of older versions lack is null there.
    """
    days = [day for day in days_of(lists) if before is None or day < before]
    if not days:
        return None
    rows = pl.concat([read_table(entry_of(lists, day)) for day in days], how="diagonal_relaxed")
    return rows.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if name not in rows.columns
    )


def refuse_earlier_day(lists: Path, as_of: date) -> None:
    """Raise InputError when `as_of` has no entry and a later day has one: episodes would overlap."""
    days = days_of(lists)
    if days and as_of < days[-1] and as_of not in days:
        raise InputError(
            f"{lists / LEDGER}: a list as of {days[-1]} has been delivered, and this one is as of {as_of}.\n"
            f"Lists are delivered in the order of their days. Give another --out, or a day after {days[-1]}."
        )


def refuse_replacement(lists: Path, as_of: date, contacts: pl.DataFrame | None) -> None:
    """Raise InputError when the entry of `as_of` must stay: later episodes follow from it, or somebody acted on it.

    `contacts`: `user_id, day` of the contacts that were made; None: not known.
    """
    later = [day for day in days_of(lists) if day > as_of]
    if later:
        raise InputError(
            f"{lists / LEDGER}: the list as of {as_of} cannot be replaced: a list as of {later[0]} was delivered after "
            "it,\nand the episodes there follow from it. Leave out --replace: the list stays as it is."
        )
    if contacts is None or not entry_of(lists, as_of).is_file():
        return
    begun = first_days(read_table(entry_of(lists, as_of))).filter(pl.col("arm") == "contact")
    made = contacts.filter(pl.col("day") > as_of).join(begun, on="user_id", how="semi")
    if made.height:
        raise InputError(
            f"{lists / LEDGER}: the list as of {as_of} cannot be replaced: {made['user_id'].n_unique():,} of its users "
            "have been contacted since,\nand another list would not know why. Leave out --replace: the list stays as "
            "it is."
        )


def write_entry(rows: pl.DataFrame, folder: Path) -> None:
    """Write the entry into `folder`, that of its day."""
    write_parquet(rows, folder / _FILE)


def changed_rows(rows: pl.DataFrame, lists: Path, as_of: date) -> int:
    """The number of users whose row differs from that of the entry of `as_of`, or who stand on one of them only."""
    former = read_table(entry_of(lists, as_of))
    if former.columns != rows.columns:
        return max(rows.height, former.height)
    known = former.join(rows, on=former.columns, how="semi", nulls_equal=True)
    return max(former.height, rows.height) - known.height
