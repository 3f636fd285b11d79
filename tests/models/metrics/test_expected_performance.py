"""The expected performance of calibrated probabilities equals the real one."""

import numpy as np
import pytest

from models.metrics.expected_performance import expected_performance
from models.metrics.quality import auc, log_losses

ROWS = 3_000
RANDOM = np.random.default_rng(8)
TRUE = RANDOM.beta(1, 4, ROWS)
CHURNED = (RANDOM.random(ROWS) < TRUE).astype(float)


def test_what_is_expected_of_calibrated_probabilities_comes_true() -> None:
    expected = expected_performance(TRUE)
    assert expected["base_rate"] == pytest.approx(CHURNED.mean(), abs=0.02)
    assert expected["log_loss"] == pytest.approx(log_losses(CHURNED, TRUE).mean(), abs=0.02)
    assert expected["auc"] == pytest.approx(auc(CHURNED, TRUE), abs=0.02)
    assert expected_performance(np.full(10, 0.3))["auc"] == pytest.approx(0.5)
    assert expected_performance(np.empty(0)) == {"auc": None, "log_loss": None, "base_rate": None}
