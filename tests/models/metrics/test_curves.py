"""Curves have the right end points, and few points."""

import numpy as np
import pytest

from models.metrics.curves import MOST_POINTS, curves


def test_curves_are_short_monotone_and_complete() -> None:
    random = np.random.default_rng(0)
    probability = random.random(5_000)
    churned = (random.random(5_000) < probability).astype(float)
    tables = curves(churned, probability)
    assert all(table.height <= MOST_POINTS for table in tables.values())
    for name, (x, y) in {
        "roc": ("false_positive_rate", "true_positive_rate"),
        "gains": ("contacted_share", "found_share"),
    }.items():
        assert tables[name].row(0) == (0, 0)
        assert tables[name].row(-1) == (1, 1)
        assert tables[name][x].is_sorted()
        assert tables[name][y].is_sorted()
    area = np.trapezoid(tables["roc"]["true_positive_rate"], tables["roc"]["false_positive_rate"])
    assert area == pytest.approx(0.83, abs=0.02)
    assert tables["reliability"]["rows"].sum() == 5_000
    assert tables["reliability"]["predicted"].is_sorted()
    assert (tables["reliability"]["predicted"] - tables["reliability"]["observed"]).abs().max() < 0.06  # type: ignore[operator]


def test_two_rows_have_curves_too() -> None:
    tables = curves(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    assert tables["precision_recall"].rows() == [(1.0, 0.5)]
