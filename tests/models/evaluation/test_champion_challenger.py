"""Champion and challenger: the better one wins, a newer one need not be better, and noise does not decide."""

import numpy as np
import polars as pl
import pytest

from models.evaluation.champion_challenger import champion_challenger, decide
from models.metrics.bootstrap import Bootstrap, Interval

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
        (TRUE, TRUE, True, True, "not surely worse, and fitted on newer data"),
        (TRUE, TRUE, False, False, "not surely better, and not fitted on newer data"),
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


def test_what_cannot_be_compared_promotes_nobody() -> None:
    empty = np.empty(0)
    compared = champion_challenger(pl.Series([], dtype=pl.String), empty, empty, empty, BOOTSTRAP)
    assert compared.log_loss_gain == Interval()
    assert decide(compared, newer=True).because == "the two models could not be compared"
