"""A log with visitors, zones of its lines, late lines and quantities runs through the stages before training."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.commands.replay import replay
from pipeline.config.params import load_params
from pipeline.storage.datasets import ANONYMOUS, EVENTS, LANDMARKS, LISTED, LOGINS, VISITS
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from tests.support.stage_runs import BEFORE_TRAINING, run_here
from tests.support.tiny import CONTRACT, project, visits

COLUMNS = CONTRACT["columns"]
SHOP: dict[str, Any] = {
    **CONTRACT,
    "columns": {**COLUMNS, "timezone": "zone", "received_at": "arrived"},
    "identity": {"from": "device", "to": "customer"},
    "quantities": {
        "points": {"column": "points", "form": "total"},
        "minutes": {"sql": "seconds / 60"},
        "tier": {"column": "tier", "form": "level"},
    },
}
KNOWN_FROM, MEMBERS = "2024-02-10", 100
"""On this day all members sign in; the other customers never do."""


def lines() -> pl.DataFrame:
    number = pl.col("customer").str.slice(1).cast(pl.Int64)
    signed_in = (number < MEMBERS) & (pl.col("time") >= KNOWN_FROM)
    happened = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S")
    late = pl.int_range(pl.len()) % 7 == 0
    return visits(150, 90).with_columns(
        device="d" + number.cast(pl.String),
        customer=pl.when(signed_in).then("customer"),
        zone=pl.when(number % 2 == 0).then(pl.lit("Asia/Tokyo")).otherwise(pl.lit("UTC")),
        points=pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.int_range(pl.len()) * 7 % 50),
        seconds=pl.int_range(pl.len()) * 13 % 900,
        tier=(pl.int_range(pl.len()) // 40) % 9 - 2,
        arrived=(pl.when(late).then(happened + timedelta(days=3)).otherwise(happened)).dt.strftime(
            "%Y-%m-%dT%H:%M:%S"
        ),
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("identity"), lines(), SHOP)
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *BEFORE_TRAINING)
    return folder


def is_visitor() -> pl.Expr:
    return pl.col("user_id").str.starts_with("d")


def test_only_known_users_are_listed_and_visitors_keep_what_they_did_before(shop: Path) -> None:
    users = {f"c{number}" for number in range(MEMBERS)}
    for path in (LANDMARKS.path, LISTED.path):
        assert set(read_buckets(shop / path)["user_id"]) <= users
    rows = read_buckets(shop / LOGINS.path)
    visitors = rows.filter(is_visitor())
    members = visitors.filter(pl.col("user_id").str.slice(1).cast(pl.Int64) < MEMBERS)
    assert members.height
    assert members["login_day"].max() < date.fromisoformat(KNOWN_FROM) + timedelta(days=3)
    assert set(visitors["user_id"]) == set(read_buckets(shop / ANONYMOUS.path)["user_id"])
    report = read_json(shop / "reports/ingest.json")
    assert report["users"] == rows.filter(~is_visitor())["user_id"].n_unique()
    assert report["identity"]["visitors"] == visitors["user_id"].n_unique()
    assert report["identity"]["anonymous"] == read_buckets(shop / EVENTS.path).filter(is_visitor()).height


def test_rows_whose_window_meets_the_link_have_no_outcome(shop: Path) -> None:
    linked = read_buckets(shop / ANONYMOUS.path).drop_nulls("known_day")
    rows = read_buckets(shop / LOGINS.path).join(linked, on="user_id")
    met = pl.col("known_day") <= pl.col("login_day") + pl.duration(days=pl.col("window_days"))
    assert rows.filter(met)["churned"].null_count() == rows.filter(met).height > 0
    assert not rows.filter(met)["ripe"].any()
    assert rows.filter(~met)["ripe"].any()


def test_a_user_whose_lines_arrive_after_the_window_was_there(shop: Path) -> None:
    """The label by the days on which users came differs from that by the days on which their lines arrived."""
    came = read_buckets(shop / VISITS.path)
    rows = read_buckets(shop / LOGINS.path).filter(pl.col("ripe"))
    window = came.join(rows.select("user_id", "login_day", "window_days"), on="user_id").filter(
        (pl.col("day") > pl.col("login_day"))
        & (pl.col("day") <= pl.col("login_day") + pl.duration(days=pl.col("window_days")))
    )
    stayed = window.select("user_id", "login_day").unique()
    expected = rows.join(stayed, on=["user_id", "login_day"], how="anti").select("user_id", "login_day")
    churned = rows.filter("churned").select("user_id", "login_day")
    assert churned.sort("user_id", "login_day").equals(expected.sort("user_id", "login_day"))
    arrivals = read_buckets(shop / LOGINS.path).select("user_id", day="login_day")
    assert arrivals.join(came, on=["user_id", "day"], how="anti").height


def test_a_replay_finds_no_difference(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    found = replay(load_params(Path("params.yaml")), Path(), rows=40, days=2, seed=1)
    assert found.differences == ()
    assert min(found.rows, found.landmarks) > 0
