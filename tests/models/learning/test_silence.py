"""Silence only ever raises the probability of churn."""

import json
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.learning.silence import Silence, fit_silence, fit_silences, from_json, given_silence

GAPS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 30), st.booleans()), max_size=50)
WINDOW = 30
CLASSES = (7, 14, 28, 56, 90)


def fitted(gaps: list[tuple[int, int, bool]], times: int = 1) -> Silence:
    numbers, days, churned = zip(*gaps, strict=True) if gaps else ((), (), ())
    rows = pl.DataFrame(
        {"login_number": list(numbers) * times, "churned": list(churned) * times},
        schema={"login_number": pl.Int32, "churned": pl.Boolean},
    ).with_columns(window_days=pl.lit(WINDOW, dtype=pl.Int32))
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
    known = fitted(gaps).given_silence(
        np.full(len(days), probability),
        days,
        np.full(len(days), number, dtype=np.int32),
        np.full(len(days), WINDOW),
    )
    assert known[0] == pytest.approx(probability)
    assert (known >= probability).all()
    assert (np.diff(known) >= 0).all()
    assert (known[WINDOW:] == 1).all()


@settings(deadline=None)
@given(GAPS)
def test_silence_survives_json_exactly(gaps: list[tuple[int, int, bool]]) -> None:
    silence = fitted(gaps)
    assert from_json(json.loads(json.dumps(silence.as_json()))) == silence


def test_by_hand_half_of_the_returners_are_back_after_ten_days() -> None:
    silence = fitted([(1, 5, False), (1, 20, False), (1, 9, True)], times=300)
    assert silence.exceeds["1"][:5] == (1, 1, 1, 1, 1)
    assert silence.exceeds["1"][10] == 0.5
    known = silence.given_silence(np.array([0.5]), np.array([10]), np.array([1]), np.array([WINDOW]))
    assert known[0] == pytest.approx(0.5 / (0.5 + 0.5 * 0.5))


def test_a_band_with_few_returners_has_the_curve_of_all() -> None:
    silence = fitted([(1, 5, False)] * 300 + [(30, 25, False)] * 3)
    assert silence.exceeds["21+"] == silence.exceeds["2-5"]
    assert silence.exceeds["1"] != silence.exceeds["21+"]


def test_a_curve_that_rises_is_refused() -> None:
    value = fitted([]).as_json()
    value["exceeds"]["1"][3] = 2.0
    with pytest.raises(DataError, match=r"the curve of login numbers 1 has 31 values"):
        from_json(value)


def test_with_a_lead_a_churned_row_need_not_be_silent() -> None:
    """Lead 10: of the churned half, half log in on day 5 and stay away after; of the others all return on 20."""
    mixed = pl.DataFrame(
        {
            "login_number": [1] * 900,
            "churned": [True] * 600 + [False] * 300,
            "window_days": [WINDOW] * 900,
        },
    )
    back = pl.Series([5] * 300 + [None] * 300 + [20] * 300, dtype=pl.Int32)
    silence = fit_silence(mixed, back, WINDOW)
    ones = np.ones(3, dtype=np.int32)
    known = silence.given_silence(np.full(3, 2 / 3), np.array([4, 6, 20]), ones, WINDOW * ones)
    assert known == pytest.approx([2 / 3, 1 / 2, 1.0])


def simulated(
    windows: np.ndarray, gap_of: np.ndarray, seed: int
) -> tuple[pl.DataFrame, pl.Series, np.ndarray]:
    """Login rows of users who leave with a chance of 0.3, or return after geometric gaps of mean `gap_of`.

    Also the days to the next login, and for each row the true chance of no login within its window.
    """
    random = np.random.default_rng(seed)
    gaps = random.geometric(1 / gap_of)
    gone = random.random(len(windows)) < 0.3
    rows = pl.DataFrame(
        {
            "login_number": random.integers(1, 40, len(windows)),
            "churned": gone | (gaps > windows),
            "window_days": windows.astype(np.int32),
        }
    )
    back = pl.Series(gaps, dtype=pl.Int32)
    true = 0.3 + 0.7 * (1 - 1 / gap_of) ** windows
    return rows, pl.select(pl.when(pl.Series(~gone)).then(back)).to_series(), true


def known_after(
    silences: tuple[Silence, ...], rows: pl.DataFrame, back: pl.Series, true: np.ndarray, share: float
) -> tuple[float, float]:
    """Mean probability, and share of churn, of the users still silent after `share` of their window."""
    window = rows["window_days"].to_numpy()
    silent = np.floor(share * window).astype(np.int64)
    known = given_silence(silences, true, silent, rows["login_number"].to_numpy(), window)
    still = back.fill_null(10**6).to_numpy() > silent
    return float(known[still].mean()), float(rows["churned"].to_numpy()[still].mean())


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4, 0.7, 0.95])
def test_of_newcomers_and_veterans_each_have_the_curve_of_their_own_window(share: float) -> None:
    random = np.random.default_rng(1)
    new = random.random(40_000) < 0.4
    windows, means = np.where(new, 7, 30), np.where(new, 2.0, 9.0)
    silences = fit_silences(*simulated(windows, means, 2)[:2], (7, 30))
    fresh = simulated(windows, means, 3)
    for mask in (new, ~new):
        rows, back, true = fresh[0].filter(mask), fresh[1].filter(pl.Series(mask)), fresh[2][mask]
        predicted, observed = known_after(silences, rows, back, true, share)
        assert predicted == pytest.approx(observed, abs=0.015)


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4, 0.7, 0.95])
def test_with_personal_windows_the_update_holds_for_short_and_for_long_ones(share: float) -> None:
    random = np.random.default_rng(4)
    means = np.exp(random.uniform(np.log(1.2), np.log(60), 60_000))
    windows = np.clip(np.ceil(2 * 2.3 * means), 7, 90).astype(int)
    silences = fit_silences(*simulated(windows, means, 5)[:2], CLASSES)
    rows, back, true = simulated(windows, means, 6)
    for low, high in pairwise((0, *CLASSES)):
        mask = (windows > low) & (windows <= high)
        predicted, observed = known_after(
            silences, rows.filter(mask), back.filter(pl.Series(mask)), true[mask], share
        )
        assert predicted == pytest.approx(observed, abs=0.05)


def test_where_silence_is_no_churn_it_changes_nothing() -> None:
    known = given_silence((), np.array([0.2, 0.7]), np.array([5, 50]), np.array([1, 2]), np.array([14, 14]))
    assert known.tolist() == [0.2, 0.7]


def test_a_window_that_has_passed_is_certain_in_every_class() -> None:
    rows, back, true = simulated(np.array([7, 9, 30] * 300), np.array([2.0] * 900), 7)
    silences = fit_silences(rows, back, (7, 14, 30))
    window = rows["window_days"].to_numpy()
    assert given_silence(silences, true, window, rows["login_number"].to_numpy(), window) == pytest.approx(1)
    assert given_silence(
        silences, true, 0 * window, rows["login_number"].to_numpy(), window
    ) == pytest.approx(true)
