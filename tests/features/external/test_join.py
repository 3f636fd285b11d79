"""External data: one worked example of each feature, and the laws of the catalogue."""

import math
import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.catalogue.available import available, every_feature, external_features
from features.contract.external_data import Attribute, ExternalData, Table
from features.define import Feature
from features.errors import ContractError
from features.external.join import ExternalFrames
from features.wording.sentences import sentence
from tests.features.catalogue.test_laws import DAYS, HISTORIES, until
from tests.support.external_frames import EXTERNAL_DATA, external_frames, march
from tests.support.tables import COLUMNS, START, contract, drawn, rows_of

# Ann's row of the 8th: violin since the 5th; her event tells Germany, her attribute the city.
LOGINS = """
user date       time  kind  country
ann  2024-03-03 10:00 login -
ann  2024-03-08 10:00 login DE
bob  2024-03-07 10:00 login -
bob  2024-03-09 10:00 login -
"""
NAN = math.nan
EXPECTED: dict[str, float] = {
    "days_since_signup": 17,
    "course_is_piano": 0,
    "course_is_violin": 1,
    "seats": 3,
    "trial": 0,
    "days_since_contract_ends": -22,  # ahead, and known: it is in the valid row
    "days_since_born": 34 * 365 + 9,
    "country_is_de": 0,  # from the table, not from the event
    "country_is_fr": 1,
    "city_is_berlin": 1,
    "city_is_paris": 0,
    "weather_rain": 5,  # the 8th's is known on the 9th
    "people_gdp": 60,  # revised on the 6th, and again on the 9th
    "people_births": 1,  # the revision of the 6th has no births
    "index_price": 1.5,  # known ahead, and counts from its date on
    "season_days_since": 2,
    "season_days_to": NAN,  # the 21st is known on the 9th
    "season_position": 1,
    "season_step": 2,
    "plan_days_since": 4,
    "plan_days_to": 4,
    "plan_position": 0.5,
    "plan_step": 1,
    "school_days_since": NAN,  # her events say Germany, which has no calendar
    "school_days_to": NAN,
    "school_position": NAN,
    "school_step": NAN,
}


def logins() -> pl.DataFrame:
    events = drawn(LOGINS)
    return events.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in COLUMNS.items() if name not in events.columns
    )


def row(user: str, day: date, beside: ExternalFrames | None = None) -> dict[str, float]:
    rows = rows_of(logins(), march(9), external=beside or external_frames())
    return rows.filter(user_id=user, login_day=day).row(0, named=True)


def test_every_feature_from_outside_has_a_worked_example() -> None:
    assert set(EXPECTED) == {feature.name for feature in external_features(EXTERNAL_DATA)}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_feature_has_the_value_worked_out_by_hand(name: str) -> None:
    assert row("ann", march(8))[name] == pytest.approx(EXPECTED[name], nan_ok=True)


def test_an_attribute_is_that_of_the_login_day() -> None:
    early = row("ann", march(3))
    assert (early["course_is_piano"], early["seats"], early["plan_days_to"]) == (1, 2, 4)


def test_where_no_event_tells_the_country_the_attribute_does_and_an_event_goes_first() -> None:
    early, late = row("ann", march(3)), row("ann", march(8))
    assert (early["school_days_to"], math.isnan(early["people_gdp"])) == (5, True)  # France
    assert (math.isnan(late["school_days_to"]), late["people_gdp"]) == (True, 60)  # Germany


def test_one_country_for_all_holds_where_nothing_else_tells() -> None:
    fixed = replace(external_frames(), country="FR")
    assert math.isnan(row("bob", march(7))["school_days_to"])
    assert row("bob", march(7), fixed)["school_days_to"] == 1


def test_nothing_is_known_of_a_sign_up_that_lies_ahead() -> None:
    assert math.isnan(row("bob", march(7))["days_since_signup"])
    assert row("bob", march(9))["days_since_signup"] == 1
    assert math.isnan(row("bob", march(9))["course_is_piano"])


def test_a_user_whom_the_table_lacks_has_no_attributes() -> None:
    alone = replace(external_frames(), users=external_frames().users.filter(user_id="ann"))
    values = row("bob", march(9), alone)
    assert all(
        math.isnan(values[name]) for name in ("days_since_signup", "seats", "course_is_piano", "trial")
    )


def test_two_features_of_one_name_are_refused() -> None:
    clash = ExternalData(tables=(Table("revenue", "date", ("today",), 5),))
    with pytest.raises(ContractError, match="two features are named 'revenue_today'"):
        every_feature(contract().sources(external=clash))


def test_nothing_named_adds_nothing() -> None:
    names = [feature.name for feature in available(contract().sources(external=ExternalData()))]
    assert names == [feature.name for feature in available(contract().sources())]


def test_a_model_still_finds_values_that_are_rare_or_gone_by_now() -> None:
    declared = ExternalData(
        attributes=(Attribute("channel", "text", ("organic",)), Attribute("seats", "number"))
    )
    names = [
        "channel_is_organic",
        "channel_is_google_ads",
        "channel_is_fax",
        "seats",
        "days_since_kind_login",
    ]
    completed = declared.completed(names, {"channel": ["organic", "Google Ads", "friend"]})
    assert completed.attributes == (
        Attribute("channel", "text", ("organic", "fax", "Google Ads")),
        Attribute("seats", "number"),
    )


@pytest.mark.parametrize("feature", external_features(EXTERNAL_DATA), ids=lambda feature: feature.name)
def test_every_feature_speaks_in_a_whole_sentence(feature: Feature) -> None:
    fields = {name for _, name, _, _ in string.Formatter().parse(feature.says) if name}
    assert fields <= {"value", "own"}
    assert "nan" not in sentence(feature, 3.0, float("nan"))
    assert sentence(feature, float("nan"), 2.0) == feature.says_missing != ""


def lay_out_as_of(beside: ExternalFrames, last_day: date) -> ExternalFrames:
    """`beside` as it was at the end of `last_day`: rows published later are not there yet."""
    come = pl.col("known_day").is_null() | (pl.col("known_day") <= last_day)
    return replace(
        beside,
        users=None if beside.users is None else beside.users.filter(pl.col("from_day") <= last_day),
        tables={name: table.filter(come) for name, table in beside.tables.items()},
        calendars={name: dates.filter(come) for name, dates in beside.calendars.items()},
    )


def renamed(history: pl.DataFrame) -> pl.DataFrame:
    """`history` of Ann and Bob, in a tenth of the time: so that many rows are near the drawn dates."""
    start = pl.lit(datetime(START.year, START.month, START.day, tzinfo=UTC)).cast(pl.Int64)
    sooner = (start + (pl.col("at").cast(pl.Int64) - start) // 10).cast(pl.Datetime("us", "UTC"))
    return history.with_columns(pl.col("user_id").replace({"a": "ann", "b": "bob"}), sooner.alias("at"))


@given(HISTORIES, st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_the_future_is_invisible_in_the_log_and_beside_it(history: pl.DataFrame, cut: int) -> None:
    events = renamed(history)
    last_day = START + timedelta(days=cut)
    whole = rows_of(events, START + timedelta(days=DAYS), external=external_frames())
    replayed = rows_of(until(events, last_day), last_day, external=lay_out_as_of(external_frames(), last_day))
    assert_frame_equal(replayed, whole.filter(pl.col("login_day") <= last_day), check_exact=True)


@given(HISTORIES)
@settings(max_examples=20, deadline=None)
def test_every_value_is_finite_or_nan_and_a_user_does_not_depend_on_another(history: pl.DataFrame) -> None:
    end = START + timedelta(days=DAYS)
    whole = rows_of(renamed(history), end, external=external_frames())
    names = list(EXPECTED)
    assert set(whole.select(names).dtypes) == {pl.Float32}
    assert whole.select(pl.col(names).is_null().sum()).sum_horizontal().item() == 0
    assert not any(whole[name].is_infinite().any() for name in names)
    alone = rows_of(renamed(history).filter(user_id="bob"), end, external=external_frames())
    assert_frame_equal(alone.select(names), whole.filter(user_id="bob").select(names), check_exact=True)


def test_the_law_sees_a_table_that_tells_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant the bug: a row that counts two days before it is known must break the replay."""
    early = pl.max_horizontal("date", pl.col("known_day") - timedelta(days=2))
    monkeypatch.setattr("features.external.as_of.usable_day", lambda: early)
    whole = rows_of(logins(), march(9), external=external_frames()).filter(login_day=march(8))
    replayed = rows_of(logins(), march(8), external=lay_out_as_of(external_frames(), march(8))).filter(
        login_day=march(8)
    )
    assert not replayed.equals(whole, null_equal=True)
