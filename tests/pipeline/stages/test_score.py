"""The list of the last day: who is on it, whose number stands there, and what the number is made of."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.define import LIST_DIMENSIONS
from models.arrays import Floats
from models.learning.evidence import THIN
from models.learning.list_model import came_today
from models.learning.scorer import log_odds
from pipeline.learning.dataset import read_landmarks, read_rows
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import load_models
from tests.support.finished import finished
from tests.support.shop import EDGES, WHOLE, finished_shop
from tests.support.stage_runs import run_here
from tests.support.tiny import SHOP, parameters, project, visits

HORIZON = 14


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is large enough for trees of silent users."""
    root = finished(tmp_path_factory.mktemp("trees"))
    assert load_models(root / "data/model/scoring").silent.form == "trees"
    return root


@pytest.fixture(scope="module")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with so many rows asked of an origin that no trees are fitted to silent users."""
    folder = tmp_path_factory.mktemp("regression") / "shop"
    shutil.copytree(finished_shop(), folder)
    parameters(folder, **{**SHOP, **EDGES, "split__min_rows": 300})
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, "train", "evaluate", "profile", "health", "score")
    assert load_models(folder / "data/model/scoring").silent.form == "logistic"
    return folder


@pytest.fixture(params=["regression", "trees"])
def scored(request: pytest.FixtureRequest) -> Path:
    """A finished project whose model of silent users has this form."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


def last_logins(shop: Path) -> tuple[dict[str, date], date]:
    """From the raw lines: the last login of each user, and the last day of the log."""
    end = date.fromisoformat(read_json(shop / "reports/ingest.json")["log_end"])
    last: dict[str, date] = {}
    for user, time in pl.read_csv(shop / "shop.csv").select("customer", "time").iter_rows():
        came = date.fromisoformat(time[:10])
        if came <= end:
            last[user] = max(last.get(user, came), came)
    return last, end


def listed_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "data/crm/list.parquet").sort("user_id")


def explained_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "data/crm/explained.parquet").sort("user_id")


def rows_of(folder: Path) -> pl.DataFrame:
    """The landmark rows of the listed users, in their order."""
    rows = read_landmarks(folder / "data/listed")
    return rows.join(listed_of(folder), on="user_id", how="semi", maintain_order="left").sort("user_id")


def told(folder: Path) -> Floats:
    """The number that the list must say: the list model's, or the rate of thin evidence on the day of a login."""
    rows, explained = rows_of(folder), explained_of(folder)
    number = load_models(folder / "data/model/scoring").predict(rows)
    thin = (explained["evidence"] == THIN) & (explained["silent_days"] == 0)
    return np.where(thin.to_numpy(), explained["evidence_rate"].to_numpy(), number)


def test_listed_are_users_whose_silence_is_shorter_than_the_horizon() -> None:
    shop = finished_shop()
    last, end = last_logins(shop)
    listed = listed_of(shop)
    silent = {user: (end - came).days for user, came in last.items()}
    found = {user: (as_of, came, days) for user, as_of, came, _, days in listed[:, :5].iter_rows()}
    assert len(found) == listed.height > 20
    assert found == {user: (end, last[user], days) for user, days in silent.items() if days < HORIZON}
    assert explained_of(shop)["user_id"].equals(listed["user_id"])


def test_who_is_beyond_the_horizon_is_on_no_list_and_has_a_number_up_to_three_horizons() -> None:
    shop = finished_shop()
    last, end = last_logins(shop)
    beyond = pl.read_parquet(shop / "data/crm/beyond_horizon.parquet")
    assert not set(beyond["user_id"]) & set(listed_of(shop)["user_id"])
    models = load_models(shop / "data/model/scoring")
    assert models.silent.beyond is not None
    longest = models.silent.beyond.most_silent_days
    assert HORIZON < longest <= 3 * HORIZON
    expected = {
        user: (end - came).days
        for user, came in last.items()
        if HORIZON <= (end - came).days <= longest
    }  # fmt: skip
    assert dict(beyond.select("user_id", "silent_days").iter_rows()) == expected
    assert len(expected) == beyond.height > 10
    rows = read_landmarks(shop / "data/listed").join(beyond, on="user_id", how="semi").sort("user_id")
    numbers = models.predict_beyond(rows)
    assert beyond.sort("user_id")["churn_probability"].to_list() == pytest.approx(numbers.tolist(), abs=1e-12)


def test_churn_probability_is_the_list_model_s_and_login_probability_the_login_model_s(scored: Path) -> None:
    listed, explained = listed_of(scored), explained_of(scored)
    assert listed["churn_probability"].to_list() == pytest.approx(told(scored).tolist(), abs=1e-12)
    logins = read_rows(scored / "data/logins").join(
        listed.select("user_id", login_day="last_login_day"), on=["user_id", "login_day"], how="semi"
    )
    at_login = load_models(scored / "data/model/scoring").login.predict(logins.sort("user_id"))
    thin = explained["evidence_rate"].to_numpy()
    expected = np.where(np.isnan(thin.astype(float)), at_login, thin)
    assert listed["login_probability"].to_list() == pytest.approx(expected.tolist(), abs=1e-12)
    silent = listed.filter(pl.col("silent_days") > 0)
    assert silent.height > 10
    moved = (silent["churn_probability"] - silent["login_probability"]).abs() > 1e-6
    assert moved.all()


def test_points_by_dimension_with_silence_add_up_to_the_number_of_each_row(scored: Path) -> None:
    explained = explained_of(scored)
    points = [f"points_{name}" for name in LIST_DIMENSIONS]
    assert "points_silence" in points
    added = explained.select(pl.sum_horizontal("base_probability", *points)).to_series()
    assert added.to_list() == pytest.approx(explained["probability"].to_list(), abs=1e-12)
    listed = listed_of(scored)
    judged = explained.select((pl.col("evidence") != THIN) | (pl.col("silent_days") > 0)).to_series()
    assert judged.any()
    assert added.filter(judged).to_list() == pytest.approx(
        listed["churn_probability"].filter(judged).to_list(), abs=1e-12
    )
    came = explained.filter(pl.col("silent_days") == 0)
    silent = explained.filter(pl.col("silent_days") > 0)
    assert (came["points_silence"] == 0).all()
    assert (silent["points_silence"] != 0).all()


def test_log_odds_by_dimension_add_up_to_the_model_s_own(scored: Path) -> None:
    explained, rows = explained_of(scored), rows_of(scored)
    models = load_models(scored / "data/model/scoring")
    raw = np.where(
        came_today(rows), log_odds(models.login.booster, rows, 1), log_odds(models.silent.scorer, rows, 1)
    )
    added = explained.select(pl.sum_horizontal("base_log_odds", *LIST_DIMENSIONS)).to_series()
    assert added.to_list() == pytest.approx(raw.tolist(), abs=1e-4)


def test_silence_is_no_reason(scored: Path) -> None:
    explained = explained_of(scored)
    named = explained.select("reason_1", "reason_2", "reason_3").unpivot()["value"].drop_nulls()
    assert len(named) > 0
    assert not named.str.starts_with("silent_").any()


def test_every_number_of_a_list_has_one_version(scored: Path) -> None:
    assert listed_of(scored)["model_version"].unique().to_list() == [
        load_models(scored / "data/model/scoring").version
    ]


def test_with_a_lead_listed_are_users_whose_silence_is_shorter_than_the_horizon_without_the_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window begins after the lead, and its length N decides who is listed: at most N - 1 days of silence."""
    folder = project(tmp_path, visits(), label__horizon_days=10, label__lead_days=4, train__max_rounds=20)
    run_here(folder, monkeypatch, *WHOLE)
    last, end = last_logins(folder)
    silent = {user: (end - came).days for user, came in last.items()}
    listed = dict(listed_of(folder).select("user_id", "silent_days").iter_rows())
    assert listed == {user: days for user, days in silent.items() if days <= 9}
    beyond = pl.read_parquet(folder / "data/crm/beyond_horizon.parquet")
    assert beyond["silent_days"].min() == min(days for days in silent.values() if days > 9)
    assert end - timedelta(days=9) <= listed_of(folder)["last_login_day"].min()
