"""What params.yaml asks for of the catalogue, and what ingest says of the rest."""

import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.catalogue.rhythm import RHYTHM
from features.define import past
from pipeline.cli import app
from pipeline.config.params import load_params
from pipeline.config.sections import Features
from pipeline.errors import InputError
from pipeline.learning.dataset import features_of_rows
from pipeline.log import feature_set
from pipeline.log.facts import LogFacts
from pipeline.log.feature_set import features_in_use
from pipeline.runner.stage import run_stage
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from tests.support.tables import START, contract, declared
from tests.support.tiny import CONTRACT, project, visits

GAME = contract()


def names(chosen: Features, facts: LogFacts | None = None) -> list[str]:
    return [feature.name for feature in features_in_use(GAME, chosen, facts)]


def facts(days: int) -> LogFacts:
    return LogFacts(START, START + timedelta(days=days - 1), days, GAME.tells, {}, 0, (), {}, {})


def test_only_and_drop_choose_in_the_catalogue_s_order() -> None:
    chosen = Features(only=("events_7d", "gap_last_days", "tenure_days"), drop=("tenure_days",))
    assert names(chosen) == ["gap_last_days", "events_7d"]
    everything = names(Features(only=None, drop=()))
    assert names(Features(only=None, drop=("events_7d",))) == [n for n in everything if n != "events_7d"]


@pytest.mark.parametrize(
    ("only", "drop", "message"),
    [
        (
            ("gap_lst_days",),
            (),
            r"features\.only names 'gap_lst_days', which is not a feature\.\nDid you mean 'gap_last",
        ),
        (
            None,
            ("xyz",),
            r"features\.drop names 'xyz', which is not a feature\.\nAll names: lastlogin features",
        ),
        (("events_7d",), ("events_7d",), r"features\.only and features\.drop leave no feature"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(
    only: tuple[str, ...] | None, drop: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        names(Features(only=only, drop=drop))


def test_a_window_longer_than_the_log_is_left_out_and_refused_only_when_named() -> None:
    chosen = Features(only=None, drop=())
    assert "login_days_60d" in names(chosen, facts(60))
    assert "login_days_60d" not in names(chosen, facts(59))
    with pytest.raises(
        InputError, match=r"'login_days_60d', which looks back over 60 days, and the log has 59\."
    ):
        names(Features(only=("login_days_60d",), drop=()), facts(59))


def test_a_feature_that_the_log_lacks_is_refused_only_when_named() -> None:
    poor = contract(columns={"user_id": "user", "at": "at", "kind": "kind"}, currency={})
    with pytest.raises(InputError, match=r"features\.only names 'level', and the log lacks column level\."):
        features_in_use(poor, Features(only=("level",), drop=()))


def run_here(folder: Path, patch: pytest.MonkeyPatch, *stages: str) -> None:
    patch.chdir(folder)
    for stage in stages:
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs stages on a shop of 50 days with these features; gives the folder."""

    def make(*stages: str, **changes: Any) -> Path:
        folder = project(tmp_path, visits(30, 50), CONTRACT, **changes)
        run_here(folder, monkeypatch, *stages)
        return folder

    return make


def test_ingest_lists_what_the_log_lacks_and_what_looks_back_too_far(made: Any) -> None:
    folder = made("rates", "ingest", "activity", "logins")
    report = read_json(folder / "reports/ingest.json")
    described = report["features"]
    assert described["absent"]["level"] == ["column level"]
    assert described["absent"]["contacts_7d"] == ["column counterpart"]
    assert described["absent"]["goals_30d"] == ["meaning goal"]
    assert described["too_long"]["login_days_60d"] == 60
    assert "login_days_30d" not in described["too_long"]
    rows = read_buckets(folder / "data/logins")
    assert len(features_of_rows(folder / "data/logins")) == described["in_use"]
    assert not {*described["absent"], *described["too_long"]} & set(rows.columns)


def test_ingest_makes_the_catalogue_once(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made_for: list[Any] = []
    every_feature = feature_set.every_feature

    def counted(sources: Any) -> Any:
        made_for.append(sources)
        return every_feature(sources)

    for module in ("pipeline.log.feature_set", "features.catalogue.available"):
        monkeypatch.setattr(f"{module}.every_feature", counted)
    made("ingest")
    assert len(made_for) == 1


def test_the_login_rows_hold_the_chosen_features_alone(made: Any) -> None:
    folder = made("rates", "ingest", "activity", "logins", features__only=["gap_last_days", "events_7d"])
    names = [feature.name for feature in features_of_rows(folder / "data/logins")]
    assert names == ["gap_last_days", "events_7d"]
    assert read_json(folder / "reports/ingest.json")["features"]["in_use"] == 2


def test_ingest_refuses_a_feature_of_nothing_before_it_reads_a_line(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    typo = declared(name="mine", value=past("evnts", 7))
    monkeypatch.setattr("features.catalogue.available.RHYTHM", (*RHYTHM, typo))
    monkeypatch.setattr("pipeline.stages.ingest.log_files", lambda *_: pytest.fail("the log was looked for"))
    with pytest.raises(ValueError, match=r"feature 'mine': there is no measure 'evnts'"):
        made("ingest")


def test_the_command_says_which_are_in_use(made: Any) -> None:
    made(features__drop=["gap_last_days"])
    table = CliRunner().invoke(app, ["features", "--markdown"]).stdout
    described = {
        line.split(" | ")[0].removeprefix("| "): line.split(" | ")[-1] for line in table.splitlines()[6:]
    }
    assert (described["gap_last_days"], described["gap_mean_days"], described["level"]) == (
        "no |",
        "yes |",
        "no |",
    )
