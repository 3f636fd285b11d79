"""Play styles are named by what their users do, and no two have one name."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.segmentation.play_names import play_names, play_says

USES = ("quests", "trade", "chats", "support")
EVERYONE = np.array([0.4, 0.3, 0.2, 0.1])


def names(*shares: list[float]) -> list[str]:
    return play_names(np.array(shares), EVERYONE, USES)


def test_a_main_use_names_the_style_and_a_second_one_is_some() -> None:
    assert names([0.7, 0.25, 0.05, 0.0]) == ["Mostly quests, some trade"]
    assert names([0.85, 0.1, 0.05, 0.0]) == ["Mostly quests"]
    assert names([0.25, 0.45, 0.2, 0.1]) == ["Much trade, some quests"]


def test_a_mix_is_named_by_what_its_users_do_more_than_others() -> None:
    assert names([0.35, 0.2, 0.35, 0.1]) == ["Mixed, with more chats than most"]


def test_styles_that_would_share_a_name_tell_more_and_then_get_a_number() -> None:
    assert names([0.8, 0.15, 0.05, 0.0], [0.8, 0.03, 0.17, 0.0]) == [
        "Mostly quests, some trade",
        "Mostly quests, some chats",
    ]
    assert names([1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]) == ["Mostly quests", "Mostly quests (2)"]


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any), min_size=1, max_size=8))
def test_no_two_styles_share_a_name(counts: list[list[int]]) -> None:
    shares = np.array(counts, dtype=np.float64)
    given_names = play_names(shares / shares.sum(axis=1, keepdims=True), EVERYONE, USES)
    assert len(set(given_names)) == len(counts)


def test_what_users_do_is_told_with_the_most_frequent_first() -> None:
    assert play_says(np.array([0.21, 0.04, 0.75, 0.0]), USES) == "Their actions: 75% chats, 21% quests."
