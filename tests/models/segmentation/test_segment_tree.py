"""Segments are a few conditions on round numbers, and each row is in the segment whose conditions it meets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.segmentation.segment_tree import Between, round_up, segment_tree, whole_numbers

LABELS = ("login number", "levels gained")


def in_words(feature: int, condition: Between) -> str:
    low = "" if condition.above is None else f"{condition.above:.10g} < "
    high = "" if condition.to is None else f" <= {condition.to:.10g}"
    known = f"{low}{LABELS[feature]}{high}" if condition.known else f"no {LABELS[feature]}"
    return f"{known} or none" if condition.known and condition.missing else known


def meets(row: np.ndarray, says: str) -> bool:
    """Whether a row meets the conditions as `in_words` words them."""
    for one in says.split("; "):
        if one == "everybody":
            continue
        feature = next(i for i, name in enumerate(LABELS) if name in one)
        value, missing = row[feature], one.endswith(" or none")
        bounds = one.removesuffix(" or none").split(LABELS[feature])
        if one.startswith("no "):
            holds = bool(np.isnan(value))
        elif np.isnan(value):
            holds = missing
        else:
            holds = (not bounds[0] or float(bounds[0].removesuffix(" < ")) < value) and (
                not bounds[1] or value <= float(bounds[1].removeprefix(" <= "))
            )
        if not holds:
            return False
    return True


def rounded(values: np.ndarray) -> np.ndarray:
    return round_up(values, whole_numbers(values))


def test_a_tree_tells_what_parts_the_risk() -> None:
    number = np.tile(np.arange(1.0, 11.0), 20)
    gained = np.repeat([0.0, 1.0], 100)
    values = np.column_stack([number, gained, np.zeros(200)])
    risk = np.where(number <= 3, np.where(gained == 0, 0.9, 0.4), 0.1)
    segments = segment_tree(values, risk, in_words, depth=2, least_share=0.05, seed=1)
    index = segments.of(values)
    first = segments.says.index("login number <= 3; levels gained <= 0")
    assert risk[index == first].tolist() == pytest.approx([0.9] * 30)
    assert any(says.startswith("3 < login number") for says in segments.says)
    assert segments.features == (0, 1)


def test_a_row_has_the_same_segment_whatever_rows_are_beside_it() -> None:
    values = np.random.default_rng(1).normal(20, 9, (300, 2))
    segments = segment_tree(values, values[:, 0] / 100, in_words, depth=3, least_share=0.05, seed=1)
    alone = [int(segments.of(row[None])[0]) for row in values]
    assert alone == segments.of(values).tolist()
    values[:, 1] = np.nan  # in no condition
    assert alone == segments.of(values).tolist()


def test_bounds_are_round_numbers() -> None:
    values = np.array([[0.0, 4.967], [3.0, -14.31], [144.0, 0.0301], [1234.0, np.nan]])
    assert rounded(values) == pytest.approx(
        np.array([[0.0, 5.0], [3.0, -10.0], [150.0, 0.035], [1500.0, np.nan]]), nan_ok=True
    )
    assert rounded(np.array([[0.3], [0.35]], dtype=np.float32).astype(float))[:, 0] == pytest.approx(
        [0.3, 0.35]
    )
    assert rounded(np.array([[6.2], [17.3]]))[:, 0].tolist() == [7.0, 20.0]  # beyond 5 no halves
    assert rounded(np.array([[17.0], [22.0]]))[:, 0].tolist() == [17.0, 25.0]  # things are counted up to 20


def test_a_round_number_is_the_very_number_as_it_is_written() -> None:
    values = rounded(np.array([[-9.99999975e-06, 0.35, 0.0045, 0.7]]).T.astype(np.float32).astype(float))
    assert values[:, 0].tolist() == [-1e-05, 0.35, 0.0045, 0.7]


@given(
    values=arrays(np.float64, (40, 2), elements=st.one_of(st.floats(-50, 2000, width=32), st.just(np.nan))),
    seed=st.integers(0, 50),
)
def test_each_row_meets_the_conditions_of_its_segment_as_they_are_worded(
    values: np.ndarray, seed: int
) -> None:
    values[:, 1] = np.rint(values[:, 1])
    risk = np.random.default_rng(seed).uniform(0, 1, 40)
    segments = segment_tree(values, risk, in_words, depth=3, least_share=0.05, seed=1)
    near = np.isclose(values, rounded(values), rtol=1e-4, atol=0)  # rounded down by single precision at most
    rows = np.where(near, rounded(values), values)
    for row, index in zip(rows, segments.of(values), strict=True):
        assert [meets(row, says) for says in segments.says].index(True) == index
        assert sum(meets(row, says) for says in segments.says) == 1


def test_what_is_missing_is_said() -> None:
    values = np.where(np.arange(100) % 2 == 0, np.nan, np.arange(100.0))[:, None]
    risk = np.isnan(values[:, 0]).astype(float)
    segments = segment_tree(values, risk, in_words, depth=1, least_share=0.1, seed=1)
    assert [segments.says[i] for i in segments.of(values)[:2]] == ["no login number", "login number"]


def test_where_nothing_parts_the_risk_everybody_is_one_segment() -> None:
    values = np.arange(20.0)[:, None]
    segments = segment_tree(values, np.full(20, 0.3), in_words, depth=3, least_share=0.1, seed=1)
    assert (segments.says, segments.features, segments.of(values).tolist()) == (("everybody",), (), [0] * 20)
    assert segments.of(values[:0]).tolist() == []


def test_a_row_that_the_tree_was_not_fitted_to_meets_the_conditions_of_its_segment() -> None:
    values = np.repeat([15.0, 20.0], 50)[:, None]
    segments = segment_tree(values, values[:, 0] / 40, in_words, depth=1, least_share=0.1, seed=1)
    between = np.array([[15.5], [17.0], [18.0]])
    assert [segments.says[i] for i in segments.of(between)] == ["15 < login number"] * 3
    shares = np.repeat([0.15, 0.3], 50)[:, None]
    segments = segment_tree(shares, shares[:, 0], in_words, depth=1, least_share=0.1, seed=1)
    assert [segments.says[i] for i in segments.of(shares[[0, 99]])] == [
        "login number <= 0.15",
        "0.15 < login number",
    ]


def test_values_that_only_rounding_makes_whole_are_not_called_whole() -> None:
    values = np.linspace(10, 40, 301)[:, None]
    conditions: list[Between] = []
    segment_tree(
        values, (values[:, 0] > 13.2).astype(float), lambda _, one: conditions.append(one) or "", depth=1,
        least_share=0.05, seed=1,
    )  # fmt: skip
    assert [one.whole for one in conditions] == [False, False]
