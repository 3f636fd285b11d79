"""Stage `fetch_log`: a log in a database becomes a file in `data/raw`, since DVC cannot depend on a database.

DVC does not see whether the table has changed, so the stage always runs. Later stages run again only if its rows have.
"""

from pipeline.config.sections import FetchLog
from pipeline.errors import InputError
from pipeline.ingestion.fetched import fetch_log as fetch
from pipeline.runner.stage import Out, main
from pipeline.storage.datasets import FETCHED


def run(fetch_log: FetchLog, fetched: Out = FETCHED.path) -> None:
    """Write the rows of the table as Parquet.

    Raises InputError when no table is named or the table cannot be used, ServerError when the database stays down.
    """
    if fetch_log.url is None:
        raise InputError(
            "params.yaml: fetch_log.url is null, so there is no log to fetch.\n"
            "Give the SQL URL of its table, or set log.path to the files of a log."
        )
    fetch(fetch_log.url, "params.yaml: fetch_log.url", fetched)


if __name__ == "__main__":
    main(run)
