"""Engagement is a rank between 0 and 100 against a reference that stays, and its weights are never below 0."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.health.engagement import (
    LEAST_LOGINS,
    Reference,
    engagement,
    fit_reference,
    mid_rank,
    reference_from_json,
)
from models.health.quality import engagement_quality
from models.learning.split import Period

NAMES = ("days", "minutes")
PERIOD = Period(date(2024, 1, 1), date(2024, 3, 31))
VALUES = st.lists(st.floats(0, 1000, width=32), min_size=1, max_size=40)


def rows(count: int = 600, seed: int = 1, effect: float = 3.0) -> pl.DataFrame:
    """Login rows of users who return more often, the more `days`; `minutes` are noise."""
    rng = np.random.default_rng(seed)
    days, minutes = rng.random(count), rng.exponential(20, count)
    churned = rng.random(count) < 1 / (1 + np.exp(effect * (days - 0.3)))
    return pl.DataFrame(
        {
            "user_id": [f"u{n % 97}" for n in range(count)],
            "login_number": rng.integers(1, 20, count),
            "days": days,
            "minutes": minutes,
            "churned": churned,
        }
    )


def reference(made: pl.DataFrame) -> Reference:
    fitted = fit_reference(made, NAMES, PERIOD)
    assert fitted is not None
    return fitted


@given(VALUES, VALUES)
def test_a_mid_rank_is_a_share_and_the_mean_rank_of_the_reference_itself_is_a_half(
    values: list[float], sample: list[float]
) -> None:
    ordered = np.sort(np.array(sample))
    ranks = mid_rank(np.array(values), ordered)
    assert ((ranks >= 0) & (ranks <= 1)).all()
    assert mid_rank(ordered, ordered).mean() == pytest.approx(0.5)
    assert (np.diff(mid_rank(np.sort(np.array(values)), ordered)) >= 0).all()


def test_a_mid_rank_by_hand() -> None:
    assert mid_rank(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0, 4.0])).tolist() == [
        0.0, 0.25, 0.625, 0.75
    ]  # fmt: skip


@given(st.integers(0, 1000), st.floats(-4, 4))
@settings(max_examples=25, deadline=None)
def test_engagement_lies_within_0_and_100_and_more_use_never_lowers_it(seed: int, effect: float) -> None:
    made = rows(200, seed, effect)
    fitted = reference(made)
    assert sum(one.weight for one in fitted.components) == pytest.approx(1)
    assert min(one.weight for one in fitted.components) >= 0
    before = engagement(made, fitted)
    more = engagement(made.with_columns(pl.col(NAMES) * 1.5), fitted)
    assert before.drop_nulls().is_between(0, 100).all()
    assert (more - before).drop_nulls().min() >= 0  # type: ignore[operator]
    thin = made["login_number"] < LEAST_LOGINS
    assert before.is_null().to_list() == thin.to_list()


def test_a_decline_of_everybody_shows_and_a_row_does_not_depend_on_the_others() -> None:
    made = rows()
    fitted = reference(made)
    halved = engagement(made.with_columns(pl.col(NAMES) / 2), fitted)
    assert halved.mean() < engagement(made, fitted).mean() - 10  # type: ignore[operator]
    assert engagement(made.head(7), fitted).equals(engagement(made, fitted).head(7))


def test_the_weights_are_those_of_return_and_noise_has_little() -> None:
    fitted = reference(rows(5000))
    assert fitted.weights == "logistic"
    assert fitted.components[0].weight > 0.9
    quality = engagement_quality(rows(5000, seed=2), fitted, {"days": -1, "minutes": -1, "absent": 1})
    assert quality["auc"] >= quality["rule_auc"] - 0.01
    assert (quality["best_rule"], set(quality["rules"])) == ("days", {"days", "minutes"})
    assert quality["order"] < -0.95
    assert quality["tenths"][0] > quality["tenths"][-1]


def test_without_two_outcomes_or_a_component_that_speaks_for_return_the_weights_are_equal() -> None:
    stayed = rows().with_columns(churned=pl.lit(value=False))
    busy_leave = rows().with_columns(pl.col("churned").cast(pl.Float64).alias(name) for name in NAMES)
    for made in (stayed, busy_leave):
        fitted = reference(made)
        assert (fitted.weights, [one.weight for one in fitted.components]) == ("equal", [0.5, 0.5])


def test_a_missing_value_counts_as_none_and_no_component_gives_none() -> None:
    made = rows(300)
    fitted = reference(made)
    none = made.with_columns(minutes=pl.lit(float("nan")))
    assert engagement(none, fitted).equals(engagement(made.with_columns(minutes=pl.lit(0.0)), fitted))
    assert fit_reference(made, (), PERIOD) is None
    assert engagement(made, None).null_count() == made.height
    assert "because" in engagement_quality(made, None, {})
    assert "because" in engagement_quality(made.head(50), fitted, {})


def test_the_reference_is_what_was_written() -> None:
    fitted = reference(rows(3000))
    assert max(len(one.values) for one in fitted.components) == 1000
    assert reference_from_json(fitted.as_json()) == fitted
    with pytest.raises(DataError, match="engagement: there is no 'rows'"):
        reference_from_json({name: value for name, value in fitted.as_json().items() if name != "rows"})
