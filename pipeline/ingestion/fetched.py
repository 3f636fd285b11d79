"""A log in a database becomes a Parquet file, chunk by chunk: DVC and the stages read files.

Promise: memory is bounded by a chunk.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from features.contract.model import Contract
from pipeline.config.sections import Params
from pipeline.database.is_url import is_url
from pipeline.errors import InputError
from pipeline.ingestion.files import log_files
from pipeline.storage.datasets import FETCHED

LOG_FILE: Final = "log.parquet"


def check_log(path: str, files: str, contract: Contract, named: str) -> None:
    """Raise InputError when a log, of files or the SQL URL of a table, is not there or cannot be read so.

    `named`: what names the log, for messages. Raises ServerError when the database stays down.
    """
    if not is_url(path):
        log_files(path, files, named)
        return
    from pipeline.database.reading import check_table  # noqa: PLC0415  # SQLAlchemy takes 0.4 s to import
    from pipeline.database.url import table_url  # noqa: PLC0415  # likewise

    table = table_url(path, "log")
    if contract.format != "parquet":
        raise InputError(
            f"{contract.name}: format is {contract.format}, and a log from a database has typed columns.\n"
            "Write format: parquet in the contract."
        )
    check_table(table)


def local_log(params: Params, root: Path) -> Params:
    """`params` with a log in files: one in a database is written below `root`. Raises as `fetch_log`."""
    if not is_url(params.log.path):
        return params
    fetch_log(params.log.path, "log", root / FETCHED.path)
    return params.model_copy(
        update={"log": params.log.model_copy(update={"path": str(root / FETCHED.path), "files": LOG_FILE})}
    )


def fetch_log(url: str, key: str, folder: Path) -> None:
    """Write all columns of the table at `url` as a Parquet file into `folder`. `key`: the setting that names it.

    Rows are in the order of the primary key, if there is one. Raises InputError when the table is missing or has no
    row, ServerError when the database stays down.
    """
    from pipeline.database.reading import with_chunks  # noqa: PLC0415  # SQLAlchemy takes 0.4 s to import
    from pipeline.database.url import table_url  # noqa: PLC0415  # likewise

    source = table_url(url, key)
    folder.mkdir(parents=True, exist_ok=True)
    rows = with_chunks(source, lambda chunks: _write(chunks, folder / LOG_FILE))
    if rows == 0:
        raise InputError(f"{source.shown}: the table has no row.\nGive a table with a log.")
    sys.stderr.write(f"fetch_log: {rows:,} rows of {source.shown}\n")


def _write(chunks: Iterator[pl.DataFrame], file: Path) -> int:
    """Write `chunks` as the row groups of one file; returns the number of rows."""
    first = next(chunks)
    rows = 0
    with pq.ParquetWriter(file, first.to_arrow().schema, compression="zstd") as writer:
        chunk: pl.DataFrame | None = first
        while chunk is not None:
            writer.write_table(chunk.to_arrow())
            rows += chunk.height
            chunk = next(chunks, None)
    return rows
