"""Silence only ever raises the probability of churn."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.silence import Silence, fit_silence, from_json

GAPS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 30), st.booleans()), max_size=50)
WINDOW = 30


def fitted(gaps: list[tuple[int, int, bool]], times: int = 1) -> Silence:
    numbers, days, churned = zip(*gaps, strict=True) if gaps else ((), (), ())
    rows = pl.DataFrame(
        {"login_number": list(numbers) * times, "churned": list(churned) * times},
        schema={"login_number": pl.Int32, "churned": pl.Boolean},
    )
    back = pl.Series(
        [None if gone else day for day, gone in zip(days, churned, strict=True)] * times, dtype=pl.Int32
    )
    return fit_silence(rows, back, WINDOW)


@settings(deadline=None)
@given(GAPS, st.floats(0.001, 0.999), st.integers(1, 60))
def test_silence_never_lowers_the_probability_and_a_longer_one_never_either(
    gaps: list[tuple[int, int, bool]], probability: float, number: int
) -> None:
    days = np.arange(WINDOW + 10)
    told = fitted(gaps).given_silence(
        np.full(len(days), probability), days, np.full(len(days), number, dtype=np.int32)
    )
    assert told[0] == pytest.approx(probability)
    assert (told >= probability).all()
    assert (np.diff(told) >= 0).all()
    assert (told[WINDOW:] == 1).all()


@given(GAPS)
def test_silence_survives_json_exactly(gaps: list[tuple[int, int, bool]]) -> None:
    learnt = fitted(gaps)
    assert from_json(json.loads(json.dumps(learnt.as_json()))) == learnt


def test_by_hand_half_of_the_returners_are_back_after_ten_days() -> None:
    learnt = fitted([(1, 5, False), (1, 20, False), (1, 9, True)], times=300)
    assert learnt.exceeds["1"][:5] == (1, 1, 1, 1, 1)
    assert learnt.exceeds["1"][10] == 0.5
    told = learnt.given_silence(np.array([0.5]), np.array([10]), np.array([1], dtype=np.int32))
    assert told[0] == pytest.approx(0.5 / (0.5 + 0.5 * 0.5))


def test_a_band_with_few_returners_has_the_curve_of_all() -> None:
    learnt = fitted([(1, 5, False)] * 300 + [(30, 25, False)] * 3)
    assert learnt.exceeds["21+"] == learnt.exceeds["2-5"]
    assert learnt.exceeds["1"] != learnt.exceeds["21+"]


def test_a_curve_that_rises_is_refused() -> None:
    told = fitted([]).as_json()
    told["exceeds"]["1"][3] = 2.0
    with pytest.raises(DataError, match=r"the curve of login numbers 1 has 31 values"):
        from_json(told)


def test_with_a_lead_a_churned_row_need_not_be_silent() -> None:
    """Lead 10: of the churned half, half log in on day 5 and stay away after; of the others all return on 20."""
    mixed = pl.DataFrame(
        {"login_number": [1] * 900, "churned": [True] * 600 + [False] * 300},
        schema_overrides={"login_number": pl.Int32},
    )
    back = pl.Series([5] * 300 + [None] * 300 + [20] * 300, dtype=pl.Int32)
    learnt = fit_silence(mixed, back, WINDOW)
    told = learnt.given_silence(np.full(3, 2 / 3), np.array([4, 6, 20]), np.ones(3, dtype=np.int32))
    assert told == pytest.approx([2 / 3, 1 / 2, 1.0])
