"""The report says what was measured, what was not, and why."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from models.metrics.bootstrap import Bootstrap
from pipeline.config.params import load_params
from pipeline.judging.report import Basis, first_ripe_day, judge_report, ripe_episodes, ripe_lists, weekly
from pipeline.learning.churn_in_use import churn_of
from tests.support.episodes import episodes
from tests.support.paths import ROOT

END = date(2024, 6, 1)


def ledger(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of made-up episodes with the other columns that the report reads."""
    return rows.with_columns(
        episode=pl.col("as_of"), action=pl.col("arm"), window_days=pl.lit(14, pl.Int32), currency=pl.lit("EUR"),
        churn=pl.lit(None, pl.String), lead_days=pl.lit(0),
        came_back=pl.lit(value=False), login_days=(~pl.col("churned")).cast(pl.Int64),
    )  # fmt: skip


def report(rows: pl.DataFrame, **changes: Any) -> Mapping[str, Any]:
    params = load_params(ROOT / "params.yaml")
    policy = params.policy.model_copy(update=changes)
    basis = Basis(
        "shop",
        churn_of(params.label),
        END,
        30,
        params.judge.model_copy(update={"decide_at": 0.1}),
        policy,
        {},
        Bootstrap(20, 1),
        None,
    )
    return judge_report(rows, rows, basis)


def test_a_large_trial_has_a_verdict_and_its_money() -> None:
    rows = ledger(episodes(1, users=6_000, saves=0.5))
    made = report(rows, contact_cost=1.0, margin=0.5)
    contacts = rows.filter(pl.col("arm") == "contact").height
    assert made["churn"]["verdict"] == "contact keeps users"
    assert made["money"].profit.value == pytest.approx(0.5 * made["revenue"].value * contacts - contacts)
    assert made["says"][1].startswith("Verdict: contact keeps users")
    assert any(line.startswith("Profit of the contacts over 30 days") for line in made["says"])
    assert made["login_days"].value == pytest.approx(made["churn"]["effect"].value)


def test_arms_that_were_not_drawn_leave_every_effect_empty_with_the_reason() -> None:
    rows = ledger(episodes(2))
    made = report(rows.filter((pl.col("arm") == "contact") | ~pl.col("churned")))
    assert made["churn"]["effect"] is None
    assert "not what was drawn" in made["churn"]["because"]
    assert (made["groups"], made["login_days"], made["money"]) == ([], None, None)
    assert "not what was drawn" in made["says"][1]


def test_a_log_without_amounts_has_no_money() -> None:
    made = report(
        ledger(episodes(3)).with_columns(revenue=pl.lit(None, pl.Float64), currency=pl.lit(None, pl.String))
    )
    assert (made["money"], made["revenue"], made["currency"]) == (None, None, None)
    assert made["churn"]["effect"] is not None


def test_lists_without_episodes_have_predictions_and_no_effect() -> None:
    watched = ledger(episodes(4)).with_columns(
        arm=pl.lit(None, pl.String), episode=pl.lit(None, pl.Date), action=pl.lit("watch"), churned="y0"
    )
    made = report(watched)
    assert made["churn"] is None
    assert made["says"][1] == "No effect: no episode has ended."
    assert made["predictions"]["all"].quality.users == watched.height


def test_a_line_of_the_table_is_a_week_and_a_play() -> None:
    rows = ledger(episodes(5))
    table = weekly(rows)
    assert table.select("week", "play").is_unique().all()
    assert table["contact"].sum() + table["holdout"].sum() == rows.height
    line = table.row(0, named=True)
    plain = line["holdout_churned"] / line["holdout"] - line["contact_churned"] / line["contact"]
    assert line["difference"] == pytest.approx(plain)
    assert line["low"] < plain < line["high"]


def test_ripe_is_what_has_its_whole_window_in_the_log() -> None:
    rows = ledger(episodes(6))
    first: date = rows["as_of"].min()
    due = first + timedelta(days=14)
    assert first_ripe_day(rows) == due
    assert ripe_episodes(rows, due - timedelta(days=1)).is_empty()
    assert ripe_episodes(rows, due)["as_of"].unique().to_list() == ripe_lists(rows, due) == [first]
