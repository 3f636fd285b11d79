"""One worked example of every feature: a short history, and the row of 8 March computed by hand.

Before that day: minutes 40 + 0, events 4 + 1 (+ 1 ticket on a day without login), gap 1. On it: minutes
10 + 15 | 10 + 5 + 5 in two sessions, gap 6. The pound costs 0.8, from the 8th 1.0: paid 10 and 30 EUR.
The purchase and the chat of the 9th come after the login day and must not show.

Bob answers on the 1st, 4th and 8th, cat once at the same instant as ann's chat, which is no answer, and
once later: received 1 on the 1st, 1 on the 4th, 3 on the 8th. Bob was met on three days.
"""

import math
from datetime import date

import polars as pl
import pytest

from features.catalogue.available import every_feature
from tests.support.tables import contract, drawn, rows_of

HISTORY = """
user date       time  kind     amount currency counterpart session level score country quantity_points quantity_energy
ann  2024-03-01 10:00 login    -      -        -           s1      -     -     DE      -               -
ann  2024-03-01 10:20 quest    -      -        -           s1      2     -     -       10              5
ann  2024-03-01 10:30 chat     -      -        bob         s1      -     -     -       4               -
ann  2024-03-01 10:40 purchase 8.00   GBP      -           s1      -     -     -       -               -
ann  2024-03-02 10:00 quest    -      -        -           s2      3     -     -       6               3
ann  2024-03-05 18:00 ticket   -      -        -           -       -     -     -       -               -
ann  2024-03-08 10:00 login    -      -        -           s3      -     -     -       20              -
ann  2024-03-08 10:10 chat     -      -        bob         s3      -     -     -       -               -
ann  2024-03-08 10:25 chat     -      -        cat         s3      -     -     -       -               -
ann  2024-03-08 11:30 purchase 30.00  GBP      -           s4      -     -     -       -               -
ann  2024-03-08 11:40 refund   -5.00  GBP      -           s4      -     -     -       -               -
ann  2024-03-08 11:45 nps      -      -        -           s4      -     9     -       -               -
ann  2024-03-08 11:50 level_up -      -        -           s4      5     -     -       5               7.5
ann  2024-03-09 09:00 purchase 99.00  EUR      -           s5      -     -     -       99              9
bob  2024-03-01 10:40 chat     -      -        ann         b1      -     -     -       -               -
bob  2024-03-04 09:00 chat     -      -        ann         b2      -     -     -       -               -
bob  2024-03-08 09:00 chat     -      -        ann         b3      -     -     -       -               -
bob  2024-03-09 09:00 chat     -      -        ann         b4      -     -     -       -               -
cat  2024-03-08 10:25 chat     -      -        ann         c1      -     -     -       -               -
cat  2024-03-08 20:00 chat     -      -        ann         c2      -     -     -       -               -
"""
NAN = math.nan


def level(*logins: tuple[int, float], half_life: int) -> float:
    """The level after `logins` (day, value): it moves half of the way to a new value in `half_life` days."""
    before, now = logins[0]
    for day, value in logins[1:]:
        now += (value - now) * (1 - 0.5 ** ((day - before) / half_life))
        before = day
    return now


EXPECTED: dict[str, float] = {
    **{f"events_decayed_{days}d": level((0, 4), (1, 1), (7, 7), half_life=days) for days in (14, 60)},
    **{f"minutes_decayed_{days}d": level((0, 40), (1, 0), (7, 45), half_life=days) for days in (14, 60)},
    **{f"revenue_decayed_{days}d": level((0, 10), (1, 0), (7, 30), half_life=days) for days in (14, 60)},
    **{f"gap_decayed_{days}d": level((1, 1), (7, 6), half_life=days) for days in (14, 60)},
    "gap_last_to_decayed_60d": 6 / level((1, 1), (7, 6), half_life=60),
    "gone_counterparts": 0,
    "gone_counterparts_share": 0,
    "quantity_points_today": 25,
    "quantity_points_7d": 31,
    "quantity_points_30d": 45,
    "quantity_points_90d": 45,
    "quantity_points_life": 45,
    "quantity_points_per_login_day_30d": 15,
    "quantity_points_each_30d": 9,
    "quantity_points_last": 5,
    "quantity_points_today_to_usual": 25 / 15,
    "quantity_points_trend_7d": 31 / 14,
    "quantity_points_trend_30d": NAN,
    "quantity_points_each_30d_to_usual": 1,
    "quantity_points_most": 20,
    "quantity_points_top_to_usual_top": 20 / 9.6,
    "days_since_quantity_points_record": 0,
    "quantity_energy_last": 7.5,
    "quantity_energy_gain_7d": 4.5,
    "quantity_energy_gain_30d": 4.5,
    "days_since_quantity_energy_gain": 0,
    "logins_life": 3,
    "tenure_days": 7,
    "login_days_3d": 1,
    "login_days_7d": 2,
    "login_days_14d": 3,
    "login_days_30d": 3,
    "login_days_60d": 3,
    "login_days_90d": 3,
    "login_days_120d": 3,
    "login_days_240d": 3,
    "login_days_365d": 3,
    "login_share_30d": 0.375,
    "login_days_7d_to_usual": 2 / (3 / 8 * 7),
    "login_trend_7d": 2,
    "gap_last_days": 6,
    "gap_before_last_days": 1,
    "gap_mean_days": 3.5,
    "gap_mean_90d": 3.5,
    "gap_spread_days": 2.5,
    "gap_longest_days": 6,
    "gap_last_to_mean": 12 / 7,
    "gap_last_to_own_p90": 6,
    "streak_days": 1,
    "weekend_share": 1 / 3,
    "weekday_regularity": 0.912576,
    "hour_regularity": 0.661419,
    "hour_today": 4640 / 7 / 60,
    "hour_life": 8810 / 13 / 60,
    "hour_today_sine": math.sin(4640 / 7 / 60 * math.pi / 12),
    "hour_today_cosine": math.cos(4640 / 7 / 60 * math.pi / 12),
    "night_share_today": 0,
    "night_share_30d": 0,
    "working_hours_share_30d": 11 / 13,
    "events_today": 7,
    "events_today_to_previous": 7,
    "events_today_to_usual": 21 / 13,
    "events_per_login_day_30d": 13 / 3,
    "events_per_login_day_30d_to_usual": 1,
    "events_7d": 9,
    "events_30d": 13,
    "events_90d": 13,
    "events_120d": 13,
    "events_240d": 13,
    "events_365d": 13,
    "events_life": 13,
    "events_trend_7d": 2.25,
    "minutes_today": 45,
    "minutes_today_to_previous": NAN,
    "minutes_today_to_usual": 27 / 17,
    "minutes_per_login_day_30d": 85 / 3,
    "minutes_7d": 45,
    "minutes_30d": 85,
    "minutes_90d": 85,
    "minutes_120d": 85,
    "minutes_240d": 85,
    "minutes_365d": 85,
    "minutes_life": 85,
    "minutes_trend_7d": 1.125,
    "sessions_today": 2,
    "sessions_today_to_previous": 2,
    "sessions_today_to_usual": 1.5,
    "sessions_per_login_day_30d": 4 / 3,
    "sessions_7d": 3,
    "sessions_30d": 4,
    "sessions_90d": 4,
    "sessions_120d": 4,
    "sessions_240d": 4,
    "sessions_365d": 4,
    "sessions_life": 4,
    "sessions_trend_7d": 3,
    "events_per_minute_30d": 13 / 86,
    "level": 5,
    "level_gain_7d": 3,
    "level_gain_30d": 3,
    "level_gain_per_hour_30d": 3 / (86 / 60),
    "days_since_level_gain": 0,
    "goals_30d": 1,
    "days_since_goal": 0,
    "logins_since_goal": 0,
    "failures_since_goal": 0,
    "progress_today": 1,
    "progress_share_30d": 3 / 13,
    "progress_trend_14d": NAN,
    "onboarding_step": 4,
    "days_on_onboarding_step": NAN,
    "contacts_today": 2,
    "contacts_7d": 2,
    "contacts_30d": 3,
    "contact_days_share_30d": 2 / 3,
    "counterparts_per_contact_day_30d": 1.5,
    "contacts_trend_14d": NAN,
    "days_since_contact": 0,
    "social_share_30d": 3 / 13,
    "social_share_to_usual": 1,
    "received_7d": 4,
    "received_30d": 5,
    "replies_since_login": 3,
    "received_to_made_30d": 5 / 3,
    "days_since_received": 0,
    "received_trend_14d": NAN,
    "new_counterparts_30d": 2,
    "ceased_counterparts_share": 0,
    "revenue_today": 30,
    "revenue_30d": 40,
    "revenue_90d": 40,
    "revenue_120d": 40,
    "revenue_240d": 40,
    "revenue_365d": 40,
    "revenue_life": 40,
    "revenue_trend_30d": NAN,
    "orders_30d": 2,
    "orders_90d": 2,
    "order_mean": 20,
    "order_today_to_mean": 1.5,
    "orders_per_30d": 2,
    "days_since_order": 0,
    "refunds_90d": 5,
    "minutes_per_money_90d": 2.125,
    "subscription_running": 0,
    "days_to_renewal": NAN,
    "days_since_subscription_end": 0,
    "kinds_used_7d": 8,
    "kinds_used_30d": 8,
    "kinds_new_today": 3,
    "concentration_30d": 25 / 169,
    "share_of_kind_login_30d": 2 / 13,
    "days_since_kind_login": 0,
    "days_with_kind_login_share": 2 / 3,
    "kind_login_per_login_14d_to_usual": 1,
    "share_of_kind_quest_30d": 2 / 13,
    "days_since_kind_quest": 6,
    "days_with_kind_quest_share": 2 / 3,
    "kind_quest_per_login_14d_to_usual": 1,
    "share_of_kind_level_up_30d": 1 / 13,
    "days_since_kind_level_up": 0,
    "days_with_kind_level_up_share": 1 / 3,
    "kind_level_up_per_login_14d_to_usual": 1,
    "share_of_kind_chat_30d": 3 / 13,
    "days_since_kind_chat": 0,
    "days_with_kind_chat_share": 2 / 3,
    "kind_chat_per_login_14d_to_usual": 1,
    "share_of_kind_purchase_30d": 2 / 13,
    "days_since_kind_purchase": 0,
    "days_with_kind_purchase_share": 2 / 3,
    "kind_purchase_per_login_14d_to_usual": 1,
    "share_of_kind_refund_30d": 1 / 13,
    "days_since_kind_refund": 0,
    "days_with_kind_refund_share": 1 / 3,
    "kind_refund_per_login_14d_to_usual": 1,
    "share_of_kind_ticket_30d": 1 / 13,
    "days_since_kind_ticket": 3,
    "days_with_kind_ticket_share": 1 / 3,
    "kind_ticket_per_login_14d_to_usual": 1,
    "share_of_kind_nps_30d": 1 / 13,
    "days_since_kind_nps": 0,
    "days_with_kind_nps_share": 1 / 3,
    "kind_nps_per_login_14d_to_usual": 1,
    "groups_used_7d": 6,
    "paid_for_share_30d": 1,
    "score_last": 9,
    "score_group": 1,
    "days_since_score": 0,
    "support_30d": 1,
    "days_since_support": 3,
    "praise_90d": 1,
    "open_complaints": 0,
    "days_complaint_waits": NAN,
    "answer_hours_last": 65 + 2 / 3,
    "weekday": 5,
    "holiday": 0,
    "days_to_holiday": 21,
    "days_since_holiday": 67,
    "currency_price_change_7d": 1.25,
    "currency_price_change_30d": NAN,
    "currency_price_change_90d": NAN,
    "service_active_to_weekday": NAN,
    "service_active_trend": NAN,
    "service_newcomer_share": 3 / 7,  # first logins: ann, bob (both on the 1st) and cat
    "service_return_rate_7d": 1,
    "service_return_rate_30d": NAN,
}


def test_every_feature_has_a_worked_example() -> None:
    assert set(EXPECTED) == {feature.name for feature in every_feature(contract().sources())}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_feature_has_the_value_worked_out_by_hand(name: str) -> None:
    rows = rows_of(drawn(HISTORY), date(2024, 3, 9))
    row = rows.filter(pl.col("user_id") == "ann", pl.col("login_day") == date(2024, 3, 8))
    assert row[name].item() == pytest.approx(EXPECTED[name], rel=1e-5, nan_ok=True)
