"""Champion and challenger: the better one wins, a newer one need not be better, and chance decides nothing."""

import numpy as np
import polars as pl
import pytest

from models.evaluation.champion_challenger import champion_challenger, decide
from models.metrics.bootstrap import Bootstrap
from models.metrics.expected_performance import expected_performance
from models.metrics.paired import log_loss_gain, log_losses, mean_with_interval
from models.metrics.quality import auc

BOOTSTRAP = Bootstrap(200, 1)
ROWS = 3_000
RANDOM = np.random.default_rng(8)
TRUE = RANDOM.beta(1, 4, ROWS)
CHURNED = (RANDOM.random(ROWS) < TRUE).astype(float)
USERS = pl.Series([f"u{i // 3}" for i in range(ROWS)])
BLURRED = np.clip(TRUE * RANDOM.uniform(0.3, 1.7, ROWS), 0.001, 0.999)
NEARLY = np.clip(TRUE * RANDOM.uniform(0.99, 1.01, ROWS), 0.001, 0.999)


@pytest.mark.parametrize(
    ("champion", "challenger", "newer", "promoted", "because"),
    [
        (BLURRED, TRUE, False, True, "surely better"),
        (TRUE, BLURRED, True, False, "surely worse"),
        (TRUE, TRUE, True, True, "not surely worse, and learnt from newer data"),
        (TRUE, TRUE, False, False, "not surely better, and from no newer data"),
        (TRUE, NEARLY, True, True, "not surely worse"),
    ],
)
def test_the_rule(
    champion: np.ndarray,
    challenger: np.ndarray,
    newer: bool,  # noqa: FBT001
    promoted: bool,  # noqa: FBT001
    because: str,
) -> None:
    decision = decide(champion_challenger(USERS, CHURNED, champion, challenger, BOOTSTRAP), newer=newer)
    assert decision.promoted == promoted
    assert because in decision.because


def test_a_part_without_rows_promotes_nobody() -> None:
    empty = np.empty(0)
    gain = log_loss_gain(pl.Series([], dtype=pl.String), empty, empty, empty, BOOTSTRAP)
    assert gain == {"value": None, "low": None, "high": None}


def test_the_gain_is_the_difference_of_mean_log_losses() -> None:
    gain = log_loss_gain(USERS, CHURNED, TRUE, BLURRED, BOOTSTRAP)
    assert gain["value"] == pytest.approx(
        log_losses(CHURNED, BLURRED).mean() - log_losses(CHURNED, TRUE).mean()
    )


def test_users_are_drawn_whole() -> None:
    alike = pl.Series([f"u{i // 100}" for i in range(ROWS)])
    values = np.repeat(RANDOM.normal(size=ROWS // 100), 100)
    whole, apart = (
        mean_with_interval(users, values, BOOTSTRAP) for users in (alike, pl.Series(map(str, range(ROWS))))
    )
    width = [float(found["high"] or 0) - float(found["low"] or 0) for found in (whole, apart)]
    assert width[0] > 4 * width[1]


def test_what_is_expected_of_calibrated_probabilities_comes_true() -> None:
    expected = expected_performance(TRUE)
    assert expected["base_rate"] == pytest.approx(CHURNED.mean(), abs=0.02)
    assert expected["log_loss"] == pytest.approx(log_losses(CHURNED, TRUE).mean(), abs=0.02)
    assert expected["auc"] == pytest.approx(auc(CHURNED, TRUE), abs=0.02)
    assert expected_performance(np.full(10, 0.3))["auc"] == pytest.approx(0.5)
    assert expected_performance(np.empty(0)) == {"auc": None, "log_loss": None, "base_rate": None}
