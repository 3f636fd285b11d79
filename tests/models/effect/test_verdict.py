"""No verdict before the experiment is large enough."""

import pytest

from models.effect.estimate import estimate_of
from models.effect.verdict import held_out_needed, verdict_of


def test_so_many_held_out_show_exactly_the_effect_asked_for() -> None:
    held = held_out_needed(base_rate=0.4, share=0.1, decide_at=0.02)
    contacts = held * 9
    shown = 2.801585 * (0.4 * 0.6 * (1 / contacts + 1 / held)) ** 0.5
    assert shown == pytest.approx(0.02, abs=1e-5)


def test_at_least_fifty_are_needed() -> None:
    assert held_out_needed(base_rate=0.01, share=0.5, decide_at=0.5) == 50


@pytest.mark.parametrize(
    ("value", "held_out", "says"),
    [
        (0.10, 999, "not yet"),
        (0.10, 1_000, "contact keeps users"),
        (-0.10, 1_000, "contact drives users away"),
        (0.01, 1_000, "no effect is seen"),
    ],
)
def test_the_verdict_follows_the_interval_once_there_are_enough(
    value: float, held_out: int, says: str
) -> None:
    assert verdict_of(estimate_of(value, 0.02), held_out, needs=1_000).says == says


def test_no_effect_no_verdict() -> None:
    assert not verdict_of(None, 5_000, needs=1_000).decided
