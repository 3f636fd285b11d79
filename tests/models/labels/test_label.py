"""The label looks ahead exactly as far as its window, from a login or from the day of a list."""

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from models.labels.churn import Churn, Drop, Newcomers, Personal
from models.labels.label import days_here, return_days, revenue_ahead, with_label, with_list_label
from tests.support.rows import churn_of, day, drawn

DAYS = st.sets(st.integers(0, 60), min_size=1).map(sorted)
HISTORIES = st.dictionaries(st.sampled_from("abcd"), DAYS, min_size=1)
ENDS = st.dictionaries(st.sampled_from("abcd"), DAYS)
LEAD = 2
DEFINITIONS = {
    "inactivity": churn_of(7),
    "lead": churn_of(5, LEAD),
    "first logins": churn_of(9, newcomers=Newcomers(2, None, 4)),
    "first days": churn_of(9, LEAD, newcomers=Newcomers(None, 6, 4)),
    "personal": churn_of(7, LEAD, "personal", personal=Personal(2.0, 0.9, 3, 20)),
    "drop": churn_of(6, LEAD, "drop", drop=Drop(0.5, 10)),
    "drop of a third": churn_of(4, kind="drop", drop=Drop(1 / 3, 20)),
    "cancel": churn_of(7, LEAD, "cancel"),
}
EVERY_KIND = pytest.mark.parametrize("churn", DEFINITIONS.values(), ids=DEFINITIONS)


def test_a_login_is_the_last_when_no_other_follows_in_the_horizon() -> None:
    rows = with_label(drawn(ann=[0, 5, 20], bob=[3]), day(25), churn_of(7))
    assert rows["churned"].to_list() == [False, True, None, True]
    assert rows["ripe"].to_list() == [True, True, False, True]


def test_a_login_within_the_lead_does_not_count() -> None:
    rows = with_label(drawn(ann=[0, 2], bob=[0, 2, 4]), day(30), churn_of(5, 3))
    assert rows["churned"].to_list() == [True, True, False, True, True]


def test_the_last_day_of_the_horizon_counts_and_the_next_does_not() -> None:
    rows = with_label(drawn(ann=[0, 7], bob=[0, 8]), day(30), churn_of(7))
    assert rows.filter(pl.col("login_number") == 1)["churned"].to_list() == [False, True]


def test_return_days_are_null_when_the_log_has_no_later_login() -> None:
    assert return_days(drawn(ann=[0, 5, 20], bob=[3]), day(19)).to_list() == [5, None, None, None]


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 70), st.integers(1, 30), st.integers(0, 10))
def test_labels_agree_with_looking_at_every_later_login(
    history: dict[str, list[int]], end: int, horizon: int, lead: int
) -> None:
    rows = with_label(drawn(**history), day(end), churn_of(horizon, lead))
    expected = [
        (
            None
            if d + lead + horizon > end
            else not any(d + lead < later <= d + lead + horizon for later in days if later <= end),
            d + lead + horizon <= end,
        )
        for days in history.values()
        for d in days
    ]
    assert list(zip(rows["churned"], rows["ripe"], strict=True)) == expected


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 70))
def test_return_days_agree_with_looking_at_every_later_login(history: dict[str, list[int]], end: int) -> None:
    expected = [
        min((later - d for later in days if d < later <= end), default=None)
        for days in history.values()
        for d in days
    ]
    assert return_days(drawn(**history), day(end)).to_list() == expected


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 60), st.integers(1, 20))
def test_a_ripe_label_does_not_change_when_the_log_grows(
    history: dict[str, list[int]], end: int, horizon: int
) -> None:
    early = with_label(drawn(**history), day(end), churn_of(horizon))
    late = with_label(drawn(**history), day(70), churn_of(horizon))
    ripe = early["ripe"]
    assert early.filter(ripe)["churned"].equals(late.filter(ripe)["churned"])


def test_rows_out_of_order_are_refused() -> None:
    rows = drawn(ann=[5, 0])
    with pytest.raises(DataError, match=r"user 'ann' has 2024-01-01 twice or after a later day"):
        with_label(rows, day(9), churn_of(1))
    with pytest.raises(DataError, match="a user's rows do not follow one another"):
        with_label(pl.concat([drawn(ann=[0], bob=[0]), drawn(ann=[1])]), day(9), churn_of(1))


def test_no_rows_have_no_labels() -> None:
    rows = with_label(drawn(), date(2024, 1, 1), churn_of(3))
    assert rows.schema["churned"] == pl.Boolean
    assert rows.height == 0


def ends_of(ends: dict[str, list[int]]) -> pl.DataFrame:
    rows = [(user, day(number)) for user, numbers in ends.items() for number in numbers]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date}, orient="row")


def landmarks_of(rows: pl.DataFrame, until: int) -> pl.DataFrame:
    """Every day up to `until` of every user, with the last login and its window."""
    logins = rows.select("user_id", "login_day", "window_days")
    days = pl.DataFrame({"as_of": [day(number) for number in range(until + 1)]})
    pairs = rows.select("user_id").unique(maintain_order=True).join(days, how="cross", maintain_order="left")
    return pairs.sort("as_of", "user_id").join_asof(
        logins.sort("login_day"), left_on="as_of", right_on="login_day", by="user_id", check_sortedness=False
    ).drop_nulls("login_day")  # fmt: skip


def labelled(
    history: dict[str, list[int]], ends: dict[str, list[int]], end: int, churn: Churn
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The login rows and the landmark rows of `history`, both labelled as of `end`."""
    rows = with_label(drawn(**history), day(end), churn, ends_of(ends))
    return rows, with_list_label(landmarks_of(rows, end), rows, day(end), churn, ends_of(ends))


def lost(came: list[int], ends: list[int], login: int, as_of: int, window: int, churn: Churn) -> bool:
    """Whether the user churned, from the raw days."""
    first, last = as_of + churn.lead_days, as_of + window
    visits = sum(first < one <= last for one in came)
    if churn.kind == "cancel":
        return any(first < one <= last for one in ends)
    if churn.kind == "drop":
        horizon, usual_days = window - churn.lead_days, churn.drop.usual_days
        usual = sum(login - usual_days < one <= login for one in came)
        exposure = min(max(login - came[0] + 1, horizon), usual_days)
        share = Fraction(churn.drop.share).limit_denominator(10_000)
        return visits < share * Fraction(usual * horizon, exposure)
    return not visits


def number_of(value: date) -> int:
    return (value - day(0)).days


@EVERY_KIND
@settings(deadline=None)
@given(HISTORIES, ENDS, st.integers(0, 60))
def test_list_labels_agree_with_looking_at_the_days_after_the_list(
    churn: Churn, history: dict[str, list[int]], ends: dict[str, list[int]], end: int
) -> None:
    _, landmarks = labelled(history, ends, end, churn)
    for user, as_of, login_day, window, churned, ripe in landmarks.iter_rows():
        login, today = number_of(login_day), number_of(as_of)
        assert ripe == (today + window <= end)
        truth = lost(history[user], ends.get(user, []), login, today, window, churn)
        assert churned == (truth if ripe else None)


@EVERY_KIND
@settings(deadline=None)
@given(HISTORIES, ENDS, st.integers(0, 60))
def test_on_the_day_of_a_login_it_is_the_login_s_own_label(
    churn: Churn, history: dict[str, list[int]], ends: dict[str, list[int]], end: int
) -> None:
    rows, landmarks = labelled(history, ends, end, churn)
    today = landmarks.filter(pl.col("as_of") == pl.col("login_day")).sort("user_id", "login_day")
    logins = rows.filter(pl.col("login_day") <= day(end)).sort("user_id", "login_day")
    columns = ["user_id", "login_day", "window_days", "churned", "ripe"]
    assert today.select(columns).equals(logins.select(columns))


@EVERY_KIND
@settings(deadline=None, max_examples=50)
@given(HISTORIES, ENDS, st.integers(0, 50))
def test_a_ripe_label_of_a_list_does_not_change_when_the_log_grows(
    churn: Churn, history: dict[str, list[int]], ends: dict[str, list[int]], end: int
) -> None:
    def until(days_of: dict[str, list[int]]) -> dict[str, list[int]]:
        cut = {user: [one for one in days if one <= end] for user, days in days_of.items()}
        return {user: days for user, days in cut.items() if days}

    _, early = labelled(until(history), until(ends), end, churn)
    _, late = labelled(history, ends, 70, churn)
    keys = ["user_id", "as_of", "login_day", "window_days", "churned"]
    both = early.filter("ripe").select(keys).join(late.select(keys), on=keys, how="semi", nulls_equal=True)
    assert both.height == early["ripe"].sum()


def test_the_silence_so_far_does_not_count_as_churn() -> None:
    """Ann came on day 0 and again on day 9: on day 5 the 7 days after the list hold a login, on day 9 none."""
    _, landmarks = labelled({"ann": [0, 9]}, {}, 20, churn_of(7))
    churned = {number_of(as_of): value for as_of, value in landmarks.select("as_of", "churned").iter_rows()}
    assert [churned[number] for number in (0, 1, 2, 5, 8, 9, 13, 14)] == [
        True, True, False, False, False, True, True, None
    ]  # fmt: skip


def test_rows_come_back_in_their_order_whatever_it_is() -> None:
    rows = with_label(drawn(ann=[0, 9], bob=[3]), day(20), churn_of(7))
    landmarks = landmarks_of(rows, 20)
    shuffled = landmarks.sample(fraction=1, shuffle=True, seed=1)
    one, other = (with_list_label(each, rows, day(20), churn_of(7)) for each in (landmarks, shuffled))
    assert other.drop("churned", "ripe").equals(shuffled)
    assert other.sort("user_id", "as_of").equals(one.sort("user_id", "as_of"))


def test_a_cancelled_subscription_needs_its_ends() -> None:
    rows = with_label(drawn(ann=[0]), day(20), churn_of(7))
    with pytest.raises(ValueError, match="made from the ends of subscriptions"):
        with_list_label(landmarks_of(rows, 5), rows, day(20), DEFINITIONS["cancel"])


PAID = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(0, 40)), st.tuples(st.integers(0, 900), st.integers(0, 300))
)


def user_days(paid: dict[tuple[str, int], tuple[int, int]]) -> pl.DataFrame:
    rows = [(user, day(number), *amounts) for (user, number), amounts in sorted(paid.items())]
    schema = {"user_id": pl.String, "day": pl.Date, "revenue": pl.Int64, "refunds": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@settings(deadline=None)
@given(PAID, st.integers(0, 40), st.integers(1, 20), st.integers(0, 45))
def test_the_revenue_ahead_is_that_of_the_window_and_of_no_other_day(
    paid: dict[tuple[str, int], tuple[int, int]], as_of: int, ahead: int, end: int
) -> None:
    paid = paid | {("a", 0): (5, 0), ("b", 0): (0, 0)}
    landmarks = pl.DataFrame({"user_id": ["b", "a"], "as_of": [day(as_of)] * 2})
    found = revenue_ahead(landmarks, user_days(paid), day(end), ahead)
    for user, revenue in zip("ba", found, strict=True):
        inside = [
            one - back
            for (who, number), (one, back) in paid.items()
            if who == user and as_of < number <= as_of + ahead
        ]
        assert revenue == (max(0, sum(inside)) if as_of + ahead <= end else None)
    only = {key: value for key, value in paid.items() if as_of < key[1] <= as_of + ahead or key[1] == 0}
    assert revenue_ahead(landmarks, user_days(only), day(end), ahead).equals(found)


def test_days_here_end_with_the_last_login_that_is_known() -> None:
    rows = drawn(ann=[0, 4, 9], bob=[2], cas=[1, 30])
    landmarks = pl.DataFrame(
        {"user_id": ["ann", "bob", "cas"], "as_of": [day(3), day(2), day(1)], "window_days": [7, 7, 7]}
    )
    here = days_here(landmarks, rows, day(14))
    assert here.rows() == [(6, False), (0, True), (0, True)]
    assert days_here(landmarks, rows, day(30)).rows() == [(6, True), (0, True), (29, False)]


@pytest.mark.parametrize("kind", ["inactivity", "drop"])
def test_who_came_is_told_by_the_visits_where_lines_arrive_late(kind: str) -> None:
    churn = churn_of(5) if kind == "inactivity" else DEFINITIONS["drop"]
    rows = drawn(ann=[0, 1, 2, 3, 9], bob=[0, 1, 2, 3])
    visits = ends_of({"ann": [0, 1, 2, 3], "bob": [0, 1, 2, 3, 5, 6, 7, 8]})
    login = pl.col("login_day") == day(3)
    told = with_label(rows, day(40), churn, visits=visits).filter(login)
    assert dict(told.select("user_id", "churned").iter_rows()) == {"ann": True, "bob": False}
    landmarks = landmarks_of(with_label(rows, day(40), churn), 3).filter(pl.col("as_of") == day(3))
    listed = with_list_label(landmarks, rows, day(40), churn, visits=visits)
    assert dict(listed.select("user_id", "churned").iter_rows()) == {"ann": True, "bob": False}
