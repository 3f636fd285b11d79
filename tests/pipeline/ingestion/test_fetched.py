"""A log in a database becomes a file of the same rows and types, in bounded memory."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.config.params import load_params
from pipeline.database import reading
from pipeline.errors import InputError
from pipeline.ingestion.fetched import LOG_FILE, check_log, fetch_log, local_log
from pipeline.ingestion.readers import read_log
from tests.support.databases import execute, make_table
from tests.support.tables import contract
from tests.support.tiny import parameters, visits


def test_a_log_is_written_chunk_by_chunk_and_read_as_any_other(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 100)
    lines = visits(users=20)
    make_table(database_url, "events", lines)
    parameters(tmp_path, log__path=f"{database_url}#events")
    params = local_log(load_params(tmp_path / "params.yaml"), tmp_path)
    file = Path(params.log.path) / params.log.files
    assert pq.ParquetFile(file).num_row_groups == -(-lines.height // 100)
    assert pl.read_parquet(file).equals(lines)
    columns = {"user_id": "customer", "at": "time", "kind": "what"}
    chunks = list(read_log([file], contract(format="parquet", columns=columns), 150))
    assert pl.concat([chunk.rows for chunk in chunks]).select(lines.columns).equals(lines)


def test_a_log_in_files_stays_where_it_is(tmp_path: Path) -> None:
    parameters(tmp_path)
    params = load_params(tmp_path / "params.yaml")
    assert local_log(params, tmp_path) is params


def test_a_log_that_cannot_be_fetched_is_refused(database_url: str, tmp_path: Path) -> None:
    execute(database_url, "CREATE TABLE events (customer TEXT)")
    with pytest.raises(InputError, match=r"#events: the table has no row\.\nGive a table with a log"):
        fetch_log(f"{database_url}#events", "log", tmp_path)
    with pytest.raises(InputError, match="#gone: there is no such table"):
        check_log(f"{database_url}#gone", "*", contract(format="parquet"), "--log")
    with pytest.raises(
        InputError, match=r"format is csv, and a log from a database has typed columns\.\nWrite"
    ):
        check_log(f"{database_url}#events", "*", contract(format="csv"), "--log")
    check_log(f"{database_url}#events", "*", contract(format="parquet"), "--log")
    with pytest.raises(InputError, match=r"there is no such file or folder\.\nCorrect --log"):
        check_log(str(tmp_path / "gone"), "*", contract(), "--log")
    assert LOG_FILE.endswith(".parquet")
