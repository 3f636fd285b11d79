"""The number of the list is the login model's on the day of a login, and the silent users' model's from then on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.learning.calibration import IDENTITY, Calibration
from models.learning.evidence import Evidence, ThinGroup
from models.learning.linear import Linear
from models.learning.list_model import ListModel, SilentModel, came_today
from models.learning.scorer import log_odds
from models.learning.silent_training import silent_rows
from models.learning.trained_model import TrainedModel
from tests.support.landmark_rows import HORIZON, landmarks, list_model

LISTED = landmarks().filter("listed")
CAME = came_today(LISTED)
FORMS = pytest.mark.parametrize("form", ["trees", "logistic"])
STEEPER = Calibration("sigmoid", (-1.0, 1.0), (-2.0, 2.0), 2.0)


@FORMS
def test_on_the_day_of_a_login_the_login_model_speaks(form: str) -> None:
    model = list_model(form)
    assert CAME.sum() > 50
    at_login = model.login.predict(LISTED.filter(pl.Series(CAME)))
    assert np.array_equal(model.predict(LISTED)[CAME], at_login)


@FORMS
def test_after_a_silent_day_the_calibrated_model_of_silent_users_speaks(form: str) -> None:
    model = replace(list_model(form), silent=replace(list_model(form).silent, calibration=STEEPER))
    silent = LISTED.filter(pl.Series(~CAME))
    expected = STEEPER.probability(log_odds(model.silent.scorer, silent, 1))
    assert np.array_equal(model.predict(LISTED)[~CAME], expected)
    assert ((expected > 0) & (expected < 1)).all()


@FORMS
def test_a_row_s_number_does_not_depend_on_the_rows_beside_it(form: str) -> None:
    model = list_model(form)
    order = np.random.default_rng(1).permutation(LISTED.height)
    assert np.array_equal(model.predict(LISTED[order]), model.predict(LISTED)[order])
    assert model.predict(LISTED[3:4]) == model.predict(LISTED)[3:4]
    assert model.predict(LISTED.clear()).shape == (0,)


def test_a_longer_silence_of_the_same_users_is_more_probably_the_last() -> None:
    """The rows of all silent users, with their silence set to one day and to the last day of the horizon."""
    silent = silent_rows(landmarks(), 0).drop("login_day")
    model = list_model("logistic")
    short, long = (
        model.predict(silent.with_columns(silent_days=days, silent_to_mean_gap=pl.lit(float(days))))
        for days in (1, HORIZON - 1)
    )
    assert (long > short).all()


def test_beyond_the_horizon_there_is_a_number_as_far_as_training_reaches() -> None:
    model = list_model()
    assert model.silent.beyond is not None
    reach = model.silent.beyond.most_silent_days
    rows = LISTED.head(3).with_columns(silent_days=pl.Series([HORIZON, reach, reach + 1]))
    near, far, too_far = model.predict_beyond(rows)
    assert 0 < near < far < 1
    assert np.isnan(too_far)
    nothing = ListModel(model.login, replace(model.silent, beyond=None))
    assert np.isnan(nothing.predict_beyond(rows)).all()


def test_a_lacking_feature_is_named() -> None:
    with pytest.raises(DataError, match="the model needs are missing: stay"):
        list_model().predict(LISTED.drop("stay"))


def _login(model: ListModel, change: Callable[[TrainedModel], TrainedModel]) -> ListModel:
    return replace(model, login=change(model.login))


def _silent(model: ListModel, change: Callable[[SilentModel], SilentModel]) -> ListModel:
    return replace(model, silent=change(model.silent))


LINE = Linear(("silent_days",), (0.0,), (1.0,), (1.0,), (0.0,), 0.0)
THIN = Evidence((ThinGroup(1, None, 300, 0.5, 0.4, 0.6),), {})
CHANGES: dict[str, Callable[[ListModel], ListModel]] = {
    "login scorer": lambda m: _login(m, lambda one: replace(one, booster=m.silent.scorer)),
    "login calibration": lambda m: _login(m, lambda one: replace(one, calibration=STEEPER)),
    "evidence": lambda m: _login(m, lambda one: replace(one, evidence=THIN)),
    "silent scorer": lambda m: _silent(m, lambda one: replace(one, scorer=LINE)),
    "silent calibration": lambda m: _silent(m, lambda one: replace(one, calibration=STEEPER)),
    "scorer beyond": lambda m: _silent(m, lambda one: replace(one, beyond=replace(one.beyond, scorer=LINE))),
    "reach beyond": lambda m: _silent(
        m, lambda one: replace(one, beyond=replace(one.beyond, most_silent_days=20))
    ),
    "nothing beyond": lambda m: _silent(m, lambda one: replace(one, beyond=None)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_version_changes_with_whatever_makes_a_number(change: Callable[[ListModel], ListModel]) -> None:
    model = list_model()
    assert len(model.version) == 12
    assert change(model).version != model.version


def test_the_version_does_not_change_with_the_card_or_a_copy() -> None:
    model = list_model()
    renamed = replace(model.silent.card, calibration_note="another")
    assert _silent(model, lambda one: replace(one, card=renamed)).version == model.version
    assert model.silent.calibration != IDENTITY
