"""Whether regular counterparts still come: absences of all users, handed to those who were in touch with them."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.aggregation.gone import GONE, GONE_DAYS, absences_of, all_absences, with_gone

START = date(2024, 3, 1)
DAYS = st.lists(st.integers(0, 90), min_size=1, max_size=12, unique=True).map(sorted)


def day(number: int) -> date:
    return START + timedelta(days=number)


def days_of(**came: list[int]) -> pl.DataFrame:
    rows = [(user, day(number), 1) for user, numbers in sorted(came.items()) for number in numbers]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Date, "logins": pl.Int64}, orient="row")


def met(user: str, other: str, *numbers: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"user_id": user, "counterpart": other, "day": [day(number) for number in numbers]},
        schema_overrides={"day": pl.Date},
    )


def test_an_absence_lasts_from_the_fifteenth_day_until_the_next_login() -> None:
    absences = absences_of(days_of(ann=[0, 14, 30], bob=[0]))
    assert absences.rows() == [
        ("ann", day(29), day(30)), ("ann", day(45), None), ("bob", day(15), None)
    ]  # fmt: skip


def test_a_regular_counterpart_who_left_counts_until_coming_back() -> None:
    """Bob is regular from the third day of contact, gone from the 17th, and back on the 40th."""
    days = days_of(ann=[0, 1, 2, 16, 17, 39, 40], bob=[0, 1, 2, 40])
    known = with_gone(days.filter(user_id="ann"), met("ann", "bob", 0, 1, 2), absences_of(days))
    assert known[GONE].to_list() == [0, 0, 0, 0, 1, 1, 0]


def test_who_was_gone_before_the_pair_was_regular_counts_from_then_on() -> None:
    """Contacts that were only received from somebody's account make a pair, too."""
    days = days_of(ann=[20, 21, 22, 23], bob=[0])
    known = with_gone(days.filter(user_id="ann"), met("ann", "bob", 20, 21, 22), absences_of(days))
    assert known[GONE].to_list() == [0, 0, 1, 1]


def test_others_and_oneself_do_not_count() -> None:
    days = days_of(ann=[0, 1, 2, 30], bob=[0])
    events = pl.concat([met("ann", "ann", 0, 1, 2), met("ann", "bob", 0, 1), met("ann", "eve", 0, 1, 2)])
    assert with_gone(days.filter(user_id="ann"), events, absences_of(days))[GONE].to_list() == [0, 0, 0, 0]
    assert with_gone(days, events.clear(), all_absences(()))[GONE].sum() == 0


@given(DAYS, DAYS, DAYS, st.integers(0, 90))
@settings(max_examples=100, deadline=None)
def test_the_number_is_that_of_a_plain_count_and_the_future_is_invisible(
    ann: list[int], bob: list[int], eve: list[int], cut: int
) -> None:
    days = days_of(ann=ann, bob=bob, eve=eve)
    events = pl.concat([met("ann", "bob", *ann), met("ann", "eve", *ann[::2])])
    whole = with_gone(days.filter(user_id="ann"), events, absences_of(days))
    for when, gone in whole.select("day", GONE).iter_rows():
        number = (when - START).days
        expected = 0
        for came, contacts in ((bob, ann), (eve, ann[::2])):
            last = max((one for one in came if one <= number), default=None)
            regular = len([one for one in contacts if one <= number]) >= 3
            expected += int(regular and last is not None and number - last > GONE_DAYS)
        assert gone == expected
    earlier = days.filter(pl.col("day") <= day(cut))
    known = with_gone(
        earlier.filter(user_id="ann"), events.filter(pl.col("day") <= day(cut)), absences_of(earlier)
    )
    assert known.equals(whole.filter(pl.col("day") <= day(cut)))
