"""The outcome of a listed user is drawn from the days after the list, and from nothing beyond the log's end."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from models.artefacts import as_json
from models.labels.churn import Churn, Drop, Newcomers, Personal
from pipeline.errors import InputError
from pipeline.judging.outcomes import with_outcomes
from pipeline.storage.frames import write_buckets
from tests.support.ledger import SCHEMA

AS_OF = date(2024, 3, 1)
END = date(2024, 4, 30)
CHURN = Churn("inactivity", 10, 0, Newcomers(None, None, 10), Drop(0.5, 30), Personal(2.0, 0.9, 7, 60))


def day(after: int) -> date:
    return AS_OF + timedelta(days=after)


def activity(folder: Path, **came: list[int]) -> Path:
    """User-days of users who came on these days after `AS_OF`, each day with 5.00 paid and 1.50 paid back."""
    rows = [(user, day(after)) for user, days in sorted(came.items()) for after in sorted(days)]
    frame = pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date}, orient="row")
    amounts = {"logins": 1, "revenue": 500, "refunds": 150}
    write_buckets(
        [frame.with_columns(pl.lit(value, pl.Int64).alias(name) for name, value in amounts.items())], folder
    )
    return folder


def listed(*users: str, last: int = -2, window: int = 10, lead: int = 0) -> pl.DataFrame:
    rows = [
        {
            "user_id": user,
            "as_of": AS_OF,
            "last_login_day": day(last),
            "window_days": window,
            "lead_days": lead,
        }
        for user in users
    ]
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def test_who_comes_in_the_window_has_not_churned(tmp_path: Path) -> None:
    days = activity(tmp_path, early=[-2, 10], late=[-2, 11], never=[-2])
    found = with_outcomes(listed("early", "late", "never"), days, CHURN, END, 20)
    assert found["churned"].to_list() == [False, True, True]
    assert found["came_back"].to_list() == [False, True, False]
    assert found["login_days"].to_list() == [1, 1, 0]
    assert found["revenue"].to_list() == [3.5, 3.5, 0.0]


def test_a_login_within_the_lead_does_not_count(tmp_path: Path) -> None:
    days = activity(tmp_path, soon=[-2, 3], later=[-2, 4])
    found = with_outcomes(listed("soon", "later", window=13, lead=3), days, CHURN, END, 20)
    assert dict(found.select("user_id", "churned").rows()) == {"soon": True, "later": False}


@pytest.mark.parametrize(("lead", "window", "last"), [(0, 10, 20), (3, 13, 23)])
def test_the_second_window_is_as_long_as_the_horizon(
    tmp_path: Path, lead: int, window: int, last: int
) -> None:
    days = activity(tmp_path, back=[-2, last], later=[-2, last + 1])
    found = with_outcomes(listed("back", "later", window=window, lead=lead), days, CHURN, END, 20)
    assert dict(found.select("user_id", "came_back").rows()) == {"back": True, "later": False}


def test_whether_users_came_back_is_unknown_before_a_second_window_has_passed(tmp_path: Path) -> None:
    found = with_outcomes(listed("gone"), activity(tmp_path, gone=[-2]), CHURN, day(15), 10)
    assert found.select("churned", "came_back").row(0) == (True, None)


def test_a_row_that_is_not_ripe_has_no_outcome(tmp_path: Path) -> None:
    days = activity(tmp_path, one=[-2, 5])
    assert with_outcomes(listed("one"), days, CHURN, day(9), 5).is_empty()
    assert with_outcomes(listed("one"), days, CHURN, day(10), 5).height == 1


def test_days_after_the_end_are_not_looked_at(tmp_path: Path) -> None:
    days = activity(tmp_path / "whole", one=[-2, 15, 40])
    cut = activity(tmp_path / "cut", one=[-2, 15])
    rows = listed("one")
    assert with_outcomes(rows, days, CHURN, day(30), 30).equals(with_outcomes(rows, cut, CHURN, day(30), 30))


def test_a_user_whose_login_the_log_no_longer_has_is_left_out(tmp_path: Path) -> None:
    days = activity(tmp_path, here=[-2], moved=[-3])
    assert with_outcomes(listed("here", "moved", "unknown"), days, CHURN, END, 10)["user_id"].to_list() == [
        "here"
    ]


@pytest.mark.parametrize(("came", "lost"), [([2, 4, 6, 8], 0), ([2], 1)])
def test_for_the_kind_drop_the_usual_is_that_of_the_last_login(
    tmp_path: Path, came: list[int], lost: int
) -> None:
    days = activity(tmp_path, one=[*range(-30, -1, 2), *came])
    found = with_outcomes(listed("one"), days, replace(CHURN, kind="drop"), END, 10)
    assert (found["churned"].sum(), found["came_back"].null_count()) == (lost, 1)


def subscriptions(folder: Path) -> Path:
    """User-days of three users who log in on the list's day; the subscription of two ends, one day apart."""
    days = {"stays": [0, 5], "ends": [0, 10], "later": [0, 11]}
    rows = [(user, day(at), int(user != "stays" and at > 0)) for user, both in days.items() for at in both]
    schema = {"user_id": pl.String, "day": pl.Date, "subscription_end_marks": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("user_id", "day")
    write_buckets([frame.with_columns(logins=pl.lit(1, pl.Int64))], folder)
    return folder


def test_for_the_kind_cancel_the_end_of_the_subscription_within_the_window_counts(tmp_path: Path) -> None:
    days = subscriptions(tmp_path)
    found = with_outcomes(
        listed("stays", "ends", "later", last=0), days, replace(CHURN, kind="cancel"), END, 10
    )
    assert dict(found.select("user_id", "churned").rows()) == {"stays": False, "ends": True, "later": False}
    assert found["came_back"].null_count() == 3
    assert found["revenue"].null_count() == 3


def test_ends_of_subscriptions_that_the_log_does_not_tell_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"meaning\.subscription_end"):
        with_outcomes(listed("one"), activity(tmp_path, one=[-2]), replace(CHURN, kind="cancel"), END, 10)


def test_the_definition_is_that_of_the_model_of_each_list(tmp_path: Path) -> None:
    """A later params.yaml does not change what a past list has predicted."""
    days = activity(tmp_path, one=[*range(-30, -1, 2), 2])
    rows = pl.concat([listed("one"), listed("one").with_columns(as_of=pl.lit(day(1)))])
    drop = json.dumps(as_json(replace(CHURN, kind="drop")))
    mixed = rows.with_columns(churn=pl.Series([None, drop], dtype=pl.String))
    found = with_outcomes(mixed, days, CHURN, END, 10)
    assert dict(found.select("as_of", "churned").rows()) == {AS_OF: False, day(1): True}


def test_a_window_that_meets_an_outage_has_no_outcome(tmp_path: Path) -> None:
    days = activity(tmp_path, one=[-2], two=[-2, 8])
    rows = listed("one", "two")
    assert with_outcomes(rows, days, CHURN, END, 10, [(day(10), day(12))]).is_empty()
    assert with_outcomes(rows, days, CHURN, END, 10, [(day(11), day(12)), (day(-3), day(0))]).height == 2
    second = with_outcomes(rows, days, CHURN, END, 10, [(day(15), day(16))])
    assert (second["churned"].null_count(), second["came_back"].null_count()) == (0, 2)
