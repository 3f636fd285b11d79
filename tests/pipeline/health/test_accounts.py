"""The scorecard of an account: what its people did by the day, recounted from the raw lines."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.storage.datasets import HEALTH_ACCOUNTS, HEALTH_REPORT, HEALTH_USERS, SCORING_MODEL
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import LOGIN, save_engagement
from tests.pipeline.health.test_engagement import END, REFERENCE
from tests.support.business_shop import BEFORE, CONTRACT, lines
from tests.support.stage_runs import run_here
from tests.support.tiny import project

WITH_ACCOUNTS = {**CONTRACT, "columns": {**CONTRACT["columns"], "account": "firm", "counterpart": "whom"}}


def firms(log: pl.DataFrame) -> pl.DataFrame:
    """The club's lines with the firm of each user, and whom a visit was about."""
    number = pl.col("who").str.slice(1).cast(pl.Int64)
    whom = pl.when(pl.col("what") == "visit").then(pl.format("u{}", (number + 7) % 60))
    return log.with_columns(firm=pl.format("f{}", number % 9), whom=whom)


def health(
    folder: Path, monkeypatch: pytest.MonkeyPatch, log: pl.DataFrame, days_ago: int = 0
) -> pl.DataFrame:
    """The accounts of `log`, as of the end of the day so many days before its last."""
    project(folder, log, WITH_ACCOUNTS, log__ends_on=(END - timedelta(days=days_ago)).isoformat())
    (folder / SCORING_MODEL.path / LOGIN).mkdir(parents=True)
    save_engagement(REFERENCE, folder / SCORING_MODEL.path / LOGIN)
    run_here(folder, monkeypatch, *BEFORE, "logins", "health")
    return pl.read_parquet(folder / HEALTH_ACCOUNTS.path)


def test_people_seats_breadth_and_reach_are_those_of_the_raw_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = firms(lines())
    made = health(tmp_path, monkeypatch, log)
    known = log.with_columns(day=pl.col("time").str.to_datetime().dt.date()).filter(pl.col("day") <= END)
    recent = known.filter(pl.col("day") > END - timedelta(days=30))
    seats = known.group_by("firm").agg(seats=pl.col("who").n_unique())
    used = recent.group_by("firm").agg(
        people=pl.col("who").n_unique(),
        met=pl.col("whom").drop_nulls().n_unique(),
        groups=pl.col("what").is_in(["visit", "answer"]).any().cast(pl.Int64)
        + pl.col("what").is_in(["purchase", "plan", "refund"]).any().cast(pl.Int64),
    )
    raw = seats.join(used, on="firm").sort("firm")
    assert made["account"].to_list() == raw["firm"].to_list()
    assert made["people"].to_list() == raw["people"].to_list()
    assert made["seats"].to_list() == raw["seats"].to_list()
    assert made["depth"].to_list() == pytest.approx((raw["people"] / raw["seats"]).to_list())
    assert made["reach"].to_list() == raw["met"].cast(pl.Float64).to_list()
    assert made["breadth"].to_list() == (raw["groups"] / 2).to_list()
    assert made["currency"].unique().to_list() == ["EUR"]
    assert made["price"].max() > 0  # type: ignore[operator]
    users = pl.read_parquet(tmp_path / HEALTH_USERS.path)
    assert set(users["account"].drop_nulls()) <= set(made["account"])


def test_the_scorecard_of_a_day_knows_nothing_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = health(tmp_path / "now", monkeypatch, firms(lines()))
    then = health(tmp_path / "then", monkeypatch, firms(lines()), days_ago=28)
    both = now.join(then, on="account", suffix="_then").drop_nulls("trend")
    assert both.height == 9
    was = (both["health"] - both["trend"]).to_list()
    assert was == pytest.approx(both["health_then"].to_list(), abs=0.11)


def test_a_user_of_two_accounts_counts_in_each_and_a_column_that_is_no_account_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = firms(lines())
    one = log["who"][0]
    first = pl.int_range(pl.len()).over("who") == 0
    moved = log.with_columns(
        firm=pl.when((pl.col("who") == one) & first).then(pl.lit("other")).otherwise("firm")
    )
    made = health(tmp_path / "two", monkeypatch, moved)
    assert "other" in made["account"].to_list()
    assert read_json(tmp_path / "two" / HEALTH_REPORT.path)["accounts"]["users_of_several_accounts"] == 1
    with pytest.raises(InputError, match=r"shop.yaml: columns.account changes within a user"):
        health(tmp_path / "changing", monkeypatch, log.with_columns(firm="what"))
