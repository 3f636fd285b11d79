"""A list that is far from the former one is stopped, and chance stops none."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.config.sections import Guard
from pipeline.crm.guard import days_to_compare, deviations

GUARD = Guard(size_ratio=2.0, mean_probability_points=10.0, action_share_points=15.0)


def list_of(users: int, probability: float = 0.3, contacted: float = 0.1) -> pl.DataFrame:
    chosen = round(contacted * users)
    return pl.DataFrame(
        {
            "churn_probability": [probability] * users,
            "action": ["contact"] * chosen + ["watch"] * (users - chosen),
        },
        schema={"churn_probability": pl.Float64, "action": pl.String},
    )


@pytest.mark.parametrize(
    ("now", "figures"),
    [
        (list_of(10_000), []),
        (list_of(19_000), []),
        (list_of(21_000), ["21,000 users, and 10,000 before"]),
        (list_of(4_000), ["4,000 users, and 10,000 before"]),
        (list_of(0), ["0 users, and 10,000 before"]),
        (list_of(10_000, probability=0.39), []),
        (list_of(10_000, probability=0.45), ["mean churn_probability 45.0%, and 30.0% before"]),
        (list_of(10_000, contacted=0.24), []),
        (
            list_of(10_000, contacted=0.4),
            ["40.0% of the users have the action contact", "60.0% of the users"],
        ),
    ],
)
def test_the_figure_that_is_far_is_named(now: pl.DataFrame, figures: list[str]) -> None:
    found = list(deviations(now, list_of(10_000), GUARD))
    assert len(found) == len(figures)
    for said, figure in zip(found, figures, strict=True):
        assert said.startswith(figure)


def test_lists_of_few_users_may_differ_by_chance() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        now, former = (list_of(25, contacted=random.binomial(25, 0.3) / 25) for _ in range(2))
        assert not list(deviations(now, former, GUARD))


def test_two_empty_lists_are_alike() -> None:
    assert not list(deviations(list_of(0), list_of(0), GUARD))


@pytest.mark.parametrize(
    ("delivered", "compared"),
    [
        ([], []),
        ([31], []),
        ([30], [30]),
        ([24, 30], [24, 30]),
        ([17, 24], [24]),
        ([1, 30], [30]),
    ],
)
def test_a_list_is_compared_with_that_of_the_same_weekday_and_with_the_last(
    delivered: list[int], compared: list[int]
) -> None:
    days = [date(2024, 3, day) for day in delivered]
    assert days_to_compare(days, date(2024, 3, 31)) == [date(2024, 3, day) for day in compared]
