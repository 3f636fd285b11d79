"""A keyed draw is of its user, day and purpose alone, from the stated law; the stream is the generator's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.demo.draws import Keyed, Stream

MANY = np.arange(20_000)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20, unique=True), st.integers(0, 2**63))
def test_a_draw_does_not_depend_on_the_other_users(users: list[int], seed: int) -> None:
    draws, who = Keyed(seed, 5), np.array(users)
    together = draws.uniform("leave", who)
    alone = [draws.uniform("leave", who[[row]])[0] for row in range(who.size)]
    assert together.tolist() == alone
    assert ((together > 0) & (together < 1)).all()
    few = draws.poisson("purchases", who, np.full(who.size, 3.0))
    assert few.tolist() == [
        draws.poisson("purchases", who[[row]], np.array([3.0]))[0] for row in range(who.size)
    ]


@pytest.mark.parametrize(
    "other",
    [
        Keyed(2, 5).uniform("leave", MANY),
        Keyed(1, 6).uniform("leave", MANY),
        Keyed(1, 5).uniform("gap", MANY),
        Keyed(1, 5).uniform("leave", MANY, np.zeros_like(MANY)),
        Keyed(1, 5).uniform("leave", MANY + 1),
    ],
    ids=["seed", "day", "purpose", "rank", "user"],
)
def test_another_key_is_another_draw(other: np.ndarray) -> None:
    one = Keyed(1, 5).uniform("leave", MANY)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    assert (one != other).all()


def test_keyed_draws_follow_their_laws() -> None:
    draws = Keyed(3, 11)
    assert stats.kstest(draws.uniform("a", MANY), "uniform").pvalue > 0.001
    assert stats.kstest(draws.normal("b", MANY), "norm").pvalue > 0.001
    assert stats.kstest(draws.exponential("c", MANY), "expon").pvalue > 0.001
    assert stats.kstest(np.log(draws.lognormal("d", MANY, 2.6, 0.5)), "norm", (2.6, 0.5)).pvalue > 0.001
    for drawn, mean, spread in (
        (draws.poisson("e", MANY, np.full(MANY.size, 2.5)), 2.5, np.sqrt(2.5)),
        (draws.binomial("f", MANY, np.full(MANY.size, 8), np.full(MANY.size, 0.3)), 2.4, np.sqrt(1.68)),
        (draws.geometric("g", MANY, 0.12), 1 / 0.12, np.sqrt(0.88) / 0.12),
        (draws.integers("h", MANY, 3, 6), 4.0, np.sqrt(2 / 3)),
    ):
        assert drawn.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(MANY.size))
        assert drawn.std() == pytest.approx(spread, rel=0.05)


def test_where_nothing_can_happen_nothing_is_drawn() -> None:
    draws, who = Keyed(3, 11), np.arange(3)
    assert draws.poisson("e", who, np.zeros(3)).tolist() == [0, 0, 0]
    assert draws.binomial("f", who, np.zeros(3, dtype=np.int64), np.full(3, 0.5)).tolist() == [0, 0, 0]
    nobody = np.array([], dtype=np.int64)
    assert draws.geometric("g", nobody, 0.1).size == 0


def test_the_stream_draws_in_the_order_of_the_calls() -> None:
    draws, rng = Stream(np.random.default_rng(9)), np.random.default_rng(9)
    who = np.arange(4)
    assert draws.uniform("leave", who).tolist() == rng.random(4).tolist()
    assert draws.poisson("purchases", who, np.full(4, 2.0)).tolist() == rng.poisson(np.full(4, 2.0)).tolist()
    assert draws.integers("soon", who, 1, 9).tolist() == rng.integers(1, 9, 4).tolist()
