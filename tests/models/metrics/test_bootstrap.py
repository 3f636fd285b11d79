"""Intervals have their coverage, and users are drawn with all their rows."""

import time

import numpy as np
import polars as pl
import pytest

from models.metrics.bootstrap import (
    Bootstrap,
    Interval,
    auc_gain,
    log_loss_gain,
    mean_with_interval,
    qualities,
)
from models.metrics.quality import log_losses

BOOTSTRAP = Bootstrap(100, 1)


def predictions(users: int, rows_each: int, seed: int = 0) -> tuple[pl.Series, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    of_user = np.repeat(random.beta(1, 2, users), rows_each)
    churned = (np.repeat(random.random(users), rows_each) < of_user).astype(np.float64)
    names = pl.Series("user_id", [f"u{i}" for i in range(users) for _ in range(rows_each)])
    return names, churned, of_user + random.normal(0, 1e-4, len(of_user))


def width(figures: dict[str, Interval], name: str) -> float:
    high, low = figures[name].high, figures[name].low
    assert high is not None
    assert low is not None
    return float(high - low)


def test_every_quality_has_a_value_within_its_interval() -> None:
    figures = qualities(*predictions(200, 3), BOOTSTRAP)
    assert set(figures) >= {
        "auc",
        "average_precision",
        "log_loss",
        "brier",
        "calibration_error",
        "lift_at_10pct",
    }
    for interval in figures.values():
        assert interval.low <= interval.value <= interval.high  # type: ignore[operator]
    assert figures["rows"] == Interval(600, 600, 600)
    assert figures["users"].value == 200


def test_repeating_each_users_rows_does_not_make_the_interval_narrower() -> None:
    once, often = qualities(*predictions(200, 1), BOOTSTRAP), qualities(*predictions(200, 20), BOOTSTRAP)
    assert width(often, "auc") > 0.8 * width(once, "auc")


def test_a_users_rows_are_drawn_together_wherever_they_rank() -> None:
    users, churned, _ = predictions(400, 1)
    often = pl.Series(np.repeat(users.to_numpy(), 20))
    churned, chance = np.repeat(churned, 20), np.random.default_rng(3).random(8_000)
    expected = 2 * 1.96 * churned.std() / np.sqrt(400)
    assert width(qualities(often, churned, chance, BOOTSTRAP), "base_rate") == pytest.approx(
        expected, rel=0.3
    )


def test_the_interval_is_near_the_formula_for_a_mean() -> None:
    users, churned, probability = predictions(400, 1)
    rate = churned.mean()
    expected = 2 * 1.96 * np.sqrt(rate * (1 - rate) / 400)
    assert width(qualities(users, churned, probability, Bootstrap(400, 2)), "base_rate") == pytest.approx(
        expected, rel=0.2
    )


def test_the_same_seed_gives_the_same_figures_and_another_does_not() -> None:
    rows = predictions(100, 2)
    assert qualities(*rows, BOOTSTRAP) == qualities(*rows, BOOTSTRAP)
    assert qualities(*rows, BOOTSTRAP) != qualities(*rows, Bootstrap(100, 2))


def test_a_part_with_one_class_or_none_has_rows_and_no_qualities() -> None:
    users = pl.Series(["a", "b"])
    figures = qualities(users, np.zeros(2), np.array([0.1, 0.2]), BOOTSTRAP)
    assert figures["auc"] == Interval()
    assert figures["base_rate"].value == 0
    empty = qualities(users.head(0), np.zeros(0), np.zeros(0), BOOTSTRAP)
    assert empty["rows"].value == 0
    assert empty["base_rate"].value is None


def test_a_prediction_gains_nothing_over_itself_and_much_over_chance() -> None:
    users, churned, probability = predictions(300, 2)
    assert auc_gain(users, churned, probability, probability, BOOTSTRAP) == Interval(0, 0, 0)
    chance = np.random.default_rng(5).random(len(churned))
    low = auc_gain(users, churned, probability, chance, BOOTSTRAP).low
    assert low is not None
    assert low > 0.05


def test_two_hundred_resamplings_of_two_hundred_thousand_rows_take_seconds() -> None:
    rows = predictions(20_000, 10)
    begun = time.process_time()
    qualities(*rows, Bootstrap(20, 1))
    assert time.process_time() - begun < 4  # a tenth of the resamplings: far below 20 s for all


def test_of_too_few_rows_only_counts_and_the_base_rate_are_told() -> None:
    figures = qualities(*predictions(20, 1), BOOTSTRAP, least_rows=21)
    assert figures["auc"] == Interval()
    assert figures["base_rate"].value is not None
    assert figures["rows"].value == 20


def test_the_gain_is_the_difference_of_mean_log_losses() -> None:
    users, churned, probability = predictions(300, 2)
    other = np.clip(probability * np.random.default_rng(8).uniform(0.3, 1.7, len(churned)), 0.001, 0.999)
    gain = log_loss_gain(users, churned, probability, other, BOOTSTRAP)
    assert gain.value == pytest.approx(
        log_losses(churned, other).mean() - log_losses(churned, probability).mean()
    )


def test_the_mean_s_interval_draws_users_whole() -> None:
    alike = pl.Series([f"u{i // 100}" for i in range(3_000)])
    values = np.repeat(np.random.default_rng(8).normal(size=30), 100)
    whole, alone = (
        mean_with_interval(users, values, BOOTSTRAP) for users in (alike, pl.Series(map(str, range(3_000))))
    )
    width = [float(gain.high or 0) - float(gain.low or 0) for gain in (whole, alone)]
    assert width[0] > 4 * width[1]


def test_without_rows_there_is_no_mean() -> None:
    assert mean_with_interval(pl.Series([], dtype=pl.String), np.empty(0), BOOTSTRAP) == Interval()
