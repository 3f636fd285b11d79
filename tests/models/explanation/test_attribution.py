"""Contributions add up to the log-odds of whichever model gives a row's number."""

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.explanation.attribution import attribution
from models.explanation.contributions import contributions
from models.learning.linear import Linear
from models.learning.list_model import came_today
from models.learning.scorer import log_odds
from tests.support.landmark_rows import COLUMNS, landmarks, list_model, login_model, logins

LISTED = landmarks().filter("listed")
CAME = came_today(LISTED)
FORMS = pytest.mark.parametrize("form", ["trees", "logistic", "blend"])


@FORMS
def test_values_and_the_base_are_the_log_odds_of_the_model_that_speaks(form: str) -> None:
    model = list_model(form)
    found = attribution(LISTED, model)
    summed = found.base_log_odds + found.values.sum(axis=1)
    for mask, scorer in ((CAME, model.login.booster), (~CAME, model.silent.scorer)):
        expected = log_odds(scorer, LISTED.filter(pl.Series(mask)), 1)
        exact = 1e-12 if isinstance(scorer, Linear) else 1e-5  # the trees' sums are of single precision
        assert np.allclose(summed[mask], expected, rtol=0, atol=exact)


@FORMS
def test_the_probability_is_the_list_s_number_and_the_calibrated_sum(form: str) -> None:
    model = list_model(form)
    found = attribution(LISTED, model)
    assert np.array_equal(found.probability, model.predict(LISTED))
    summed = found.base_log_odds + found.values.sum(axis=1)
    for mask, calibration in ((CAME, model.login.calibration), (~CAME, model.silent.calibration)):
        assert np.allclose(calibration.probability(summed[mask]), found.probability[mask], atol=1e-5)
        base = calibration.probability(found.base_log_odds[mask])
        assert np.allclose(base, found.base_probability[mask])


@FORMS
def test_the_slope_turns_values_into_points_from_the_base_to_the_number(form: str) -> None:
    found = attribution(LISTED, list_model(form))
    risen = found.slope * found.values.sum(axis=1)
    assert np.allclose(found.base_probability + risen, found.probability, atol=1e-5)
    assert (found.slope > 0).all()


@FORMS
def test_a_feature_that_the_speaking_model_does_not_use_adds_nothing(form: str) -> None:
    model = list_model(form)
    values = attribution(LISTED, model).values
    assert values.shape == (LISTED.height, len(COLUMNS.trees))
    silence = [name.startswith("silent_") for name in COLUMNS.trees]
    assert not values[CAME][:, silence].any()
    assert values[~CAME][:, silence].any(axis=1).mean() > 0.9
    if form == "logistic":
        used = [name in COLUMNS.logistic for name in COLUMNS.trees]
        assert not values[~CAME][:, ~np.array(used)].any()


def test_of_a_login_model_it_is_the_booster_s_contributions() -> None:
    model, rows = login_model(), logins().head(200)
    found = attribution(rows, model)
    values, base = contributions(model.booster, rows.select(model.features))
    assert np.array_equal(found.values, values)
    assert (found.base_log_odds == base).all()
    assert np.array_equal(found.probability, model.predict(rows))


def test_on_the_day_of_a_login_the_list_is_explained_as_the_login_is() -> None:
    today = LISTED.filter(pl.Series(CAME))
    of_list, of_login = attribution(today, list_model()), attribution(today, login_model())
    assert np.array_equal(of_list.values[:, : len(login_model().features)], of_login.values)
    for name in ("probability", "base_log_odds", "base_probability", "slope"):
        assert np.array_equal(getattr(of_list, name), getattr(of_login, name))


@FORMS
def test_a_row_s_attribution_does_not_depend_on_the_rows_beside_it(form: str) -> None:
    order = np.random.default_rng(1).permutation(LISTED.height)
    whole, turned = attribution(LISTED, list_model(form)), attribution(LISTED[order], list_model(form))
    for name in whole.__slots__:
        assert np.array_equal(getattr(turned, name), getattr(whole, name)[order])


def test_no_rows_have_no_attribution_and_a_lacking_feature_is_named() -> None:
    assert attribution(LISTED.clear(), list_model()).values.shape == (0, len(COLUMNS.trees))
    with pytest.raises(DataError, match="the model needs are missing: stay"):
        attribution(LISTED.drop("stay"), list_model())
    with pytest.raises(DataError, match="the model needs are missing: stay"):
        attribution(logins().drop("stay"), login_model())
