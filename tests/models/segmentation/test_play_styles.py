"""A play style depends on a user's own shares and the centres. Former styles stay while they are found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.segmentation.play_styles import PlayStyles, enough, names_since, play_styles, root_shares_of
from models.segmentation.styles import NamedStyles, Styles

USES = ("quests", "trade", "chats")
ASKED = {"least": 2, "most": 5, "bootstrap": 3, "seed": 1, "least_stability": 0.8}


def players(*mixes: tuple[float, float, float], seed: int = 1, each: int = 60) -> np.ndarray:
    """(users, uses) counts of 80 events each: `each` users of every mix."""
    random = np.random.default_rng(seed)
    return np.concatenate([random.multinomial(80, mix, each) for mix in mixes]).astype(np.float64)


THREE = ((0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8))


def fitted(counts: np.ndarray, former: NamedStyles | None = None) -> PlayStyles:
    return play_styles(root_shares_of(counts), USES, former, **ASKED)


def test_users_of_one_mix_are_one_style() -> None:
    found = fitted(players(*THREE))
    style = found.styles.of(root_shares_of(players(*THREE, seed=2)))
    assert [len(set(style[part : part + 60])) for part in (0, 60, 120)] == [1, 1, 1]
    assert len(set(style)) == 3
    assert (found.kept, found.agreement) == (False, None)


COUNTS = st.lists(
    st.tuples(*[st.integers(0, 50)] * 3).filter(lambda counts: sum(counts) > 0), min_size=1, max_size=20
)


@given(COUNTS)
def test_a_users_style_depends_neither_on_other_users_nor_on_how_much_the_user_does(
    counts: list[tuple[int, int, int]],
) -> None:
    styles = Styles(USES, np.sqrt(np.array(THREE)), {}, 1.0)
    users = np.array(counts, dtype=np.float64)
    together = styles.of(root_shares_of(users))
    alone = [int(styles.of(root_shares_of(one[None] * 4))[0]) for one in users]  # 4: the shares stay exact
    assert together.tolist() == alone


@given(st.permutations(range(150)))
def test_the_order_of_users_does_not_matter(order: list[int]) -> None:
    counts = players(*THREE, each=50)
    one, other = fitted(counts), fitted(counts[order])
    same = one.styles.of(root_shares_of(counts[order]))
    pairs = set(zip(same.tolist(), other.styles.of(root_shares_of(counts[order])).tolist(), strict=True))
    assert len(pairs) == 3


def test_former_styles_stay_as_long_as_a_fresh_fit_finds_the_same() -> None:
    first = fitted(players(*THREE))
    former = NamedStyles(first.styles, ("a", "b", "c"))
    later = fitted(players(*THREE, seed=5), former)
    assert later.kept
    assert later.styles is former.styles
    assert later.agreement == pytest.approx(1.0)


def test_former_styles_go_when_users_play_otherwise_and_when_the_uses_are_others() -> None:
    former = NamedStyles(fitted(players(*THREE)).styles, ("a", "b", "c"))
    other = fitted(players((0.5, 0.5, 0.0), (0.5, 0.0, 0.5), (0.0, 0.5, 0.5)), former)
    assert not other.kept
    assert other.agreement is not None
    assert other.agreement < 0.8
    renamed = NamedStyles(Styles(("x", "y", "z"), former.styles.centres, {}, 1.0), former.names)
    assert (fitted(players(*THREE), renamed).kept, fitted(players(*THREE), renamed).agreement) == (
        False,
        None,
    )


def test_a_style_near_a_former_one_has_its_name_and_one_far_away_has_none() -> None:
    shapes = root_shares_of(players(*THREE))
    now = Styles(USES, np.sqrt(np.array([THREE[2], (0.78, 0.12, 0.1), (0.34, 0.33, 0.33)])), {}, 1.0)
    former = NamedStyles(Styles(USES, np.sqrt(np.array(THREE)), {}, 1.0), ("a", "b", "c"))
    assert names_since(now, former, shapes, 1.0) == ["c", "a", None]
    assert names_since(now, None, shapes, 1.0) == [None, None, None]


def test_few_users_are_one_style() -> None:
    assert len(fitted(players(*THREE, each=33)).styles.centres) == 1  # 99 users, and 2 styles at least


def test_ten_events_are_enough() -> None:
    assert enough(np.array([[4.0, 5.0, 0.0], [4.0, 5.0, 1.0]])).tolist() == [False, True]
