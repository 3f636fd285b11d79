"""Each user has a segment, also where the tree asks of nothing or a batch holds nobody."""

import numpy as np
import polars as pl
import pytest

from features.catalogue.context import CONTEXT, SERVICE
from features.catalogue.rhythm import RHYTHM
from pipeline.explanation.segments import fit_segment_tree, segments_report

ASKED = {"depth": 2, "least_share": 0.1, "seed": 1}
FEATURES = [feature for feature in RHYTHM if feature.name == "login_days_7d"]
USERS = pl.DataFrame({"login_number": range(1, 41), "login_days_7d": [1.0, 5.0] * 20})


def test_where_all_have_one_risk_all_are_in_one_segment() -> None:
    risk = np.full(40, 0.3)
    tree = fit_segment_tree(USERS, risk, FEATURES, **ASKED)
    report, index = segments_report(tree, tree.of(USERS), risk)
    assert [one["text"] for one in report["segments"]] == [
        "everybody: 40 users, 40 on the list, mean risk 30%"
    ]
    assert index.tolist() == [0] * 40


def test_users_who_are_not_on_the_list_count_but_have_no_part_in_the_risk() -> None:
    """Those with few login days are a segment of their own, and nobody of them is on the list."""
    low = USERS["login_days_7d"].to_numpy() == 1
    tree = fit_segment_tree(USERS, np.where(low, 0.9, 0.2), FEATURES, **ASKED)
    report, index = segments_report(tree, tree.of(USERS), np.where(low, np.nan, 0.2))
    assert (report["users"], report["listed"]) == (40, 20)
    assert report["mean_risk"] == pytest.approx(0.2)
    first, last = report["segments"]
    assert first["says"] == "came on 2 or more days in the 7 days up to their last visit"
    assert (first["users"], first["listed"], first["mean_risk"]) == (20, 20, pytest.approx(0.2))
    assert (last["users"], last["listed"], last["mean_risk"]) == (20, 0, None)
    assert last["text"].endswith("20 users, 0 on the list")
    assert index.tolist() == low.astype(int).tolist()


def test_nobody_is_in_no_segment() -> None:
    tree = fit_segment_tree(USERS, USERS["login_days_7d"].to_numpy() / 10, FEATURES, **ASKED)
    assert tree.columns == ["login_days_7d"]
    assert tree.of(USERS.head(0)).tolist() == []


def test_the_state_of_the_service_and_the_weekday_make_no_segments() -> None:
    """They are the same for all users of a day, and would only tell the day of the last login."""
    of_day = [one for one in (*SERVICE, *CONTEXT) if one.name in ("service_newcomer_share", "weekday")]
    users = USERS.with_columns(service_newcomer_share=USERS["login_days_7d"], weekday=USERS["login_days_7d"])
    tree = fit_segment_tree(users, USERS["login_days_7d"].to_numpy() / 10, [*of_day, *FEATURES], **ASKED)
    assert tree.columns == ["login_days_7d"]
