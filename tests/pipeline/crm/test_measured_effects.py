"""A list uses the effects that were known on its day, of its own log, with a verdict; and no others."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.crm.measured_effects import measured_effects
from pipeline.errors import InputError
from pipeline.storage.files import write_json
from tests.support.effects import judge_json

DAY = date(2024, 4, 20)


def written(folder: Path, **effects: Any) -> str:
    write_json(judge_json(DAY, effects), folder / "judge.json")
    return str(folder / "judge.json")


def test_a_play_with_a_verdict_is_measured(tmp_path: Path) -> None:
    path = written(
        tmp_path, call={"effect": 0.04, "by_band": {"high": 0.06, "low": -0.01}}, gift={"effect": -0.02}
    )
    found = measured_effects(path, "shop", DAY)
    assert found.plays["call"].of_band("high") == 0.06
    assert found.plays["call"].of_band("medium") == 0.04
    assert found.set_aside == {"call": ("low",), "gift": ("low", "medium", "high")}
    report = found.as_json(["call", "word"])
    assert (report["until"], report["assumed"]) == ("2024-04-20", ["word"])
    assert set(report["measured"]) == {"call", "gift"}


def test_not_yet_is_no_verdict(tmp_path: Path) -> None:
    path = written(
        tmp_path, call={"effect": 0.04, "says": "not yet"}, gift={"effect": None, "says": "not yet"}
    )
    found = measured_effects(path, "shop", DAY)
    assert found.plays == {}
    assert found.because == f"no play has a verdict in {path}, of 2024-04-20"


def test_what_became_known_after_the_list_s_day_is_not_used(tmp_path: Path) -> None:
    path = written(tmp_path, call={"effect": 0.04})
    assert measured_effects(path, "shop", DAY).plays
    early = measured_effects(path, "shop", DAY - timedelta(days=1))
    assert (early.plays, "after the day of this list" in early.because) == ({}, True)


def test_the_effects_of_another_log_are_not_used(tmp_path: Path) -> None:
    found = measured_effects(written(tmp_path, call={"effect": 0.04}), "game", DAY)
    assert (found.plays, "is of the log shop, not game" in found.because) == ({}, True)


@pytest.mark.parametrize("path", [None, "nowhere/judge.json"])
def test_without_a_report_all_plays_are_assumed(path: str | None) -> None:
    assert measured_effects(path, "shop", DAY).plays == {}


def test_a_damaged_report_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, call={"effect": 0.04})
    text = Path(path).read_text("utf-8")
    Path(path).write_text(text[: len(text) // 2], "utf-8")
    with pytest.raises(InputError, match=r"judge\.json: damaged.*\n.*lastlogin judge"):
        measured_effects(path, "shop", DAY)
