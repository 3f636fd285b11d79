"""The value section of metrics.json is of test rows of users who stayed, beside each baseline."""

import polars as pl
import pytest

from models.metrics.bootstrap import Bootstrap
from models.value.baselines import BASELINES
from models.value.rows import AHEAD
from models.value.value_model import carried_on
from pipeline.evaluation.value_quality import value_section
from tests.support.value_rows import data, fitted, paying_landmarks, periods

BOOTSTRAP = Bootstrap(20, 1)


def test_the_totals_are_those_of_the_test_rows() -> None:
    model, begin = fitted().model, periods().test.first
    section = value_section(paying_landmarks(), model, begin, 0, BOOTSTRAP)
    test = data().rows.filter(pl.col("login_day") >= begin)
    assert section["method"] == model.card.method
    assert section["rows"] == test.height
    assert section["total_actual"] == pytest.approx(test[AHEAD].sum() / 100)
    assert section["total_predicted"] == pytest.approx(model.judged(test).sum())
    assert set(section["baselines"]) == {*BASELINES}
    for name, of in section["baselines"].items():
        assert of["total_predicted"] == pytest.approx(model.by_method(test, name).sum())
    assert sum(part["actual"] for part in section["by_band"]) == pytest.approx(section["total_actual"])
    assert section["ratio"]["low"] <= section["ratio"]["value"] <= section["ratio"]["high"]
    new = test.filter(pl.col("own_days") < 30)
    assert section["first_30_days"]["rows"] == new.height
    assert section["method"] not in section["others"]


def test_without_amounts_it_says_why_and_nothing_else() -> None:
    section = value_section(paying_landmarks(), None, periods().test.first, 0, BOOTSTRAP)
    assert section == {"because": "the log has no amounts"}


def test_a_method_that_nothing_was_fitted_for_is_named_with_its_reason() -> None:
    section = value_section(
        paying_landmarks(), carried_on(60, "too short"), periods().test.first, 0, BOOTSTRAP
    )
    assert (section["method"], section["because"], section["judged_days"]) == ("trailing", "too short", None)
    assert "by_band" not in section


def test_test_rows_without_revenue_are_said_and_not_judged() -> None:
    nobody = paying_landmarks().with_columns(pl.lit(None, pl.Int64).alias(AHEAD))
    section = value_section(nobody, fitted().model, periods().test.first, 0, BOOTSTRAP)
    assert section["because"] == "no user of the test period stayed whose revenue ahead is known"
    assert "ratio" not in section
