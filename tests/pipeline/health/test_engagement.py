"""Engagement of a day knows nothing later than the day, and counts the silence since the last login."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.health.engagement import Component, Reference
from pipeline.storage.datasets import HEALTH_REPORT, HEALTH_USERS, SCORING_MODEL
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import LOGIN, load_engagement, save_engagement
from tests.support.business_shop import BEFORE, CONTRACT, DAYS, START, lines
from tests.support.stage_runs import run_here
from tests.support.tiny import project

END = (START + timedelta(days=DAYS - 1)).date()
REFERENCE = Reference(
    (
        Component("login_share_30d", 0.5, (0.0, 0.1, 0.2, 0.3, 0.5)),
        Component("kinds_used_30d", 0.3, (1.0, 2.0, 3.0)),
        Component("minutes_per_login_day_30d", 0.2, (0.0, 1.0, 2.0)),
    ),
    "logistic",
    5,
    date(2024, 1, 1),
    date(2024, 2, 1),
)


def health(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ends_on: date, reference: Reference | None = REFERENCE
) -> pl.DataFrame:
    """The engagement of the users of the club's log, as of the end of `ends_on`."""
    project(folder, lines(), CONTRACT, log__ends_on=ends_on.isoformat())
    (folder / SCORING_MODEL.path / LOGIN).mkdir(parents=True)
    save_engagement(reference, folder / SCORING_MODEL.path / LOGIN)
    run_here(folder, monkeypatch, *BEFORE, "logins", "health")
    return pl.read_parquet(folder / HEALTH_USERS.path)


def test_the_engagement_of_a_day_is_the_same_whatever_came_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = health(tmp_path / "now", monkeypatch, END)
    then = health(tmp_path / "then", monkeypatch, END - timedelta(days=28))
    both = now.join(then, on="user_id", suffix="_then").drop_nulls("engagement_change_28d")
    assert both.height > 10
    was = both["engagement"] - both["engagement_change_28d"]
    assert was.to_list() == pytest.approx(both["engagement_then"].to_list(), abs=0.11)
    assert now["engagement"].drop_nulls().is_between(0, 100).all()
    assert now["as_of"].unique().to_list() == [END]


def test_the_components_are_those_of_the_thirty_days_before_the_day_not_before_the_last_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = health(tmp_path, monkeypatch, END)
    day = pl.col("time").str.to_datetime().dt.date()
    came = lines().with_columns(day=day).filter(pl.col("what") != "refund", pl.col("day") <= END)
    recent = (
        came.filter(pl.col("day") > END - timedelta(days=30))
        .group_by("who")
        .agg(days=pl.col("day").n_unique(), kinds=pl.col("what").n_unique())
    )
    first = came.group_by("who").agg(first=pl.col("day").min())
    raw = first.join(recent, on="who", how="left").with_columns(
        pl.col("days", "kinds").fill_null(0), span=(pl.lit(END) - pl.col("first")).dt.total_days() + 1
    )
    both = made.join(raw, left_on="user_id", right_on="who")
    share = both["days"] / both.select(pl.min_horizontal("span", 30)).to_series()
    assert both["login_share_30d"].to_list() == pytest.approx(share.to_list(), abs=1e-6)
    assert both.filter(pl.col("days") == 0).height > 0


def test_without_a_reference_engagement_is_null_and_the_report_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = health(tmp_path, monkeypatch, END, None)
    assert made.height > 0
    assert made["engagement"].null_count() == made.height
    assert "because" in read_json(tmp_path / HEALTH_REPORT.path)["engagement"]
    assert load_engagement(tmp_path / SCORING_MODEL.path / LOGIN) is None
