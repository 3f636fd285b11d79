"""Where a list goes: one folder, which holds the ledger, and databases. `lastlogin deliver` sends a list again.

Promise: one database that fails does not keep the list from the others, and the list stays in the folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.crm.ledger.files import LEDGER, days_of
from pipeline.crm.sinks.database import write_to_database
from pipeline.database.is_url import is_url
from pipeline.database.url import Database, database_url
from pipeline.errors import InputError, ServerError
from pipeline.storage.datasets import CRM_TABLE, DAILY_LISTS
from pipeline.storage.frames import read_table

_KEY = "--out"
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Outs:
    """`folder`: of the lists and the ledger. `databases`: each gets the list too."""

    folder: Path
    databases: tuple[Database, ...]


def outs_of(written: Sequence[str]) -> Outs:
    """The places that the options `--out` name; without a folder, the default one.

    Raises InputError for two folders, and for a URL that cannot be used.
    """
    folders = [Path(one) for one in written if not is_url(one)]
    if len(folders) > 1:
        raise InputError(
            f"{_KEY}: {', '.join(map(str, folders))} are {len(folders)} folders, and the ledger is in one.\n"
            f"Give one folder; the other {_KEY} are URLs of databases."
        )
    databases = tuple(database_url(one, _KEY) for one in written if is_url(one))
    return Outs(folders[0] if folders else DAILY_LISTS.path, databases)


def send(as_of: date, outs: Outs) -> list[str]:
    """Send the delivered list of `as_of` below the folder to the databases. Returns a line for each.

    Raises InputError when that list is not there or a database refuses it, and ServerError when one stays down; each
    after all others have got the list.
    """
    file = outs.folder / as_of.isoformat() / CRM_TABLE.path.name
    days = days_of(outs.folder)
    if as_of not in days:
        known = ", ".join(map(str, days[-_MOST_SHOWN:])) or "none"
        raise InputError(
            f"{outs.folder / LEDGER}: no list as of {as_of} has been delivered; the last ones: {known}.\n"
            "Give one of these days, or make the list: lastlogin score"
        )
    listed = read_table(file)
    done, failed = [], list[InputError | ServerError]()
    for database in outs.databases:
        try:
            write_to_database(listed, as_of, database)
        except (InputError, ServerError) as error:
            failed.append(error)
        else:
            done.append(f"Delivered to {database.shown}: {listed.height:,} users as of {as_of}")
    if failed:
        kept = f"The list is kept in {file.parent}. Send it: lastlogin deliver {as_of}, with the same {_KEY}"
        text = "\n".join([*done, *map(str, failed), kept])
        raise next((type(error) for error in failed if isinstance(error, ServerError)), InputError)(text)
    return done
