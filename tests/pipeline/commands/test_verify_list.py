"""A list that the stages wrote is not contradicted by its log; each planted lie is named, with what the log says."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from benchmarks.support.projects import lay_out
from features.aggregation import windows
from pipeline.cli import app
from pipeline.commands.verify_list import Verified, verify_list
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.storage.datasets import CRM_TABLE, EVENTS
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet
from pipeline.storage.manifest import write_manifest
from tests.support.shop import EDGES
from tests.support.stage_runs import BEFORE_TRAINING, run_here
from tests.support.tiny import CONTRACT, project, visits

DESK: dict[str, Any] = {
    **CONTRACT,
    "groups": {**CONTRACT["groups"], "support": ["ask", "reply"]},
    "meaning": {"complaint": ["ask"], "answer": ["reply"]},
}


def lines() -> pl.DataFrame:
    """The shop with a desk: after one visit in ten a user asks, and six in ten are answered a day later."""
    rng = np.random.default_rng(3)
    seen = visits().filter(pl.col("what") == "visit").sample(fraction=0.1, seed=3)
    asked = seen.with_columns(what=pl.lit("ask"))
    answered = asked.filter(pl.Series(rng.random(asked.height) < 0.6)).with_columns(
        time=(pl.col("time").str.to_datetime() + timedelta(days=1)).dt.strftime("%Y-%m-%d %H:%M:%S"),
        what=pl.lit("reply"),
    )
    return pl.concat([visits(), asked, answered])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("verify"), lines(), DESK, **EDGES, list__least_points=0.1)
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *BEFORE_TRAINING, "train", "evaluate", "profile", "health", "score")
    return folder


@pytest.fixture
def listed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    monkeypatch.chdir(shop)
    return pl.read_parquet(CRM_TABLE.path)


def verified(listed: pl.DataFrame, folder: Path) -> Verified:
    write_parquet(listed, folder / "copy.parquet")
    return verify_list(load_params(Path("params.yaml")), Path(), folder / "copy.parquet")


def with_cell(listed: pl.DataFrame, user_id: str, column: str, value: Any) -> pl.DataFrame:
    """The list with one other cell."""
    other = pl.lit(value, dtype=listed.schema[column])
    return listed.with_columns(
        pl.when(pl.col("user_id") == user_id).then(other).otherwise(column).alias(column)
    )


def test_a_list_that_the_stages_wrote_is_not_contradicted(listed: pl.DataFrame, tmp_path: Path) -> None:
    found = verified(listed, tmp_path)
    texts = [listed[f"reason_{rank}_text"].drop_nulls() for rank in (1, 2, 3)]
    assert found.contradictions == ()
    assert found.users == listed.height > 20
    assert found.facts == sum(map(len, texts)) + listed["silence_text"].count()
    assert found.facts >= found.recounted > found.facts / 2
    assert listed["duty"].sum() > 0


def test_the_list_of_the_demo_is_not_contradicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its currencies, staff who answer, users who write to each other, and attributes of users."""
    changes = {"simulate": {"users": 600, "days": 120}, "engine": {"buckets": 2}, "train": {"max_rounds": 60}}
    lay_out(tmp_path, {**changes, "list": {"least_points": 0.1, "carry": ["channel", "plan"]}})
    run_here(
        tmp_path, monkeypatch, "simulate", *BEFORE_TRAINING, "train", "evaluate", "profile", "health", "score"
    )
    found = verify_list(load_params(Path("params.yaml")), Path(), CRM_TABLE.path)
    assert found.contradictions == ()
    assert found.users > 100
    assert found.facts > found.recounted > 0.8 * found.facts
    assert found.on_lists > found.users
    listed = pl.read_parquet(CRM_TABLE.path)
    lie = with_cell(listed, listed["user_id"][0], "plan", "gold")
    of_lie = verified(lie, tmp_path).contradictions
    assert [(one.column, one.listed, one.logged) for one in of_lie] == [("plan", "gold", listed["plan"][0])]


@pytest.mark.usefixtures("listed")
def test_the_command_says_in_one_line_that_nothing_is_contradicted() -> None:
    done = CliRunner().invoke(app, ["verify-list"])
    assert done.exit_code == 0
    assert done.stdout.startswith("verify-list: ")
    assert done.stdout.endswith(": nothing is contradicted\n")
    assert done.stdout.count("\n") == 1


def test_a_changed_number_in_a_sentence_is_named_with_the_right_sentence(
    listed: pl.DataFrame, tmp_path: Path
) -> None:
    """A count of the user, what is usual for the user, what is usual among peers, and the day."""
    of_login_day = r"^\D*\d.* up to \d.*, usually.*\d.*; peers.*\d"
    told = listed.filter(pl.col("reason_1_text").str.contains(of_login_day)).row(0, named=True)
    user_id, text = told["user_id"], told["reason_1_text"]
    value, day, usual, peers = re.split(r" (?=up to )|, |; ", text)
    parts = [value, day, usual, peers]
    lies = [text.replace(part, part.replace(digit, "7", 1)) for part in parts if (digit := _digit(part))]
    assert len(lies) >= 3
    for lie in lies:
        found = verified(with_cell(listed, user_id, "reason_1_text", lie), tmp_path).contradictions
        assert [(one.user_id, one.column, one.listed, one.logged) for one in found] == [
            (user_id, "reason_1_text", lie, text)
        ]


def _digit(text: str) -> str | None:
    return next((letter for letter in text if letter.isdigit() and letter != "7"), None)


def test_a_sentence_that_lost_the_day_of_the_login_is_named(listed: pl.DataFrame, tmp_path: Path) -> None:
    named = r" up to \d+ \w+"
    told = listed.filter(pl.col("reason_1_text").str.contains(named)).row(0, named=True)
    without = re.sub(named, "", told["reason_1_text"], count=1)
    found = verified(with_cell(listed, told["user_id"], "reason_1_text", without), tmp_path).contradictions
    assert [one.logged for one in found] == [told["reason_1_text"]]


@pytest.mark.parametrize(
    ("column", "lie"),
    [
        ("silence_text", "has not come for 99 days"),
        ("silent_days", 13),
        ("last_login_day", date(2024, 1, 2)),
        ("login_number", 99),
        ("population", "nobody"),
        ("reason_1_text", None),
    ],
)
def test_a_lie_in_another_column_is_named(
    listed: pl.DataFrame, tmp_path: Path, column: str, lie: object
) -> None:
    known = (pl.col("silent_days") > 0) & (pl.col("silent_days") != 13) & pl.col("reason_1").is_not_null()
    user_id = listed.filter(known)["user_id"][0]
    found = verified(with_cell(listed, user_id, column, lie), tmp_path).contradictions
    assert {one.user_id for one in found} == {user_id}
    assert column in {one.column for one in found}


def test_a_true_sentence_of_a_value_on_no_wrong_side_is_no_reason(
    listed: pl.DataFrame, tmp_path: Path
) -> None:
    """The first reason of one user is told of all users with other reasons, with their own values."""
    feature = listed["reason_1"].drop_nulls()[0]
    others = ~pl.any_horizontal(pl.col("^reason_[123]$").eq_missing(feature))
    of_others = pl.when(others)
    lies = listed.with_columns(
        reason_1=of_others.then(pl.lit(feature)).otherwise("reason_1"),
        reason_1_text=of_others.then(pl.lit("?")).otherwise("reason_1_text"),
    )
    true = {
        one.user_id: one.logged
        for one in verified(lies, tmp_path).contradictions
        if one.column == "reason_1_text"
    }
    assert set(true) == set(listed.filter(others)["user_id"])
    told = pl.col("user_id").replace_strict(true, default=pl.col("reason_1_text"))
    found = verified(lies.with_columns(reason_1_text=told), tmp_path).contradictions
    assert 0 < len(found) <= len(true)
    assert all("is not on the wrong side of what is usual" in one.logged for one in found)


def test_a_request_that_was_answered_since_is_named(
    listed: pl.DataFrame, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(shop, tmp_path / "answered")
    monkeypatch.chdir(tmp_path / "answered")
    waiting = listed.filter("duty").row(0, named=True)
    assert waiting["play"] == "answer_now"
    for bucket in buckets_in(EVENTS.path):
        events = read_bucket(EVENTS.path, bucket)
        last = events.filter((pl.col("user_id") == waiting["user_id"]) & (pl.col("kind") == "ask")).tail(1)
        answers = [last.with_columns(pl.col("at") + timedelta(minutes=1), kind=pl.lit("reply"))] * 9
        write_parquet(
            pl.concat([events, *answers]).sort("user_id", "at", maintain_order=True),
            bucket_file(EVENTS.path, bucket),
        )
    write_manifest(EVENTS.path)
    found = verified(listed, tmp_path).contradictions
    of_user = {(one.column, one.logged) for one in found if one.user_id == waiting["user_id"]}
    assert {("duty", "False"), ("play", "no request is open")} <= of_user


def test_an_engine_that_counts_too_many_days_is_caught_by_the_plain_recount(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replay runs the same engine, and agrees with the list."""
    shutil.copytree(shop, tmp_path / "longer")

    def first_row_of_twice_as_many(length: int) -> pl.Expr:
        return pl.col("row").rolling_min_by("key", window_size=f"{2 * length}i").alias(windows._first(length))

    monkeypatch.setattr(windows, "_first_row", first_row_of_twice_as_many)
    run_here(
        tmp_path / "longer",
        monkeypatch,
        "logins",
        "landmarks",
        "listed",
        "train",
        "evaluate",
        "profile",
        "health",
        "score",
    )
    found = verify_list(load_params(Path("params.yaml")), Path(), CRM_TABLE.path).contradictions
    assert found
    assert all(one.logged.endswith(" (by a plain recount)") for one in found)


def test_somebody_else_and_somebody_twice_are_named(listed: pl.DataFrame, tmp_path: Path) -> None:
    stranger = listed.head(1).with_columns(user_id=pl.lit("nobody"))
    found = verified(pl.concat([listed, stranger, listed.tail(1)]), tmp_path).contradictions
    twice = listed["user_id"][-1]
    assert [(one.user_id, one.column) for one in found] == [(twice, "user_id"), ("nobody", "user_id")]


def test_the_command_names_the_first_twenty_and_their_number(listed: pl.DataFrame, tmp_path: Path) -> None:
    write_parquet(listed.with_columns(pl.col("login_number") + 1), tmp_path / "lies.parquet")
    done = CliRunner().invoke(app, ["verify-list", "--list", str(tmp_path / "lies.parquet")])
    told = [line for line in done.stderr.splitlines() if ", login_number: the list says " in line]
    assert done.exit_code == 2
    assert len(told) == 20
    assert f": {listed.height} contradicted\n" in done.stderr
    assert done.stdout == ""


def test_a_list_that_cannot_be_verified_is_refused(listed: pl.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no-list\.parquet: no such list"):
        verify_list(load_params(Path("params.yaml")), Path(), tmp_path / "no-list.parquet")
    with pytest.raises(InputError, match=r"Give the Parquet file beside it: data/crm/list\.parquet"):
        verify_list(load_params(Path("params.yaml")), Path(), Path("data/crm/list.csv"))
    refused = {
        "the list lacks duty": listed.drop("duty"),
        "the list is as of 0 days": listed.clear(),
        "the list is as of 2031-01-01, and the log lasts": listed.with_columns(
            as_of=pl.lit(date(2031, 1, 1))
        ),
        "the log does not give 1 of the features": with_cell(
            listed, listed.filter(pl.col("reason_1").is_not_null())["user_id"][0], "reason_1", "moon_phase"
        ),
    }
    for message, bad in refused.items():
        with pytest.raises(InputError, match=message):
            verified(bad, tmp_path)
