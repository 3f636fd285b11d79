"""Quantities: sums are those of the events, and what is said follows from form and side."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.advice.actions import action_for
from features.catalogue.available import available
from features.define import Feature
from features.wording.sentences import sentence
from tests.support.tables import START, contract, rows_of

VALUES = st.lists(
    st.tuples(st.integers(0, 60), st.floats(-1e6, 1e6).map(lambda number: round(number, 3))),
    min_size=1,
    max_size=30,
)
NET = contract(quantities={"points": "points"}, meaning={}, presence={"kinds": None})


def features(**quantity: str) -> dict[str, Feature]:
    terms = contract(
        quantities={"clicks": {"column": "c", **quantity}},
        names={"clicks": {"one": "click", "many": "clicks"}},
    )
    return {feature.name: feature for feature in available(terms.sources()) if "quantity_" in feature.name}


@given(VALUES)
@settings(max_examples=40, deadline=None)
def test_sums_means_and_maxima_are_those_of_the_events(values: list[tuple[int, float]]) -> None:
    start = datetime(START.year, START.month, START.day, 12, tzinfo=UTC)
    events = pl.DataFrame(
        {
            "user_id": "ann",
            "at": [start + timedelta(days=day) for day, _ in values],
            "kind": "quest",
            "quantity_points": [value for _, value in values],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    ).sort("at", maintain_order=True)
    last_day = date.fromordinal(START.toordinal() + max(day for day, _ in values))
    tells = NET.tells - {
        "amount",
        "currency",
        "counterpart",
        "received",
        "session",
        "level",
        "score",
        "country",
    }
    row = rows_of(events, last_day, NET, tells=tells).row(-1, named=True)
    of_month = [value for day, value in values if day > max(day for day, _ in values) - 30]
    assert row["quantity_points_life"] == pytest.approx(sum(value for _, value in values), rel=1e-5, abs=0.01)
    assert row["quantity_points_30d"] == pytest.approx(sum(of_month), rel=1e-5, abs=0.01)
    assert row["quantity_points_each_30d"] == pytest.approx(sum(of_month) / len(of_month), rel=1e-5, abs=0.01)
    assert row["quantity_points_most"] == pytest.approx(max(value for _, value in values), rel=1e-5, abs=0.01)
    assert row["quantity_points_last"] == pytest.approx(events["quantity_points"][-1], rel=1e-5, abs=0.01)


def test_a_quantity_has_sentences_goals_and_a_cause() -> None:
    made = features()
    week = made["quantity_clicks_7d"]
    assert (week.dimension, week.cause, week.worse) == ("intensity", "DOES_LESS", "low")
    assert sentence(week, 3, 12.4) == "3 clicks in the last 7 days, usually 12"
    assert sentence(week, 0, 12.4) == "no clicks in the last 7 days, usually 12"
    assert (
        sentence(made["quantity_clicks_trend_7d"], 0.5, 1.0)
        == "50% fewer clicks in the last 7 days than in the 7 days before"
    )
    assert made["quantity_clicks_life"].cause == "LITTLE_SO_FAR"
    action = action_for(week)
    assert action is not None
    assert action.words == "reach {more:click|clicks} {when}"


def test_much_of_a_bad_quantity_speaks_of_unhappy_users_and_has_no_goal() -> None:
    made = features(worse="high")
    assert {(one.dimension, one.cause) for one in made.values()} == {("satisfaction", "UNHAPPY")}
    assert {action_for(one) for one in made.values()} == {None}
    assert {one.worse for one in features(worse="either").values()} == {"either"}


def test_a_level_speaks_of_progress() -> None:
    made = features(form="level")
    assert {(one.dimension, one.cause) for one in made.values()} == {("progress", "STUCK")}
    assert sentence(made["quantity_clicks_last"], 3, 2) == "click at 3, usually 2"
    assert (
        sentence(made["days_since_quantity_clicks_gain"], 9, 2.5)
        == "last rise of click 9 days before the login"
    )


def test_losses_never_make_a_negative_ratio() -> None:
    """A day of more returns than purchases is 0 times the usual, and nothing is compared with a sum below 0."""
    events = pl.DataFrame(
        {
            "user_id": "ann",
            "at": [datetime(2024, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3)],
            "kind": "quest",
            "quantity_points": [-5.0, 15.0, -4.0],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    tells = NET.tells - {
        "amount",
        "currency",
        "counterpart",
        "received",
        "session",
        "level",
        "score",
        "country",
    }
    rows = rows_of(events, date(2024, 3, 3), NET, tells=tells)
    assert rows["quantity_points_today_to_usual"].is_nan().to_list() == [True, False, False]
    assert rows["quantity_points_today_to_usual"].to_list()[1:] == [3, 0]
    assert rows["quantity_points_today"].to_list() == [-5, 15, -4]
