"""A list uses the effects that were known on its day, of its own log, with a verdict; and no others."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.effect.episodes import group_effects
from pipeline.config.params import load_params
from pipeline.config.sections import Holdout
from pipeline.crm.choice import Offer, chosen
from pipeline.crm.measured_effects import MeasuredEffects, measured_effects
from pipeline.errors import InputError
from pipeline.storage.files import write_json
from tests.support.effects import judge_json
from tests.support.episodes import PLAYS, episodes
from tests.support.paths import PARAMS_FILE

DAY = date(2024, 4, 20)
SAVES = 0.5


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


def second_campaign(seed: int, effects: MeasuredEffects) -> float:
    """The true value that 300 contacts save: the file of plays assumes that all plays are alike."""
    people = episodes(seed, users=1_500, saves=SAVES).with_columns(
        duty=pl.lit(value=False), silent_days=pl.lit(0), mean_gap_days=pl.lit(2.0), currency=pl.lit("EUR"),
        next_step=pl.lit("a step"), goal_text=pl.lit(None, pl.String), window_days=pl.lit(14, pl.Int32),
    )  # fmt: skip
    policy = load_params(PARAMS_FILE).policy.model_copy(update={"rule": "capacity", "capacity_users": 300})
    nobody = pl.Series("excluded_by", [None] * people.height, dtype=pl.String)
    offers = dict.fromkeys(PLAYS, Offer(accepts=0.2, offer_cost=0.0))
    holdout = Holdout(share=0.0, period="never", strata=(), key="k")
    choice = chosen(
        people.drop("arm"), offers, policy, holdout, 0, nobody, valued=True, effects=effects.plays
    )
    contacts = choice.listed.filter(pl.col("action") == "contact")
    kept = pl.col("churn_probability") * SAVES * pl.col("play").replace_strict(PLAYS, return_dtype=pl.Float64)
    return float(contacts.select((kept * pl.col("expected_revenue")).sum()).item())


def test_a_second_campaign_saves_more_with_the_effects_that_the_first_has_shown(tmp_path: Path) -> None:
    """One play works, one half as well, one not at all; the first campaign is evaluated as `lastlogin judge` does."""
    better = 0
    for seed in range(3):
        first = group_effects(episodes(seed, users=6_000, saves=SAVES), 0.1)
        report = {"log": "shop", "until": DAY.isoformat(), "groups": first.effects}
        write_json(report, tmp_path / "judge.json")
        known = measured_effects(str(tmp_path / "judge.json"), "shop", DAY)
        assert set(known.plays) == set(PLAYS)
        better += second_campaign(100 + seed, known) > 1.1 * second_campaign(
            100 + seed, MeasuredEffects("assumed")
        )
    assert better == 3
