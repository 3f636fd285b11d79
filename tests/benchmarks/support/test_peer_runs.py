"""What DuckDB and featuretools make of a log is what the pipeline makes of it, where both make it."""

import json
from pathlib import Path

import polars as pl
import pytest

from benchmarks.support import peer_runs
from pipeline.storage.frames import read_buckets
from tests.support.bench_demo import KEYS, far_apart, features_of


@pytest.fixture(scope="module")
def peers() -> Path:
    made = peer_runs.ENVIRONMENT / "made-from.txt"
    if not made.is_file():
        pytest.skip(f"{peer_runs.ENVIRONMENT.name} is absent: make bench makes it, with the peers in it")
    return peer_runs.ENVIRONMENT / "bin/python"


def beside(demo: Path, table: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Our rows and theirs, of the keys in `table`, in one order."""
    theirs = pl.read_parquet(demo / table).with_columns(pl.col("user_id").cast(pl.String)).sort(KEYS)
    ours = read_buckets(demo / "data/logins")
    return ours.join(theirs.select(KEYS), on=KEYS, how="semi").sort(KEYS), theirs


def test_what_duckdb_makes_has_the_same_values(demo: Path, peers: Path) -> None:
    peer_runs.describe(demo)
    peer_runs.duckdb(peers, demo)
    ours, theirs = beside(demo, peer_runs.DUCKDB)
    assert theirs.height == ours.height == read_buckets(demo / "data/logins").height
    assert theirs["login_number"].equals(ours["login_number"])
    assert len(features_of(theirs)) >= 82
    assert far_apart(ours, theirs) == {}


@pytest.mark.slow
def test_what_featuretools_makes_of_a_sample_has_the_same_values(demo: Path, peers: Path) -> None:
    peer_runs.describe(demo)
    sampled = peer_runs.featuretools(peers, demo, users=3)
    ours, theirs = beside(demo, peer_runs.FEATURETOOLS)
    assert theirs["user_id"].n_unique() == 3
    assert theirs.height == ours.height == len(_rows_of(demo, theirs["user_id"]))
    assert sampled.features >= len(features_of(theirs)) >= 26
    assert far_apart(ours, theirs) == {}


def _rows_of(demo: Path, users: pl.Series) -> pl.DataFrame:
    return read_buckets(demo / "data/logins").filter(pl.col("user_id").is_in(users.unique().implode()))


def test_an_environment_that_cannot_be_made_leaves_the_peers_out_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "peers.txt").write_text("-r nowhere.txt\n", "utf-8")
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr(peer_runs, "_REQUIREMENTS", tmp_path / "peers.txt")
    monkeypatch.setattr(peer_runs, "ENVIRONMENT", tmp_path / "file/.bench-venv")  # below a file: no folder
    assert peer_runs.peers_python() is None
    assert "DuckDB and featuretools are left out, .bench-venv failed: " in capsys.readouterr().err


def test_the_peers_are_told_the_bounds_and_the_kinds_of_the_log(demo: Path) -> None:
    peer_runs.describe(demo)
    spec = json.loads((demo / "data/peer_spec.json").read_text("utf-8"))
    assert spec["last_day"] - spec["first_day"] + 1 == 100
    assert spec["roles"]
    assert spec["kinds"]["kind_chat"] == "chat"
    assert spec["groups"]["compete_events"] == ["match_played", "match_won"]
    assert "ticket_answered" not in spec["presence"]
