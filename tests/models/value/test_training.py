"""The value model is chosen and fitted before the test period, repeats to the byte, and knows who pays."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from models.learning.split import within
from models.metrics.bootstrap import Bootstrap
from models.value.baselines import BASELINES
from models.value.judging import totals
from models.value.rows import AHEAD, revenue
from models.value.training import ValueData, fit_value, refit_value
from models.value.value_model import BLEND, BOOSTER
from tests.support.landmark_rows import HORIZON, LAST
from tests.support.rows import day
from tests.support.value_rows import ASKED, DAYS, data, fitted, periods


def cut(whole: ValueData) -> ValueData:
    """What is known before the test period: no row, login or payment of it, and no revenue that reaches into it."""
    begin = periods().test.first
    known = pl.col("login_day") + pl.duration(days=max(DAYS, HORIZON)) < begin
    return replace(
        whole,
        rows=whole.rows.filter(known),
        logins=whole.logins.filter(pl.col("login_day") < begin),
        payments=whole.payments.filter(pl.col("day") < begin),
    )


def test_nothing_of_the_test_period_reaches_the_evaluated_model() -> None:
    assert cut(data()).rows.height < data().rows.height
    again = fit_value(cut(data()), periods(), ASKED)
    assert again.model.digest == fitted().model.digest


def test_no_training_row_s_revenue_reaches_into_the_later_period() -> None:
    split, ahead = periods(), timedelta(days=max(DAYS, HORIZON))
    for training, later in [
        (split.training, split.test),
        *((o.training, o.validation) for o in split.origins),
    ]:
        last = data().rows.filter(within(training))["login_day"].max()
        assert last + ahead < later.first  # type: ignore[operator]
    assert data().rows["login_day"].max() + timedelta(days=DAYS) <= day(LAST)  # type: ignore[operator]


def test_the_same_rows_give_the_same_bytes() -> None:
    assert fit_value(data(), periods(), ASKED).model.digest == fitted().model.digest


def test_the_method_is_the_best_baseline_unless_trees_are_surely_better() -> None:
    validated, card = fitted().validated, fitted().model.card
    assert card.baseline == min(BASELINES, key=validated.loss)
    surely = {method: (validated.gain(method, card.baseline).low or 0.0) > 0 for method in (BLEND, BOOSTER)}
    assert card.method == card.baseline or surely[card.method]
    assert bool(card.because) == (card.method != BOOSTER)
    assert set(validated.by_method) == {*BASELINES, BOOSTER, BLEND}


def test_it_orders_users_by_what_they_pay_and_totals_come_near() -> None:
    test = data().rows.filter(within(periods().test))
    said, actual = fitted().model.judged(test), revenue(test)
    assert spearmanr(said, actual).statistic > 0.4
    ratio = totals(test["user_id"], actual, said, Bootstrap(50, 1)).ratio
    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low < 1.25
    assert ratio.high > 0.8
    assert (said >= 0).all()


def test_the_scoring_model_is_refitted_with_the_same_method_and_the_later_rows() -> None:
    scoring, card = refit_value(data(), periods(), ASKED, fitted()), fitted().model.card
    assert (scoring.card.method, scoring.card.power) == (card.method, card.power)
    assert scoring.card.rows > card.rows
    assert scoring.card.trained_to == periods().test.last
    assert scoring.digest != fitted().model.digest


def test_beyond_the_judged_days_revenue_grows_by_less_than_the_days() -> None:
    extension = np.array(fitted().model.extension)
    assert (extension > 1.0).all()
    assert (extension < ASKED.horizon_days / ASKED.judged_days).all()
    rows = data().rows.head(50)
    expected, judged = fitted().model.expected_revenue(rows), fitted().model.judged(rows)
    assert (expected[judged > 0] > judged[judged > 0]).all()


@pytest.mark.parametrize("method", [*BASELINES, BOOSTER, BLEND])
def test_no_method_expects_less_than_nothing_of_anybody(method: str) -> None:
    said = fitted().model.by_method(data().rows, method)
    assert len(said) == data().rows.height
    assert np.isfinite(said).all()
    assert (said >= 0).all()
    assert (data().rows[AHEAD] >= 0).all()
