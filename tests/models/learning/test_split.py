"""Periods follow one another in time, with a whole label window between them."""

from datetime import timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.labels.label import with_label
from models.learning.split import TimeSplit, time_split, within
from tests.support.rows import churn_of, day, drawn, made_up

ROWS = made_up(users=1_500, days=120)


def split_of(rows: pl.DataFrame, window: int = 14, **given: object) -> TimeSplit:
    settings = {"test_from": None, "test_share": 0.25, "origins": 3, "min_rows": 20} | given
    return time_split(rows, window, **settings)  # type: ignore[arg-type]


def test_the_test_period_is_the_last_quarter_of_the_ripe_days() -> None:
    split = split_of(ROWS)
    assert (split.test.first, split.test.last) == (day(78), day(105))
    assert (split.training.first, split.training.last) == (day(0), day(63))


def test_training_labels_end_before_the_test_begins() -> None:
    split = split_of(ROWS, test_from=day(90))
    assert split.test.first == day(90)
    assert split.training.last + timedelta(days=14) < day(90)


@settings(deadline=None)
@given(st.integers(1, 25), st.floats(0.05, 0.4), st.integers(1, 6), st.integers(0, 9))
def test_every_origin_is_purged_and_lies_within_training(
    horizon: int, share: float, origins: int, lead: int
) -> None:
    rows = with_label(ROWS.drop("churned", "ripe"), day(119), churn_of(horizon, lead))
    window = timedelta(days=horizon + lead)
    split = split_of(rows, horizon + lead, test_share=share, origins=origins)
    assert len(split.origins) <= origins
    for origin in split.origins:
        assert origin.training.first == split.training.first
        assert (
            origin.training.last + window
            < origin.validation.first
            <= origin.validation.last
            <= split.training.last
        )
        for part in (origin.training, origin.validation):
            counts = rows.filter(within(part))["churned"].value_counts()["count"]
            assert len(counts) == 2
            assert counts.min() >= 20  # type: ignore[operator]
    validation = [origin.validation for origin in split.origins]
    assert all(a.last < b.first for a, b in pairwise(validation))


def test_a_short_log_has_fewer_and_wider_periods_or_none() -> None:
    assert len(split_of(ROWS, min_rows=20).origins) == 3
    few = split_of(ROWS, min_rows=90).origins
    assert len(few) == 2
    assert few[0].validation.last - few[0].validation.first > timedelta(days=10)
    assert split_of(ROWS, min_rows=100_000).origins == ()


def test_a_horizon_that_leaves_no_training_rows_is_refused_with_what_there_is() -> None:
    rows = with_label(ROWS.drop("churned", "ripe"), day(119), churn_of(60))
    message = (
        r"(?s)the training period has 0 rows.*The ripe range is 2024-01-01 to 2024-02-29; a label window of "
        r"60 days leaves 0 training rows before 2024-02-14.*"
        r"shorter label\.horizon_days or a later split\.test_from"
    )
    with pytest.raises(DataError, match=message):
        split_of(rows, 60)


def test_one_class_only_is_refused() -> None:
    rows = with_label(drawn(**{f"u{i}": list(range(i, 60)) for i in range(9)}), day(59), churn_of(5))
    with pytest.raises(DataError, match=r"0 that churned, and both are needed"):
        split_of(rows, 5)


def test_a_log_without_ripe_rows_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"(?s)1 rows, and no day on which all are ripe.*2024-01-01 to 2024-01-01.*horizon"
    ):
        split_of(with_label(drawn(ann=[0]), day(3), churn_of(5)), 5)


def test_a_test_period_after_the_log_is_refused() -> None:
    with pytest.raises(DataError, match=r"(?s)the test period has 0 rows.*an earlier split\.test_from"):
        split_of(ROWS, test_from=day(400))
