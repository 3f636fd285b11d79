"""The stage writes the table that params.yaml names, whole or not at all."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.storage.datasets import FETCHED
from tests.support.databases import make_table
from tests.support.stage_runs import run_here
from tests.support.tiny import parameters, visits


def test_the_table_becomes_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = visits(users=5)
    make_table(f"sqlite:///{tmp_path}/shop.db", "events", lines)
    parameters(tmp_path, fetch_log__url="sqlite:///shop.db#events")
    run_here(tmp_path, monkeypatch, "fetch_log")
    first = (tmp_path / FETCHED.path / "log.parquet").read_bytes()
    assert pl.read_parquet(first).equals(lines)
    run_here(tmp_path, monkeypatch, "fetch_log")
    assert (tmp_path / FETCHED.path / "log.parquet").read_bytes() == first


def test_no_table_leaves_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters(tmp_path)
    with pytest.raises(
        InputError, match=r"fetch_log\.url is null, so there is no log to fetch\.\nGive the SQL URL"
    ):
        run_here(tmp_path, monkeypatch, "fetch_log")
    parameters(tmp_path, fetch_log__url="sqlite:///gone.db#events")
    with pytest.raises(InputError, match=r"gone\.db: there is no such file"):
        run_here(tmp_path, monkeypatch, "fetch_log")
    assert not (tmp_path / FETCHED.path).exists()
