"""Point values are scikit-learn's, weighted ones those of repeated rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from models.metrics.quality import QUALITIES, auc, brier_parts, ranked, weighted_qualities


def predictions(seed: int, rows: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probability = (random.integers(0, levels, rows) + 0.5) / levels
    churned = (random.random(rows) < probability).astype(np.float64)
    churned[:2] = 0, 1
    return churned, probability


def values(
    churned: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None
) -> dict[str, float]:
    rows = ranked(churned, probability)
    even = np.ones(len(churned)) if weight is None else weight
    return dict(zip(QUALITIES, weighted_qualities(rows, even[rows.order]).tolist(), strict=True))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 300), st.sampled_from([2, 7, 10_000]))
def test_point_values_are_those_of_scikit_learn(seed: int, rows: int, levels: int) -> None:
    y, p = predictions(seed, rows, levels)
    figures = values(y, p)
    assert figures["auc"] == pytest.approx(roc_auc_score(y, p))
    assert figures["average_precision"] == pytest.approx(average_precision_score(y, p))
    assert figures["log_loss"] == pytest.approx(log_loss(y, p))
    assert figures["brier"] == pytest.approx(brier_score_loss(y, p))
    assert auc(y, p) == figures["auc"]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.sampled_from([3, 10_000]))
def test_a_weight_is_a_number_of_repetitions(seed: int, rows: int, levels: int) -> None:
    y, p = predictions(seed, rows, levels)
    weight = np.random.default_rng(seed).integers(0, 4, rows)
    weight[:2] = 1
    weighted = values(y, p, weight.astype(np.float64))
    repeated = values(np.repeat(y, weight), np.repeat(p, weight))
    for name in set(QUALITIES) - {"calibration_error"}:  # its bins are those of the rows at hand
        assert weighted[name] == pytest.approx(repeated[name])


def test_calibration_error_of_ten_equal_bins_by_hand() -> None:
    p = np.repeat(np.arange(10) / 10 + 0.05, 10)
    y = np.concatenate([np.arange(10) < hits for hits in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10)]).astype(np.float64)
    assert values(y, p)["calibration_error"] == pytest.approx(0.05)


def test_lift_of_the_top_tenth_by_hand() -> None:
    p = np.arange(20)[::-1] / 20
    y = np.array([1, 1, 1, 1] + [0] * 16, dtype=np.float64)
    assert values(y, p)["lift_at_10pct"] == pytest.approx(5.0)


def test_rows_that_tie_at_the_border_count_in_part() -> None:
    y = np.array([1, 0] * 10, dtype=np.float64)
    assert values(y, np.full(20, 0.5))["lift_at_10pct"] == pytest.approx(1.0)


def test_one_class_has_no_qualities() -> None:
    assert all(np.isnan(v) for v in values(np.zeros(5), np.linspace(0.1, 0.5, 5)).values())


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.sampled_from([3, 10_000]))
def test_auc_and_ks_are_those_of_counting_pairs_and_thresholds(seed: int, rows: int, levels: int) -> None:
    y, p = predictions(seed, rows, levels)
    left, stayed = p[y == 1], p[y == 0]
    difference = left[:, None] - stayed[None, :]
    assert values(y, p)["auc"] == pytest.approx(np.mean((difference > 0) + 0.5 * (difference == 0)))
    ks = max(abs(np.mean(left >= at) - np.mean(stayed >= at)) for at in p)
    assert values(y, p)["ks"] == pytest.approx(ks)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.sampled_from([3, 10_000]))
def test_the_parts_of_the_brier_score_add_up_and_are_not_negative(seed: int, rows: int, levels: int) -> None:
    y, p = predictions(seed, rows, levels)
    parts = brier_parts(y, p)
    assert parts["reliability"] - parts["resolution"] + parts["uncertainty"] == pytest.approx(
        brier_score_loss(y, p)
    )
    assert parts["reliability"] > -1e-12
    assert parts["resolution"] > -1e-12
    assert parts["uncertainty"] == pytest.approx(y.mean() * (1 - y.mean()))
