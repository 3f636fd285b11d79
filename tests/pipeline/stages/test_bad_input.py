"""What the stages say of bad input: exit code 2, one message, nothing written."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.learning.dataset import read_landmarks
from tests.support.stage_runs import BEFORE_TRAINING, command, digests, run_here
from tests.support.tiny import CONTRACT, START, project, visits

BAD: dict[str, tuple[str, dict[str, Any], dict[str, Any] | None, str, str]] = {
    "a missing log": ("ingest", {"log__path": "none.csv"}, None, "none.csv", "no such"),
    "a wrong column name": (
        "ingest", {}, {**CONTRACT, "columns": {**CONTRACT["columns"], "user_id": "client"}}, "client", "customer"),
    "unparsable times": ("ingest", {}, {**CONTRACT, "time": {"format": "%d.%m.%Y"}}, "unreadable_time", "time.format"),
    "a kind in two groups": (
        "ingest", {}, {**CONTRACT, "groups": {"trade": ["purchase"], "look": ["purchase"]}, "presence": {}},
        "kind 'purchase' stands in two groups", "Remove it from one of them"),
    "a quantity that is text": (
        "ingest", {}, {**CONTRACT, "quantities": {"places": "land"}},
        "quantities.places: none of", "'DE' (shop.csv:2)"),
    "a total below zero": (
        "ingest", {}, {**CONTRACT, "quantities": {"paid": {"column": "sum", "form": "total"}}},
        "quantities.paid: '-", "Write form: net"),
    "an unknown parameter": ("ingest", {"label__horizon": 3}, None, "label.horizon", "horizon_days"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_stops_with_2_one_message_and_nothing_written(case: str, tmp_path: Path) -> None:
    stage, changes, contract, problem, allowed = BAD[case]
    folder = project(tmp_path, visits(20, 60), contract, **changes)
    before = digests(folder)
    done = command(folder, stage)
    assert done.returncode == 2, done.stderr
    assert problem in done.stderr
    assert allowed in done.stderr
    assert "Traceback" not in done.stderr
    assert digests(folder) == before


def test_an_empty_log_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path, visits(20, 60).clear())
    done = command(folder, "ingest")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "shop.csv" in done.stderr


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"label__horizon_days": 400}, "ripe"), ({"split__test_from": "2030-01-01"}, "test period")],
)
def test_no_ripe_row_and_an_empty_period_stop_training(
    changes: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, visits(60), **changes)
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    done = command(folder, "train")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert message in done.stderr
    assert not (folder / "data/model").exists()


def test_one_class_only_stops_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = visits(1).clear().vstack(
        pl.DataFrame(
            [(f"c{user}", f"2024-{1 + day // 28:02d}-{1 + day % 28:02d} 10:00:00", "visit", "", "DE")
             for user in range(20) for day in range(112)],
            schema=["customer", "time", "what", "sum", "land"], orient="row",
        )
    )  # fmt: skip
    folder = project(tmp_path, daily, label__horizon_days=10)
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    done = command(folder, "train")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "both are needed" in done.stderr


def test_no_day_that_qualifies_is_said(tmp_path: Path) -> None:
    folder = project(tmp_path, visits(20, 60), {**CONTRACT, "presence": {"least_events": 1000}})
    for stage in ("rates", "ingest", "activity"):
        assert command(folder, stage).returncode == 0
    done = command(folder, "logins")
    assert (done.returncode, "no user-day qualifies as a login" in done.stderr) == (2, True)


def came_daily(*spans: tuple[int, int, int]) -> pl.DataFrame:
    """Lines of users who come every day of a span, then never: (users, first day, last day), from 1 January 2024."""
    days = [
        (f"c{number}-{user}", day)
        for number, (users, first, last) in enumerate(spans)
        for user in range(users)
        for day in range(first, last + 1)
    ]
    return pl.DataFrame(
        [(user, f"{START + timedelta(days=day):%Y-%m-%d} 10:00:00", "visit", "", "DE") for user, day in days],
        schema=["customer", "time", "what", "sum", "land"],
        orient="row",
    )


LANDMARKS: dict[str, tuple[pl.DataFrame, str]] = {
    # Half leave on the last training day, so no user has been silent for a day by then.
    "no silent user in the training period": (came_daily((20, 0, 49), (20, 0, 70), (20, 0, 99)), "of the 0 of"),
    # Who stays away for a day never comes back.
    "one class among silent users": (
        came_daily(*((4, 0, last) for last in range(20, 80, 5)), (20, 0, 99)), "0 came back and"),
}  # fmt: skip


@pytest.mark.parametrize("case", LANDMARKS)
def test_a_log_that_gives_no_model_of_silent_users_stops_training_with_what_to_do(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, problem = LANDMARKS[case]
    folder = project(
        tmp_path, lines, split__test_from="2024-03-05"
    )  # 64 days later; a window closes on day 63
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    before = digests(folder)
    done = command(folder, "train")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert problem in done.stderr
    assert "both are needed" in done.stderr
    assert "shorter label.horizon_days or a later split.test_from, or take a longer log" in done.stderr
    assert digests(folder) == before
    assert not list((folder / "data").glob("*model*"))


def test_a_log_shorter_than_the_horizon_has_landmarks_without_outcome_and_training_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, came_daily((20, 0, 3), (20, 0, 9)))
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    rows = read_landmarks(folder / "data/landmarks")
    assert rows.height > 100
    assert not rows["ripe"].any()
    assert not rows["listed"].any()
    before = digests(folder)
    done = command(folder, "train")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "horizon" in done.stderr
    assert digests(folder) == before
