"""A sentence reads as a person would say it, for every value."""

import math
from datetime import date

import pytest

from features.catalogue.available import every_feature
from features.wording.sentences import generic_sentence, sentence
from tests.support.external_frames import EXTERNAL_DATA
from tests.support.tables import contract, declared

EVERY = {one.name: one for one in every_feature(contract().sources(external=EXTERNAL_DATA))}
NAN = math.nan


@pytest.mark.parametrize(
    ("name", "value", "usual", "says"),
    [
        ("minutes_30d", 12.0, 30.0, "12 minutes in the last 30 days, usually 30"),
        ("minutes_30d", 1.0, NAN, "1 minute in the last 30 days"),
        ("minutes_30d", 0.3, NAN, "less than 1 minute in the last 30 days"),
        ("minutes_30d", 0.0, 30.0, "less than a minute in the last 30 days, usually 30"),
        ("new_counterparts_30d", 1.0, NAN, "1 person met for the first time in the last 30 days"),
        ("new_counterparts_30d", 0.0, 1.5, "met nobody new in the last 30 days, usually 1.5"),
        ("minutes_trend_7d", 0.5, NAN, "50% fewer minutes in the last 7 days than in the 7 days before"),
        ("minutes_trend_7d", 0.001, NAN, "over 99% fewer minutes in the last 7 days than in the 7 days before"),
        ("minutes_trend_7d", 1.004, NAN, "as many minutes in the last 7 days as in the 7 days before"),
        ("minutes_trend_7d", 11.0, NAN, "11 times as many minutes in the last 7 days as in the 7 days before"),
        ("minutes_trend_7d", 2.04, NAN, "twice as many minutes in the last 7 days as in the 7 days before"),
        ("minutes_trend_7d", 0.0, NAN, "less than a minute in the last 7 days, but more in the 7 days before"),
        ("currency_price_change_30d", 1.07, NAN, "prices in the user's currency are 7% higher than 30 days before"),
        ("ceased_counterparts_share", 1.0, 0.004,
         "all of the regular contacts have gone silent, usually less than 1%"),
        ("progress_share_30d", 0.004, NAN, "less than 1% of the actions of the last 30 days were progress"),
        ("progress_share_30d", 0.0, 0.3, "none of the actions of the last 30 days were progress, usually 30%"),
        ("paid_for_share_30d", 0.5, 0.75,
         "used 50% of the functions that cost extra in the last 30 days, usually 75%"),
        ("days_since_contact", 14.0, 1.2, "last met others 14 days before the login, usually 1.2 days"),
        ("days_since_contact", 2.0, 0.04, "last met others 2 days before the login, usually the same day"),
        ("days_since_contact", 2.0, 0.4, "last met others 2 days before the login, usually the same day"),
        ("days_since_contact", 2.0, 0.8, "last met others 2 days before the login, usually less than a day"),
        ("days_since_contact", 0.0, NAN, "last met others on the day of the login"),
        ("days_since_contact", 1967.0, 998.0,
         "last met others 5.4 years before the login, usually 2.7 years"),
        ("gap_last_days", 4320.0, 23.0, "came back after 12 years, usually after 23 days"),
        ("kinds_used_7d", 1.0, 4.2, "did only one thing in the last 7 days, usually 4.2"),
        ("days_since_received", 14.0, 1.2, "last heard from others 14 days ago, usually 1.2 days"),
        ("days_since_received", 9.0, 10.0, "last heard from others 9 days ago, usually 10 days"),
        ("days_since_received", 0.0, NAN, "last heard from others today"),
        ("days_to_renewal", 5.0, NAN, "renewal of the subscription due in 5 days"),
        ("days_to_renewal", 0.0, NAN, "renewal of the subscription due today"),
        ("days_to_renewal", -1.0, NAN, "renewal of the subscription due 1 day ago"),
        ("days_since_contract_ends", -12.0, NAN, "contract ends in 12 days"),
        ("days_since_signup", 0.0, NAN, "signed up today"),
        ("weekday", 7.0, NAN, "the day is a Sunday"),
        ("score_group", -1.0, NAN, "did not recommend the product in the last survey"),
        ("course_is_piano", 1.0, NAN, "course: piano"),
        ("course_is_piano", 0.0, NAN, "course: not piano"),
        ("trial", 0.0, NAN, "trial: no"),
        ("onboarding_step", 2.0, NAN, "has reached step 2 of 4 in the onboarding"),
    ],
)  # fmt: skip
def test_a_value_is_told_as_a_person_tells_it(name: str, value: float, usual: float, says: str) -> None:
    assert sentence(EVERY[name], value, usual) == says


def test_a_value_in_words_has_no_mean_of_peers() -> None:
    assert sentence(EVERY["weekday"], 7.0, NAN, peers=3.9) == "the day is a Sunday"


@pytest.mark.parametrize(
    ("name", "value", "peers", "ending"),
    [
        ("days_since_signup", 0.0, 35.2, "signed up today"),
        ("minutes_30d", 0.0, 35.2, "less than a minute in the last 30 days; peers on average 35"),
        ("open_complaints", 1.0, 0.04, "1 request without an answer; peers hardly any"),
        ("days_complaint_waits", 17.0, 17.6, "has waited 17 days for an answer to the last request"),
        ("minutes_trend_7d", 0.5, 1.2, "than in the 7 days before; peers on average 20% more"),
        ("minutes_trend_7d", 0.5, 1.0, "than in the 7 days before; peers about as many"),
        ("currency_price_change_30d", 1.07, 1.0, "than 30 days before; for peers about as high as before"),
        ("currency_price_change_30d", 1.07, 0.99, "than 30 days before; for peers on average 1% lower"),
        ("days_since_contact", 4.0, 3.0, "last met others 4 days before the login; peers on average 3 days"),
        ("days_since_contact", 0.0, 3.0, "last met others on the day of the login"),
        ("days_since_contact", 4.0, 0.3, "last met others 4 days before the login; peers the same day"),
        ("orders_per_30d", 0.5, 1.0, "has paid every 60 days on average; peers every 30 days"),
        ("orders_per_30d", 0.02, 1.0, "has paid every 4.1 years on average; peers every 30 days"),
        ("gap_last_days", 9.0, 5.0, "came back after 9 days; peers on average 5 days"),
        ("gap_last_days", 9.0, 1967.0, "came back after 9 days; peers on average 5.4 years"),
        ("course_is_piano", 1.0, 0.13, "course: piano, as for 13% of peers"),
        ("received_to_made_30d", 0.0, 2.2, "reached out to others in the last 30 days, and heard from nobody"),
        ("received_to_made_30d", 0.4, 2.2,
         "heard from others 60% less often than reached out to them in the last 30 days; "
         "peers about 2.2 times as often"),
    ],
)  # fmt: skip
def test_the_value_of_peers_can_be_compared_with_the_user_s(
    name: str, value: float, peers: float, ending: str
) -> None:
    assert sentence(EVERY[name], value, NAN, peers).endswith(ending)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("minutes_today", 7.0, "7 minutes on 18 March, usually 30"),
        ("minutes_trend_7d", 0.5, "50% fewer minutes in the 7 days up to 18 March than in the 7 days before"),
        ("days_since_contact", 14.0, "last met others 14 days before 18 March, usually 30 days"),
        ("days_since_contact", 0.0, "last met others on 18 March, usually 30 days before"),
        (
            "login_share_30d",
            0.5,
            "came at a pace of 15 days a month in the 30 days up to 18 March, usually 900",
        ),
        ("gap_last_days", 9.0, "came back on 18 March after 9 days, usually after 30 days"),
        ("level", 2.0, "has reached level 2"),
        ("logins_life", 12.0, "came on 12 days up to 18 March"),
        ("gap_last_to_mean", 4.2, "the absence before 18 March was 4.2 times as long as usual"),
        ("gap_longest_days", 40.0, "the longest absence up to 18 March was 40 days"),
        ("gap_before_last_days", 40.0, "the absence before the last one lasted 40 days"),
        ("gap_mean_90d", 40.0, "came back in the 90 days up to 18 March, after 40 days away on average"),
        ("weekend_share", 0.4, "40% of the visits were on weekends"),
        ("days_with_kind_chat_share", 0.4, "chats on 40% of the visits"),
        (
            "ceased_counterparts_share",
            0.5,
            "50% of the regular contacts had gone silent by 18 March, usually 3000%",
        ),
        ("days_since_goal", NAN, "no goal reached by 18 March"),
    ],
)
def test_a_sentence_of_an_earlier_login_names_its_day_where_it_matters(
    name: str, value: float, says: str
) -> None:
    assert sentence(EVERY[name], value, 30.0, day=date(2024, 3, 18)) == says


def test_a_small_amount_below_zero_is_no_minus_zero() -> None:
    assert sentence(declared(says="balance: {value:.0f}"), -0.2, NAN) == "balance: 0"


def test_the_general_form_of_a_flag_names_both_sides() -> None:
    assert generic_sentence(EVERY["course_is_piano"]) == "course: piano / course: not piano"
    assert generic_sentence(EVERY["days_since_contact"]) == (
        "last met others … days before the login, usually … days before"
    )
