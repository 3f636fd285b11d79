"""Checks of login rows: pass, warn or stop, with figures and advice."""

from datetime import timedelta

import polars as pl
import pytest

from models.checks.sufficiency import check_classes, check_history, check_one_visit
from models.labels.label import with_label
from tests.support.rows import churn_of, day, drawn


@pytest.mark.parametrize(
    ("returned", "churned", "verdict"),
    [(50, 50, "pass"), (50, 49, "warn"), (10, 50, "warn"), (9, 50, "stop"), (50, 0, "stop")],
)
def test_ripe_rows_of_each_class_are_counted(returned: int, churned: int, verdict: str) -> None:
    rows = pl.DataFrame({"churned": [False] * returned + [True] * churned + [None] * 99})
    check = check_classes(rows, 50, 10)
    assert (check.figures["returned"], check.figures["churned"], check.verdict) == (
        returned,
        churned,
        verdict,
    )
    assert bool(check.advice) == (verdict != "pass")


@pytest.mark.parametrize(("days", "verdict"), [(104, "pass"), (103, "warn")])
def test_history_is_the_longest_look_back_and_one_label_window(days: int, verdict: str) -> None:
    check = check_history(day(0), day(0) + timedelta(days=days - 1), 14, 90, None)
    assert (check.verdict, check.figures["log_days"], check.figures["warn_below"]) == (verdict, days, 104)


def test_a_log_that_cannot_be_split_stops_and_says_why() -> None:
    check = check_history(day(0), day(20), 14, 90, "split: the training period has 0 rows.")
    assert check.verdict == "stop"
    assert "21 days" in check.sentence
    assert "the training period has 0 rows" in check.sentence


def test_one_visit_users_are_those_with_a_single_login_day_and_a_known_outcome() -> None:
    rows = with_label(drawn(once=[0], often=[0, 3, 9], gone=[5], new=[95]), day(99), churn_of(14))
    check = check_one_visit(rows, 0.5)
    assert (check.figures["users"], check.figures["one_visit"], check.verdict) == (3, 2, "warn")
    assert check_one_visit(rows, 0.7).verdict == "pass"
