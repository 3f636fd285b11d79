"""The baselines of a list are on its rows, from the past alone."""

import numpy as np
import polars as pl
import pytest

from models.arrays import Floats
from models.evaluation.list_baselines import list_baselines
from models.learning.as_of import as_login_rows
from models.learning.split import within
from models.metrics.quality import auc
from models.rows import labels
from tests.support.landmark_rows import CHURN, landmarks, logins, split_of

SPLIT = split_of()
LISTED = landmarks().filter(pl.col("listed") & pl.col("ripe"))
CHURNED = labels(LISTED)
LIST_BASELINES = ("silence", "own_gap", "bg_nbd")


def found(rows: pl.DataFrame | None = None, of: pl.DataFrame | None = None) -> dict[str, Floats]:
    given = landmarks() if of is None else of
    return list_baselines(given, logins() if rows is None else rows, SPLIT, CHURN, 1)


FOUND = found()


def test_every_baseline_gives_each_listed_ripe_row_a_probability() -> None:
    assert tuple(FOUND) == LIST_BASELINES
    for probability in FOUND.values():
        assert probability.shape == (LISTED.height,)
        assert ((probability > 0) & (probability < 1)).all()


@pytest.mark.parametrize("name", LIST_BASELINES)
def test_a_baseline_tells_something_of_who_stays_away(name: str) -> None:
    assert auc(CHURNED, FOUND[name]) > 0.6


def test_silence_rises_with_the_silent_days_and_own_gap_with_their_share_of_the_user_s_mean_gap() -> None:
    silent = LISTED["silent_days"].to_numpy()
    assert np.array_equal(
        np.unique(FOUND["silence"], return_inverse=True)[1], np.unique(silent, return_inverse=True)[1]
    )
    own = LISTED["silent_to_mean_gap"].to_numpy()
    known = ~np.isnan(own)
    order = np.argsort(own[known], kind="stable")
    assert (np.diff(FOUND["own_gap"][known][order]) >= 0).all()
    assert np.ptp(FOUND["own_gap"][~known]) == 0


def test_of_users_with_equal_logins_the_longer_silent_are_more_probably_gone_by_bg_nbd() -> None:
    last = LISTED.with_columns(p=pl.Series(FOUND["bg_nbd"])).sort("user_id", "login_day", "as_of")
    rises = last.select(pl.col("p").diff().over("user_id", "login_day")).drop_nulls().to_series()
    assert len(rises) > 50
    assert (rises > 0).all()


def test_outcomes_of_the_lists_and_of_the_test_period_do_not_reach_a_baseline() -> None:
    training = within(SPLIT.training) & pl.col("drawn")
    known = as_login_rows(landmarks()).select(training).to_series()
    turned = landmarks().with_columns(churned=pl.when(known).then("churned").otherwise(~pl.col("churned")))
    assert not turned["churned"].equals(landmarks()["churned"])
    again = found(of=turned)
    for name in LIST_BASELINES:
        assert np.array_equal(again[name], FOUND[name])


@pytest.mark.parametrize("name", LIST_BASELINES)
def test_logins_after_a_list_s_day_do_not_change_its_numbers(name: str) -> None:
    first = LISTED["as_of"].min()
    cut = logins().filter(pl.col("login_day") <= first)
    of = landmarks().filter(pl.col("as_of") <= first)
    on_day = (LISTED["as_of"] == first).to_numpy()
    assert on_day.sum() > 30
    assert cut.height < logins().height
    assert found(cut, of)[name] == pytest.approx(FOUND[name][on_day], rel=1e-12)
