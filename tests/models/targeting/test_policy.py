"""The choice by expected profit: its formula, its rules, its order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.targeting.policy import Assumptions, Expected, Offers, by_depth, choose, expected, reached_share

ASSUMED = Assumptions(contact_cost=0.5, margin=0.8, stayers_take_offer=0.25, half_life_gaps=4)
SIZE = 12
MONEY = arrays(np.float64, SIZE, elements=st.floats(-50, 50).map(lambda value: round(value, 2)))
COSTS = arrays(np.float64, SIZE, elements=st.floats(0, 5).map(lambda value: round(value, 2)))
SHARES = arrays(np.float64, SIZE, elements=st.floats(0, 1).map(lambda value: round(value, 3)))
WHO = arrays(np.bool_, SIZE)


def made(profit: np.ndarray, cost: np.ndarray | None = None) -> Expected:
    return Expected(np.abs(profit) / 100, profit, np.ones(len(profit)) if cost is None else cost, profit)


def test_the_profit_of_a_contact_is_the_formula_worked_by_hand() -> None:
    """p .4, V 100, accepts .2, reached .5, offer 10: kept .04, revenue 4, cost .5 + (.04 + .6 * .25) * 10 = 2.4."""
    found = expected(
        np.array([0.4]),
        np.array([100.0]),
        np.array([0.5]),
        Offers(np.array([0.2]), np.array([10.0])),
        ASSUMED,
    )
    assert found.kept[0] == pytest.approx(0.04)
    assert found.revenue[0] == pytest.approx(4.0)
    assert found.cost[0] == pytest.approx(2.4)
    assert found.profit[0] == pytest.approx(0.8 * 4.0 - 2.4)


def test_a_measured_effect_takes_the_place_of_the_assumed_one_and_is_at_most_the_risk() -> None:
    same = np.full(4, 0.4)
    found = expected(
        same, np.full(4, 100.0), np.full(4, 0.5), Offers(np.full(4, 0.2), np.zeros(4)), ASSUMED,
        np.array([np.nan, 0.1, -0.3, 0.9]),
    )  # fmt: skip
    assert found.kept.tolist() == pytest.approx([0.04, 0.1, 0.0, 0.4])
    assert found.profit.tolist() == pytest.approx([80 * kept - 0.5 for kept in (0.04, 0.1, 0.0, 0.4)])


def test_a_contact_reaches_half_as_many_after_four_gaps_and_never_sooner_than_a_quarter_of_the_horizon() -> (
    None
):
    silent, gaps, horizon = np.array([0, 8, 3.5, 3.5]), np.array([2, 2, 0.5, np.nan]), np.full(4, 14.0)
    assert reached_share(silent, gaps, horizon, 4).tolist() == pytest.approx([1, 0.5, 0.5, 0.5])


@given(MONEY, WHO)
def test_the_profit_rule_takes_every_eligible_row_that_brings_more_than_it_costs(
    profit: np.ndarray, eligible: np.ndarray
) -> None:
    assert np.array_equal(choose(made(profit), eligible, "profit").chosen, eligible & (profit > 0))


@given(MONEY, WHO, st.integers(0, SIZE))
def test_a_capacity_takes_the_most_profitable_and_no_more(
    profit: np.ndarray, eligible: np.ndarray, most: int
) -> None:
    chosen = choose(made(profit), eligible, "capacity", most_users=most).chosen
    may = eligible & (profit > 0)
    assert chosen.sum() == min(most, may.sum())
    assert not (chosen & ~may).any()
    if chosen.any() and (may & ~chosen).any():
        assert profit[chosen].min() >= profit[may & ~chosen].max()


@given(MONEY, COSTS, WHO, st.floats(0, 30))
def test_a_budget_is_never_exceeded_and_goes_to_the_best_profit_for_its_cost(
    profit: np.ndarray, cost: np.ndarray, eligible: np.ndarray, budget: float
) -> None:
    found = choose(made(profit, cost), eligible, "budget", budget=budget)
    chosen, may = found.chosen, eligible & (profit > 0)
    assert cost[chosen].sum() <= budget + 1e-9
    assert not (chosen & ~may).any()
    if chosen.any() and (may & ~chosen).any():
        assert found.score[chosen].min() >= found.score[may & ~chosen].max()


@given(MONEY, SHARES)
def test_no_order_brings_more_at_any_depth_than_that_of_the_choice(
    profit: np.ndarray, risk: np.ndarray
) -> None:
    everybody = np.ones(SIZE, dtype=np.bool_)
    score = choose(made(profit), everybody, "profit").score
    for point in by_depth(profit, everybody, score, risk):
        assert point["policy"] >= point["risk"] - 1e-9
        assert point["policy"] >= point["random"] - 1e-9
    assert point["policy"] == pytest.approx(point["risk"]) == pytest.approx(point["random"])


@given(st.permutations(range(SIZE)), MONEY.filter(lambda money: len(np.unique(money)) == SIZE))
def test_the_order_of_the_rows_does_not_matter(order: list[int], profit: np.ndarray) -> None:
    everybody = np.ones(SIZE, dtype=np.bool_)
    straight = choose(made(profit), everybody, "capacity", most_users=5).chosen
    assert np.array_equal(
        choose(made(profit[order]), everybody, "capacity", most_users=5).chosen, straight[order]
    )


def test_without_amounts_a_capacity_takes_those_whom_a_contact_keeps_most_surely() -> None:
    unknown = np.full(3, np.nan)
    of_contact = Expected(np.array([0.1, 0.3, 0.0]), unknown, np.ones(3), unknown)
    everybody = np.ones(3, dtype=np.bool_)
    assert choose(of_contact, everybody, "capacity", most_users=1).chosen.tolist() == [False, True, False]
    assert choose(of_contact, everybody, "capacity", most_users=3).chosen.tolist() == [True, True, False]


def test_nobody_is_chosen_where_no_contact_pays() -> None:
    assert not choose(made(np.array([-1.0, 0.0])), np.ones(2, dtype=np.bool_), "profit").chosen.any()


def test_the_curve_of_no_users_has_its_origin_only() -> None:
    nobody = np.zeros(2, dtype=np.bool_)
    assert by_depth(np.ones(2), nobody, np.ones(2), np.ones(2)) == [
        {"users": 0, "policy": 0.0, "risk": 0.0, "random": 0.0}
    ]
