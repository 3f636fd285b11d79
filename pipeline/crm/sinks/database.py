"""The CRM list in a database: the table `lastlogin_list`, and the view `lastlogin_today` of the newest list.

Promise: the list of a day is there whole or not at all, and a second delivery changes nothing. Ids are as in the log.
"""

from datetime import date

import polars as pl

from pipeline.database.connection import in_transaction
from pipeline.database.day_rows import replace_day
from pipeline.database.day_tables import DayTable
from pipeline.database.url import Database

TABLES = DayTable("lastlogin_list", "user_id", "as_of", "lastlogin_today", "lastlogin_meta", version=1)


def write_to_database(listed: pl.DataFrame, as_of: date, database: Database) -> None:
    """Make `listed` the list of `as_of` in the database; users of that day who are not on it are deleted.

    Missing tables and columns are added. Raises InputError when a column there has another type, ServerError when the
    database stays down.
    """
    in_transaction(database, lambda connection: replace_day(connection, TABLES, as_of, listed), writes=True)
