"""Checks of login rows: pass, warn or stop, with figures and advice."""

from datetime import timedelta

import polars as pl
import pytest

from models.checks.sufficiency import check_classes, check_history, check_one_visit
from models.labels.churn import Churn, Newcomers
from models.labels.label import with_label
from tests.support.rows import churn_of, day, drawn


@pytest.mark.parametrize(
    ("returned", "churned", "verdict"),
    [(50, 50, "pass"), (50, 49, "warn"), (10, 50, "warn"), (9, 50, "stop"), (50, 0, "stop")],
)
def test_ripe_rows_of_each_class_are_counted(returned: int, churned: int, verdict: str) -> None:
    rows = pl.DataFrame({"churned": [False] * returned + [True] * churned + [None] * 99})
    check = check_classes(rows, churn_of(14), 50, 10)
    assert (check.figures["returned"], check.figures["churned"], check.verdict) == (
        returned,
        churned,
        verdict,
    )
    assert bool(check.advice) == (verdict != "pass")


@pytest.mark.parametrize(
    ("returned", "churned", "cure"),
    [
        (2000, 0, "presence.kinds"),
        (0, 2000, "columns.user_id"),
        (200, 0, "longer log"),
        (2000, 8, "longer log"),
    ],
)
def test_a_class_that_hardly_occurs_has_a_cause_of_its_own(returned: int, churned: int, cure: str) -> None:
    rows = pl.DataFrame({"churned": [False] * returned + [True] * churned})
    assert cure in check_classes(rows, churn_of(14), 500, 100).advice


@pytest.mark.parametrize(("days", "verdict"), [(104, "pass"), (103, "warn")])
def test_history_is_the_longest_look_back_and_one_label_window(days: int, verdict: str) -> None:
    check = check_history(day(0), day(0) + timedelta(days=days - 1), churn_of(14), 90, None)
    assert (check.verdict, check.figures["log_days"], check.figures["warn_below"]) == (verdict, days, 104)


def test_a_log_that_cannot_be_split_stops_and_says_why() -> None:
    check = check_history(day(0), day(20), churn_of(14), 90, "split: the training period has 0 rows.")
    assert check.verdict == "stop"
    assert "21 days" in check.sentence
    assert "the training period has 0 rows" in check.sentence


def test_one_visit_users_are_those_with_a_single_login_day_and_a_known_outcome() -> None:
    rows = with_label(drawn(once=[0], often=[0, 3, 9], gone=[5], new=[95]), day(99), churn_of(14))
    check = check_one_visit(rows, churn_of(14), 0.5)
    assert (check.figures["users"], check.figures["one_visit"], check.verdict) == (3, 2, "warn")
    assert (
        "2 of 3 users whose first login has a known outcome (66.7%) have no later login in" in check.sentence
    )
    assert check_one_visit(rows, churn_of(14), 0.7).verdict == "pass"


@pytest.mark.parametrize(
    ("churn", "says"),
    [
        (
            churn_of(14),
            "2 logins with a known outcome were followed by another within 14 days, and 1 were not",
        ),
        (
            churn_of(14, 3, newcomers=Newcomers(2, None, 7)),
            "followed by another within 14 days (7 for newcomers), counted from 3 days after a login, and 1 were not",
        ),
        (
            churn_of(30, kind="drop"),
            "followed by at least 50% of the user's usual login days within 30 days, and 1 were not",
        ),
        (
            churn_of(30, kind="cancel"),
            "were not followed by the end of the subscription within 30 days, and 1 were",
        ),
        (
            churn_of(30, kind="personal"),
            "were followed by another within the user's own time (7 to 90 days), and 1 were not",
        ),
    ],
)
def test_the_classes_are_named_by_the_definition_and_never_as_last_logins(churn: Churn, says: str) -> None:
    rows = pl.DataFrame({"churned": [False, False, True]})
    for least in (0, 500):  # pass and warn
        sentence = check_classes(rows, churn, least, 0).sentence
        assert says in sentence
        assert "last" not in sentence


def test_the_advice_names_the_parameter_that_makes_more_rows_of_the_rarer_class() -> None:
    few_ends = pl.DataFrame({"churned": [False, False, True]})
    few_stays = pl.DataFrame({"churned": [False, True, True]})
    cancel, personal = churn_of(30, kind="cancel"), churn_of(30, kind="personal")
    assert "a longer label.horizon_days" in check_classes(few_ends, cancel, 500, 0).advice
    assert "a shorter label.horizon_days" in check_classes(few_stays, cancel, 500, 0).advice
    assert "a shorter label.personal.most_days" in check_classes(few_ends, personal, 500, 0).advice
    assert "label.personal.most_days" in check_history(day(0), day(20), personal, 90, None).advice


def test_where_windows_differ_the_history_names_the_longest() -> None:
    newcomers = churn_of(14, newcomers=Newcomers(2, None, 7))
    assert (
        "the 14 days of the longest label window"
        in check_history(day(0), day(400), newcomers, 90, None).sentence
    )
    assert (
        "the 14 days of the label window" in check_history(day(0), day(400), churn_of(14), 90, None).sentence
    )


def test_for_subscriptions_only_logins_under_one_are_counted_and_named() -> None:
    rows = with_label(drawn(once=[0], often=[0, 3, 9]), day(99), churn_of(14))
    assert (
        "no later login with a running subscription"
        in check_one_visit(rows, churn_of(14, kind="cancel"), 0.6).sentence
    )
