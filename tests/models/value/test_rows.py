"""Only users who stayed are fitted, over days that the log holds, in periods that do not touch."""

from dataclasses import replace

import polars as pl
import pytest

from models.learning.split import Period
from models.value.rows import AHEAD, BAND_NAMES, band_numbers, judged_days, stayers, value_split
from tests.support.landmark_rows import HORIZON, split_of
from tests.support.rows import day
from tests.support.value_rows import DAYS, data, paying_landmarks


@pytest.mark.parametrize(
    ("horizon", "log", "days"),
    [(90, 180, 36), (90, 1000, 90), (30, 1000, 30), (90, 69, None), (13, 500, None)],
)
def test_revenue_is_judged_over_a_fifth_of_the_log(horizon: int, log: int, days: int | None) -> None:
    assert judged_days(horizon, log) == days


def test_stayers_came_back_and_their_revenue_is_known() -> None:
    rows, marks = stayers(paying_landmarks(), 0), paying_landmarks()
    kept = marks.filter(
        pl.col("drawn") & (pl.col("churned") == False) & pl.col(AHEAD).is_not_null()  # noqa: E712  # null is unripe
    ).filter(pl.col("silent_days") < HORIZON)
    assert rows.height == kept.height > 1000
    assert rows["as_of"].equals(rows["login_day"])


def test_too_few_rows_with_revenue_give_no_periods() -> None:
    poor = data().rows.with_columns(pl.lit(0, pl.Int64).alias(AHEAD))
    assert value_split(poor, split_of(), DAYS, 2, 30) is None
    assert value_split(poor.clear(), split_of(), DAYS, 2, 30) is None


def test_a_test_period_that_begins_early_leaves_no_training_rows() -> None:
    early = replace(split_of(), test=Period(day(5), day(80)))
    assert value_split(data().rows, early, DAYS, 2, 30) is None


def test_bands_are_those_of_login_numbers() -> None:
    rows = pl.DataFrame({"login_number": [1, 2, 5, 6, 20, 21, 900]})
    assert [BAND_NAMES[i] for i in band_numbers(rows)] == ["1", "2-5", "2-5", "6-20", "6-20", "21+", "21+"]
