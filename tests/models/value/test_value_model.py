"""The value model is stored as data: it reads back the same, and its digest holds whatever makes an amount."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.errors import DataError
from models.value.value_model import BLEND, BOOSTER, carried_on, from_json
from tests.support.value_rows import data, fitted


def test_what_is_read_back_expects_the_same() -> None:
    model = fitted().model
    again = from_json(json.loads(json.dumps(model.as_json())), model.booster)
    assert again.digest == model.digest
    for method in model.methods:
        one, other = (each.by_method(data().rows, method) for each in (again, model))
        assert np.array_equal(one, other)
    assert np.array_equal(again.expected_revenue(data().rows), model.expected_revenue(data().rows))


def test_whatever_makes_an_amount_changes_the_digest() -> None:
    model = fitted().model
    assert model.shrunk is not None
    others = (
        replace(model, booster=None),
        replace(model, calibration=(1.1, *model.calibration[1:])),
        replace(model, extension=(9.0, *model.extension[1:])),
        replace(model, card=replace(model.card, method="own_days")),
        replace(model, shrunk=replace(model.shrunk, days=1.0)),
    )
    assert len({model.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_a_blend_is_the_mean_of_booster_and_baseline() -> None:
    model, rows = fitted().model, data().rows.head(20)
    both = (model.by_method(rows, BOOSTER) + model.by_method(rows, model.card.baseline)) / 2
    assert model.by_method(rows, BLEND) == pytest.approx(both)


def test_without_a_fit_recent_revenue_is_carried_on() -> None:
    model = carried_on(60, "the log is too short")
    rows = data().rows.head(200)
    seen = np.minimum(rows["observed_days"].to_numpy(), 60)
    expected = np.maximum(rows["net_recent"].to_numpy(), 0) / 100 / seen * 60
    assert model.expected_revenue(rows) == pytest.approx(expected)
    assert (model.methods, model.card.method) == (("trailing", "own_days"), "trailing")


def test_a_method_that_was_not_fitted_is_refused() -> None:
    with pytest.raises(ValueError, match="no method 'booster', only trailing, own_days"):
        carried_on(60, "").by_method(data().rows, "booster")


def test_a_wrong_value_is_named() -> None:
    stored = fitted().model.as_json()
    stored["card"]["horizon_days"] = "many"
    with pytest.raises(DataError, match="card: horizon_days"):
        from_json(stored, None)
