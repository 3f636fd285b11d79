"""No verdict before the experiment is large enough, none on arms that were not drawn."""

import numpy as np
import pytest

from models.effect.estimate import Trial, estimate_of
from models.effect.verdict import held_out_needed, sample_ratio_p, verdict_of


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


def trial(held: int, total: int, share: float, episodes_a_user: int = 1) -> Trial:
    contacted = np.repeat((np.arange(total) >= held).astype(float), episodes_a_user)
    rows = total * episodes_a_user
    return Trial(
        contacted, np.empty((rows, 0)), np.repeat(np.arange(total), episodes_a_user), np.full(rows, share)
    )


def test_a_holdout_that_lost_a_third_of_its_users_is_seen() -> None:
    wrong, right = sample_ratio_p(trial(134, 1_934, 0.1)), sample_ratio_p(trial(200, 2_000, 0.1))
    assert wrong is not None
    assert wrong < 0.001
    assert right == pytest.approx(1.0)


def test_repeated_episodes_do_not_make_chance_look_sure() -> None:
    assert sample_ratio_p(trial(215, 2_000, 0.1, episodes_a_user=20)) == sample_ratio_p(
        trial(215, 2_000, 0.1)
    )


def test_without_a_holdout_nothing_is_tested() -> None:
    assert sample_ratio_p(trial(0, 100, 0.0)) is None
