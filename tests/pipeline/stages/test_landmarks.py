"""Landmark rows hold what was known on their day, every drawn day alike, and are labelled by what came after it."""

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.catalogue.silence import SILENCE
from pipeline.learning.dataset import features_of_rows, read_landmarks, read_rows
from pipeline.storage.files import read_json
from tests.support.shop import EDGES, finished_shop
from tests.support.stage_runs import digests, run_here
from tests.support.tiny import SHOP, parameters

HORIZON = 14
KEYS = ["user_id", "as_of", "login_day", "login_number", "silent_days", "window_days"]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return read_landmarks(finished_shop() / "data/landmarks")


@pytest.fixture(scope="module")
def came() -> dict[str, list[date]]:
    """The login days of each user, in order, from the raw lines."""
    lines = pl.read_csv(finished_shop() / "shop.csv").select(
        "customer", day=pl.col("time").str.head(10).str.to_date()
    )
    return dict(lines.unique().sort("day").group_by("customer").agg("day").iter_rows())


def log_end() -> date:
    return date.fromisoformat(read_json(finished_shop() / "reports/ingest.json")["log_end"])


def test_a_row_is_a_user_s_last_login_as_of_its_day(rows: pl.DataFrame, came: dict[str, list[date]]) -> None:
    assert rows.select("user_id", "as_of").is_unique().all()
    for user, as_of, login_day, number, silent_days in rows[:, :5].iter_rows():
        so_far = [day for day in came[user] if day <= as_of]
        assert (so_far[-1], len(so_far), (as_of - so_far[-1]).days) == (login_day, number, silent_days)


def test_it_churned_when_no_login_follows_within_the_horizon_after_its_day(
    rows: pl.DataFrame, came: dict[str, list[date]]
) -> None:
    for user, as_of, churned, ripe in rows.select("user_id", "as_of", "churned", "ripe").iter_rows():
        assert ripe == ((log_end() - as_of).days >= HORIZON)
        follows = any(0 < (day - as_of).days <= HORIZON for day in came[user])
        assert churned == (not follows if ripe else None)


def test_every_day_up_to_the_horizon_is_drawn_on_a_small_log_and_every_third_beyond(
    rows: pl.DataFrame, came: dict[str, list[date]]
) -> None:
    """Which days there are depends on the day and the silence so far, and on nothing that comes later."""
    drawn = rows.filter("drawn").select("user_id", "as_of", "silent_days")
    within = set(drawn.filter(pl.col("silent_days") < HORIZON)[:, :2].iter_rows())
    beyond = drawn.filter(pl.col("silent_days") >= HORIZON)
    expected = {
        (user, day)
        for user, days in came.items()
        for day in pl.date_range(days[0], log_end(), eager=True)
        if min((day - one).days for one in days if one <= day) < HORIZON
    }
    assert within == expected
    assert beyond["silent_days"].max() <= 3 * HORIZON
    assert beyond.select((pl.col("as_of").to_physical() % 3 == 0).all()).item()
    assert beyond.height > 100


def test_rows_have_the_features_of_logins_and_of_the_silence() -> None:
    shop = finished_shop()
    logins, landmarks, listed = (
        [feature.name for feature in features_of_rows(shop / "data" / name)]
        for name in ("logins", "landmarks", "listed")
    )
    assert landmarks == listed == [*logins, *(feature.name for feature in SILENCE)]


def test_on_the_day_of_a_login_the_row_is_the_login_row(rows: pl.DataFrame) -> None:
    logins = read_rows(finished_shop() / "data/logins").drop("churned", "ripe")
    today = rows.filter(pl.col("drawn") & (pl.col("silent_days") == 0))
    assert today.height == logins.height > 500
    assert_frame_equal(today.select(logins.columns), logins, check_exact=True)
    assert (today["silent_to_mean_gap"].drop_nans() == 0).all()


def test_a_row_is_what_the_log_cut_on_its_day_says(
    rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stage `listed` on the cut log gives, value by value, the rows of that day's list on the whole log."""
    day_of_list = rows.filter("listed")["as_of"].unique().sort()[1]
    cut = tmp_path / "cut"
    shutil.copytree(finished_shop(), cut)
    parameters(cut, **SHOP, **EDGES, log__ends_on=day_of_list.isoformat())
    run_here(cut, monkeypatch, "ingest", "activity", "logins", "listed")
    then = read_landmarks(cut / "data/listed").filter(pl.col("silent_days") < HORIZON)
    now = rows.filter(pl.col("listed") & (pl.col("as_of") == day_of_list))
    features = [name for name, dtype in then.schema.items() if dtype == pl.Float32]
    assert len(features) >= len(SILENCE) + 80
    assert then.height == now.height > 20
    assert then["silent_days"].n_unique() > 5
    assert_frame_equal(then.select(*KEYS, *features), now.select(*KEYS, *features), check_exact=True)


def test_the_number_of_buckets_changes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = tmp_path / "again"
    shutil.copytree(finished_shop(), again)
    run_here(again, monkeypatch, "landmarks", "listed")
    for name in ("landmarks", "listed"):
        assert digests(again / "data" / name) == digests(finished_shop() / "data" / name)
    parameters(again, **{**SHOP, **EDGES, "engine__buckets": 1})
    run_here(again, monkeypatch, "ingest", "activity", "logins", "landmarks")
    assert_frame_equal(
        read_landmarks(again / "data/landmarks"),
        read_landmarks(finished_shop() / "data/landmarks"),
        check_exact=True,
    )
