"""A condition is the feature's sentence with bounds instead of the value."""

import pytest

from features.catalogue.available import every_feature
from features.define import Feature
from features.wording.conditions import Interval, condition
from features.wording.sentences import short_name
from tests.support.tables import contract, declared

EVERY = {feature.name: feature for feature in every_feature(contract().sources())}


@pytest.mark.parametrize(
    ("name", "interval", "says"),
    [
        ("minutes_30d", Interval(to=5.0), "at most 5 minutes in the last 30 days"),
        ("minutes_30d", Interval(above=5.0, to=14.0), "over 5 up to 14 minutes in the last 30 days"),
        ("events_life", Interval(above=1200.0, whole=True), "more than 1,200 actions in all"),
        ("login_days_7d", Interval(above=2.0, whole=True), "came on 3 or more days in the last 7 days"),
        ("login_days_7d", Interval(above=2.0, to=5.0, whole=True), "came on 3 to 5 days in the last 7 days"),
        ("login_days_7d", Interval(above=2.0, to=4.0, whole=True), "came on 3 or 4 days in the last 7 days"),
        ("login_days_7d", Interval(above=2.0, to=3.0, whole=True), "came on 3 days in the last 7 days"),
        ("open_complaints", Interval(to=0.0, whole=True), "no requests without an answer"),
        (
            "days_since_level_gain",
            Interval(to=1.0, whole=True),
            "last new level at most 1 day before the login",
        ),
        (
            "ceased_counterparts_share",
            Interval(above=0.33),
            "more than 33% of the regular contacts have gone silent",
        ),
        ("holiday", Interval(above=0.0, whole=True), "the day is a public holiday in the user's country"),
        ("holiday", Interval(to=0.0, whole=True), "the day is no public holiday in the user's country"),
        ("score_last", Interval(known=False), "has not answered a survey yet"),
        ("score_last", Interval(), "anything but “has not answered a survey yet”"),
        (
            "score_last",
            Interval(to=6.0, missing=True, whole=True),
            "gave at most 6 of 10 in the last survey, or has not answered a survey yet",
        ),
        ("weekday", Interval(above=5.0, whole=True), "the day is a Saturday or Sunday"),
        (
            "score_group",
            Interval(to=0.5),
            "did not recommend or was undecided about the product in the last survey",
        ),
        (
            "minutes_today_to_usual",
            Interval(to=1.0),
            "at most 1 times as many minutes on the login day as usual",
        ),
        ("received_7d", Interval(to=0.0, whole=True), "heard from nobody in the last 7 days"),
    ],
)
def test_a_condition_says_the_bounds_where_the_value_stands(name: str, interval: Interval, says: str) -> None:
    assert condition(EVERY[name], interval) == says


def test_a_flag_is_told_as_what_it_means() -> None:
    channel = EVERY["holiday"].value
    flag = declared(
        name="channel_is_advert", value=channel, form="flag",
        says="channel is advert", says_not="channel is not advert",
    )  # fmt: skip
    assert condition(flag, Interval(above=0.0, whole=True)) == "channel is advert"
    assert condition(flag, Interval(to=0.0, whole=True)) == "channel is not advert"
    assert short_name(flag) == "channel is advert"


@pytest.mark.parametrize("feature", EVERY.values(), ids=EVERY)
def test_every_feature_can_be_asked_for(feature: Feature) -> None:
    for interval in (
        Interval(to=0.0, whole=True),
        Interval(above=1.5, to=3.0),
        Interval(above=30.0, missing=True),
    ):
        sentence = condition(feature, interval)
        assert not {"{", "}"} & set(sentence)
        assert "  " not in sentence
    assert not {"{", "}"} & set(short_name(feature))
