"""The capacity of a booster follows the data."""

from hypothesis import given
from hypothesis import strategies as st

from models.learning.booster import Settings, capacity

SETTINGS = Settings(
    seed=1,
    threads=1,
    learning_rate=0.05,
    leaves=8,
    feature_fraction=0.6,
    l2=10.0,
    max_rounds=150,
    patience_rounds=20,
)


@given(st.integers(100, 5_000_000), st.integers(100, 5_000_000))
def test_capacity_never_shrinks_with_the_rows(some: int, other: int) -> None:
    few, many = capacity(SETTINGS, min(some, other)), capacity(SETTINGS, max(some, other))
    assert 8 <= few.leaves <= many.leaves <= 64
    assert 20 <= few.min_leaf_rows <= many.min_leaf_rows <= 500
    assert 0.05 <= few.learning_rate <= many.learning_rate <= 0.15


def test_a_small_log_has_the_settings_as_they_stand() -> None:
    allowed = capacity(SETTINGS, 20_000)
    assert (allowed.leaves, allowed.learning_rate, allowed.patience_rounds) == (8, 0.05, 20)
