"""Arms that were not drawn are seen, in all episodes and in a part of them."""

import numpy as np
import pytest

from models.effect.estimate import Trial
from models.effect.sample_ratio import sample_ratio, sample_ratio_p


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


def drawn(seed: int, total: int = 3_000, share: float = 0.2) -> Trial:
    contacted = (np.random.default_rng(seed).random(total) >= share).astype(float)
    return Trial(contacted, np.empty((total, 0)), np.arange(total), np.full(total, share))


def test_a_list_without_its_holdout_is_named_although_the_whole_looks_right() -> None:
    good = drawn(1)
    lists = {f"list {number}": np.arange(3_000) % 20 == number for number in range(20)}
    assert sample_ratio(good, lists).because is None
    contacted = np.where(lists["list 7"], 1.0, good.contacted)
    found = sample_ratio(Trial(contacted, good.covariates, good.users, good.share), lists)
    assert found.p_value is not None
    assert found.p_value > 0.001
    assert [(one.name, one.episodes, one.held_out) for one in found.wrong] == [("list 7", 150, 0)]
    assert "list 7: 0 of 150 held out, where 30.0 were to be" in str(found.because)


def test_drawn_arms_seldom_look_wrong_in_any_part() -> None:
    lists = {str(number): np.arange(3_000) % 30 == number for number in range(30)}
    assert sum(sample_ratio(drawn(seed), lists).because is not None for seed in range(200)) <= 2


def test_a_part_too_small_to_tell_is_not_tested() -> None:
    few = np.arange(3_000) < 20
    assert sample_ratio(drawn(2), {"few": few}).tested == 0
