"""The files of a delivered list for a CRM tool: the whole list, and the changes since the last one for the tool.

Promise: a repeat of the same day gives the same files: only earlier lists are looked at, and the list that is replaced,
which the tool may have got.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.crm.ledger.sent import last_sent, sent_on, write_sent
from pipeline.crm.sinks.cells import cells_of
from pipeline.crm.sinks.changes import changes_of, with_those_of
from pipeline.crm.sinks.profile import CrmProfile
from pipeline.crm.sinks.profile_files import write_cells, write_changes

CSV = "list.csv"


@dataclass(frozen=True, slots=True)
class Writing:
    """How the CSV files are written. `carry`: columns that the list carries. `plain_ids`: ids as they are."""

    profile: CrmProfile
    carry: tuple[str, ...]
    plain_ids: bool


def write_for_tool(
    listed: pl.DataFrame, as_of: date, writing: Writing, folder: Path, entry: Path, lists: Path
) -> dict[str, Any]:
    """Write the files of the profile into `folder`, in place of its list.csv. Returns their entry of `summary.json`.

    `entry`: the folder of the day's entry, which gets what the tool is sent. `lists`: the folder of the ledger.
    """
    profile = writing.profile
    cells = cells_of(listed, writing.carry, profile, plain_ids=writing.plain_ids)
    (folder / CSV).unlink()
    written: dict[str, Any] = {
        "profile": profile.name,
        "files": write_cells(cells, profile, folder),
        "users": cells.table.height,
        "without_key": listed.height - cells.table.height,
    }
    if profile.resets is None:
        return written
    changes = changes_of(cells, last_sent(lists, profile.name, before=as_of), profile.resets)
    replaced = sent_on(lists, profile.name, as_of)
    if replaced is not None:
        changes = with_those_of(changes, changes_of(cells, replaced, profile.resets))
    write_sent(cells.table, entry, profile.name)
    return written | {
        "changes": {
            "files": write_changes(changes.table, cells, profile, folder),
            "users": changes.table.height,
            "values": changes.values,
            "users_reset": changes.users_reset,
        }
    }


def write_lists_for_tool(
    lists: Mapping[str, pl.DataFrame], own: Mapping[str, tuple[str, ...]], writing: Writing, folder: Path
) -> dict[str, list[str]]:
    """Write each of the lists for import into `folder`, in place of its CSV file. Returns the names of the files.

    `own`: columns of a list beside those of the CRM list, all of which a tool gets.
    """
    written = {}
    for name, rows in lists.items():
        profile = writing.profile
        if profile.columns is not None:
            profile = replace(profile, columns=(*profile.columns, *own[name]))
        cells = cells_of(rows, writing.carry, profile, plain_ids=writing.plain_ids)
        (folder / f"{name}.csv").unlink()
        written[name] = write_cells(cells, profile, folder, name)
    return written
