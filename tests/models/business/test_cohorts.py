"""Cohorts: their laws."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from models.business.cohorts import BEFORE_THE_LOG, COHORTS, cohort_parts, cohort_table
from models.business.periods import Periods
from models.labels.sequence import day_number

START = date(2024, 1, 1)
PERIODS = Periods("month", START, date(2024, 5, 31))
FIRST = PERIODS.first_number
VISITS = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 151)), min_size=1)


def table_of(
    visits: set[tuple[int, int]], older: set[int], lost: dict[int, int] | None = None
) -> pl.DataFrame:
    rows = pl.DataFrame(sorted(visits), schema=["user", "day"], orient="row")
    number = PERIODS.number_of(rows["day"].to_numpy() + day_number(START))
    lived = pl.DataFrame({"user": rows["user"], "period": number}).unique(maintain_order=True)
    lived = lived.with_columns(active=pl.lit(1, pl.Int64), net=pl.lit(250, pl.Int64))
    users = lived.group_by("user", maintain_order=True).agg(cohort=pl.col("period").min())
    gone = {user: FIRST + period for user, period in (lost or {}).items()}
    users = users.with_columns(
        cohort=pl.when(~pl.col("user").is_in(list(older))).then("cohort"),
        lost=pl.col("user").replace_strict(gone, default=None, return_dtype=pl.Int64),
        country=pl.when(pl.col("user") % 2 == 0).then(pl.lit("DE")),
    )
    sizes, cells = cohort_parts(users, lived, ["country"])
    return cohort_table(sizes, cells, PERIODS, paid=True)


@given(VISITS, st.sets(st.integers(0, 7)))
def test_laws_of_cohorts_by_first_login(visits: set[tuple[int, int]], older: set[int]) -> None:
    table = table_of(visits, older)
    assert table.schema == COHORTS
    for by in ("all", "country"):
        part = table.filter(pl.col("by") == by)
        assert part.group_by("group", "cohort").agg(pl.col("users").n_unique())["users"].max() == 1
        born = part.filter((pl.col("age") == 0) & (pl.col("cohort") != BEFORE_THE_LOG))
        assert (born["retained"] == 1).all()
        apart = int(np.isin([user for user, _ in visits], list(older)).any())
        assert part.filter(pl.col("cohort") == BEFORE_THE_LOG).height >= apart
        active = {
            label: len({u for u, d in visits if begin <= d + day_number(START) <= end})
            for label, begin, end in zip(PERIODS.labels, PERIODS.begins, PERIODS.ends, strict=True)
        }
        names = dict(zip(PERIODS.labels, range(FIRST, FIRST + len(PERIODS)), strict=True))
        started = pl.col("cohort").replace_strict(names, default=FIRST, return_dtype=pl.Int64)
        lived = (
            part.with_columns(number=started + pl.col("age")).group_by("number").agg(pl.col("active").sum())
        )
        counted = dict(lived.rows())
        assert all(counted.get(names[label], 0) == count for label, count in active.items())


def test_a_period_that_is_not_over_has_no_cell() -> None:
    periods = Periods("month", START, date(2024, 2, 10))
    users = pl.DataFrame(
        {"user": [0], "cohort": [FIRST], "lost": [None]}, schema_overrides={"lost": pl.Int64}
    )
    lived = pl.DataFrame({"user": [0, 0], "period": [FIRST, FIRST + 1], "active": [1, 1], "net": [100, 100]})
    table = cohort_table(*cohort_parts(users, lived, []), periods, paid=True)
    assert table["complete"].to_list() == [True, False]
    assert table["active"].to_list() == [1, None]
    assert table["revenue_per_user"].to_list() == [1.0, None]


def test_surviving_is_the_estimate_of_kaplan_and_meier() -> None:
    visits = {(user, 0) for user in range(8)}
    table = table_of(visits, set(), {0: 0, 1: 1, 2: 1, 3: 3}).filter(pl.col("by") == "all").sort("age")
    times = [0, 1, 1, 3, 5, 5, 5, 5]
    censored = CensoredData.right_censored(times, [False] * 4 + [True] * 4)
    assert table["surviving"].to_list() == pytest.approx(ecdf(censored).sf.evaluate(np.arange(5)).tolist())


def test_a_cohort_older_than_the_log_has_no_survival() -> None:
    users = pl.DataFrame(
        {"user": [0], "cohort": [FIRST - 2], "lost": [None]}, schema_overrides={"lost": pl.Int64}
    )
    lived = pl.DataFrame({"user": [0], "period": [FIRST], "active": [1], "net": [0]})
    table = cohort_table(*cohort_parts(users, lived, []), PERIODS, paid=False)
    assert table["cohort"].unique().to_list() == ["2023-11"]
    assert table["age"].to_list() == [2, 3, 4, 5, 6]
    assert table["surviving"].null_count() == table.height
    assert table["revenue_per_user"].null_count() == table.height
