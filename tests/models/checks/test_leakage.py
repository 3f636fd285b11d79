"""A column that alone predicts the label is found in all forms; chance is not."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from models.checks.leakage import check_leak, single_feature_auc
from tests.support.rows import made_up

DAY = date(2024, 1, 1)
VALUES = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, 2.5, math.nan]), st.booleans()), min_size=2, max_size=40
).filter(lambda rows: len({churned for _, churned in rows}) == 2)


def table(rows: list[tuple[float, bool]]) -> pl.DataFrame:
    read = pl.DataFrame(rows, schema={"value": pl.Float32, "churned": pl.Boolean}, orient="row")
    return read.with_columns(user_id=pl.lit("ann"), login_day=DAY)


@given(VALUES)
@settings(deadline=None)
def test_it_is_the_best_auc_with_missing_below_above_or_on_its_own(rows: list[tuple[float, bool]]) -> None:
    churned = [was for _, was in rows]
    scores = [np.nan_to_num([value for value, _ in rows], nan=missing) for missing in (-9.0, 9.0)]
    scores.append(np.isnan([value for value, _ in rows]).astype(float))
    areas = [roc_auc_score(churned, score) for score in scores]
    assert single_feature_auc(table(rows), ["value"])["value"] == pytest.approx(
        max(max(area, 1 - area) for area in areas)
    )


def test_one_class_tells_nothing() -> None:
    assert math.isnan(single_feature_auc(table([(1.0, True), (2.0, True)]), ["value"])["value"])
    rows = table([(1.0, True)]).with_columns(ripe=True)
    assert check_leak(rows, ["value"], ["value"], 0.98).verdict == "pass"


LEAKS = {
    # As a table that keeps only each user's last session: late for those who return.
    "last_session_creation_time": pl.when(pl.col("churned"))
    .then(0.0)
    .otherwise(pl.lit(5.0) + pl.col("often")),
    "deleted_at": pl.when(pl.col("churned")).then(math.nan).otherwise(1.0),
    "gone_since": pl.when(pl.col("churned")).then(1.0).otherwise(math.nan),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_stops_and_is_named(name: str) -> None:
    rows = made_up(users=200).rename({"revenue_often": "often"})
    rows = rows.with_columns(LEAKS[name].cast(pl.Float32).alias(name))
    check = check_leak(rows, ["stay", "often", name, "noise"], [name], 0.98)
    assert check.verdict == "stop"
    assert check.figures["suspected"] == [name]
    assert name in check.sentence
    assert "readiness.leak_auc" in check.advice


def test_the_date_of_the_last_session_stops_though_some_of_the_lost_return_late() -> None:
    """Each user has three ripe logins: the first is followed by a long absence, the last by none other."""
    rows = pl.DataFrame({"user_id": [f"u{user:03}" for user in range(100) for _ in range(3)]}).with_columns(
        churned=pl.Series([True, False, True] * 100),
        login_day=pl.Series([DAY + timedelta(days=user) for user in range(100) for _ in range(3)]),
        ripe=True,
        days_since_last_session=pl.Series([math.nan, math.nan, 0.0] * 100, dtype=pl.Float32),
    )
    names = ["days_since_last_session"]
    assert single_feature_auc(rows, names)[names[0]] == pytest.approx(0.75)
    assert check_leak(rows, names, names, 0.98).figures["suspected"] == names
    few = rows.head(3 * 49)  # of which neither half has 50 last logins
    assert check_leak(few, names, names, 0.98).verdict == "pass"


def test_honest_features_pass_and_the_bound_is_the_parameter() -> None:
    rows = made_up(users=200)
    features = ["stay", "revenue_often", "noise", "constant"]
    check = check_leak(rows, features, features, 0.98)
    assert (check.verdict, check.figures["suspected"]) == ("pass", [])
    assert next(iter(check.figures["most_telling"])) == "stay"
    assert check_leak(rows, features, features, 0.6).verdict == "stop"


def test_unripe_rows_do_not_count() -> None:
    rows = table([(1.0, True), (0.0, False)] * 20).with_columns(ripe=True)
    unripe = rows.head(1).with_columns(churned=pl.lit(None, pl.Boolean), ripe=False)
    assert check_leak(pl.concat([rows, unripe]), ["value"], [], 0.98).figures["rows"] == 40


def test_own_behaviour_warns_where_a_value_from_outside_stops() -> None:
    rows = made_up(users=200).rename({"revenue_often": "often"})
    rows = rows.with_columns(LEAKS["gone_since"].cast(pl.Float32).alias("silence"))
    check = check_leak(rows, ["stay", "silence"], ["stay"], 0.98)
    assert (check.verdict, check.figures["suspected"], check.figures["own_behaviour"]) == (
        "warn",
        [],
        ["silence"],
    )


def test_what_is_telling_in_one_period_only_is_no_leak() -> None:
    rows = made_up(users=200)
    middle = rows["login_day"].median()
    once = (
        pl.when(pl.col("login_day") <= middle)
        .then(pl.col("churned").cast(pl.Float32))
        .otherwise(pl.col("noise"))
    )
    assert check_leak(rows.with_columns(once=once), ["once"], ["once"], 0.98).verdict == "pass"
