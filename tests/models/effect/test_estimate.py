"""The regression estimate against what it must equal, and what its interval must hold."""

import numpy as np
import pytest

from models.effect.estimate import Trial, estimate_of, regression_effect


def trial(seed: int, rows: int = 400, per_user: int = 1) -> tuple[Trial, np.ndarray]:
    rng = np.random.default_rng(seed)
    covariates = rng.normal(size=(rows, 2))
    contacted = (rng.random(rows) < 0.6).astype(float)
    of_user = np.repeat(rng.normal(size=rows // per_user), per_user)
    outcome = covariates[:, 0] * (1 + contacted) + 0.5 * contacted + of_user
    users = np.arange(rows) // per_user
    return Trial(contacted, covariates, users, np.full(rows, 0.4)), outcome


def test_without_covariates_it_is_the_difference_of_means_with_the_variances_of_the_arms() -> None:
    made, outcome = trial(1)
    found = regression_effect(outcome, made, adjusted=False)
    arms = [outcome[made.contacted == arm] for arm in (1.0, 0.0)]
    assert found is not None
    assert found.value == pytest.approx(arms[0].mean() - arms[1].mean())
    assert found.standard_error**2 == pytest.approx(sum(arm.var(ddof=1) / len(arm) for arm in arms))


def test_covariates_shorten_the_interval() -> None:
    made, outcome = trial(2)
    plain, adjusted = (regression_effect(outcome, made, adjusted=flag) for flag in (False, True))
    assert plain is not None
    assert adjusted is not None
    assert adjusted.standard_error < 0.8 * plain.standard_error


def test_repeated_episodes_count_as_one_user() -> None:
    made, outcome = trial(3)
    twice = Trial(
        np.tile(made.contacted, 2),
        np.tile(made.covariates, (2, 1)),
        np.tile(made.users, 2),
        np.tile(made.share, 2),
    )
    once, both = regression_effect(outcome, made), regression_effect(np.tile(outcome, 2), twice)
    assert once is not None
    assert both is not None
    assert both.value == pytest.approx(once.value)
    assert both.standard_error == pytest.approx(once.standard_error, rel=0.03)


def test_when_the_share_of_the_holdout_changes_with_the_season_the_season_is_no_effect() -> None:
    rng = np.random.default_rng(4)
    season = np.repeat([0.0, 1.0], 4_000)
    share = np.where(season == 1, 0.1, 0.6)
    contacted = (rng.random(8_000) >= share).astype(float)
    outcome = season + rng.normal(scale=0.1, size=8_000)
    found = regression_effect(outcome, Trial(contacted, np.empty((8_000, 0)), np.arange(8_000), share))
    assert found is not None
    assert outcome[contacted == 1].mean() - outcome[contacted == 0].mean() > 0.4
    assert abs(found.value) < 0.06


def test_a_covariate_that_is_constant_in_an_arm_is_left_out() -> None:
    made, outcome = trial(5)
    rare = np.zeros((400, 1))
    rare[np.flatnonzero(made.contacted == 1)[0]] = 1.0
    found = regression_effect(
        outcome, Trial(made.contacted, np.hstack([made.covariates, rare]), made.users, made.share)
    )
    assert found == regression_effect(outcome, made)


def test_an_arm_of_one_has_no_effect() -> None:
    contacted = np.array([1.0, 1.0, 1.0, 0.0])
    assert (
        regression_effect(np.ones(4), Trial(contacted, np.empty((4, 0)), np.arange(4), np.full(4, 0.2)))
        is None
    )


def test_a_negative_factor_turns_the_interval_round() -> None:
    turned = estimate_of(2.0, 1.0).scaled(-3.0)
    assert (turned.value, turned.standard_error) == (-6.0, 3.0)
    assert turned.low < turned.value < turned.high
    assert turned.low == pytest.approx(-3 * (2 + 1.959964), abs=1e-5)


def test_a_known_number_moves_the_interval_and_not_its_length() -> None:
    moved = estimate_of(2.0, 1.0).shifted(-2.0)
    assert (moved.value, moved.standard_error, moved.p_value) == (0.0, 1.0, 1.0)
    assert moved.high == pytest.approx(1.959964, abs=1e-5)
