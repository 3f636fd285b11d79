"""The plain recount gives each worked example's value, and what it cannot count is not counted wrongly."""

import math
from datetime import date

import polars as pl
import pytest

from features.catalogue.available import every_feature
from features.define import Feature
from features.external.exchange_rates import RateTable
from pipeline.verification.plain_days import PlainLog, plain_days
from pipeline.verification.recount import can_count, recounted
from tests.features.catalogue.test_examples import EXPECTED, HISTORY
from tests.support.tables import START, contract, declared, drawn, rate_table

LAST = date(2024, 3, 8)
LOG = PlainLog(contract(), contract().tells, START, LAST, RateTable(rate_table(), "EUR", 10))
FEATURES = {feature.name: feature for feature in every_feature(contract().sources())}
COUNTED = [feature for feature in FEATURES.values() if can_count(feature, LOG)]


def value_of(feature: Feature, as_of: date, login_day: date) -> float:
    rows = pl.DataFrame({"user_id": ["ann"], "as_of": [as_of], "last_login_day": [login_day]})
    value = recounted([feature], plain_days(drawn(HISTORY), LOG), rows, LOG)[feature.name].item()
    return math.nan if value is None else float(value)


@pytest.mark.parametrize("feature", COUNTED, ids=lambda feature: feature.name)
def test_a_feature_is_recounted_as_worked_out_by_hand(feature: Feature) -> None:
    """On 8 March. The events of the 9th, which are in the table, do not count."""
    assert value_of(feature, LAST, LAST) == pytest.approx(EXPECTED[feature.name], rel=1e-5, nan_ok=True)


def test_four_in_five_features_of_the_log_s_own_events_are_counted() -> None:
    inside = [name for name, one in FEATURES.items() if "@external" not in str(one.value)]
    assert len(COUNTED) > 0.8 * len(inside)


def test_what_moves_is_of_the_list_s_day_and_the_rest_of_the_login_day() -> None:
    """Ann's last ticket is of 5 March, and the list of the 8th: three days, whatever the login day is."""
    moving, staying = FEATURES["days_since_support"], FEATURES["events_life"]
    assert (moving.moves, staying.moves) == (True, False)
    assert value_of(moving, LAST, date(2024, 3, 2)) == 3
    assert value_of(staying, LAST, date(2024, 3, 2)) == 5


@pytest.mark.parametrize(
    "value",
    [pl.col("weather@external"), pl.col("new_counterparts@30d"), pl.col("country@known"), pl.lit(1.0)],
)
def test_a_total_without_a_plain_count_is_left_to_the_replay(value: pl.Expr) -> None:
    feature = declared(name="other", value=value)
    assert not can_count(feature, LOG)
    rows = pl.DataFrame({"user_id": ["ann"], "as_of": [LAST], "last_login_day": [LAST]})
    assert recounted([feature], plain_days(drawn(HISTORY), LOG), rows, LOG).columns == ["user_id"]
