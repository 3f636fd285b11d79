"""An effect is worked out for many rows at once, and says what it does by its name."""

import numpy as np
import pytest

from features.define import last_known
from pipeline.explanation.effects import (
    AtMost,
    Becomes,
    Effect,
    Follows,
    GrowsAlong,
    GrowsOnce,
    NoWorseThanTarget,
    WorkedOut,
)

OWN = np.array([1.0, 8.0, np.nan])
NOW = np.array([2.0, 2.0, np.nan])
TARGET = np.array([5.0, 3.0, 4.0])
NAN = np.nan


@pytest.mark.parametrize(
    ("effect", "after"),
    [
        (Becomes(7.0), [7, 7, 7]),
        (Becomes(NAN), [NAN, NAN, NAN]),
        (Follows(), [5, 3, 4]),
        (GrowsAlong(2.0), [7, 10, NAN]),
        (GrowsOnce(days=5, amount=0.5), [1, 8.5, NAN]),
        (AtMost(6.0), [1, 6, 6]),
        (NoWorseThanTarget(1), [5, 8, 4]),
        (NoWorseThanTarget(-1), [1, 3, 4]),
        (WorkedOut(last_known("score") * 10, "score@known"), [50, 30, 40]),
    ],
)
def test_an_effect_changes_what_it_names(effect: Effect, after: list[float]) -> None:
    assert np.array_equal(effect(OWN, NOW, TARGET), after, equal_nan=True)
