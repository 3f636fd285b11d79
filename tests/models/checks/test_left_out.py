"""A share is warned of; a reason that begins one day and stays stops the run."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks.left_out import LeftOut, check_left_out, lasting_change

START = date(2024, 1, 1)


def by_day(*lost: int, of: int = 100) -> dict[date, tuple[int, int]]:
    return {START + timedelta(days=day): (count, of) for day, count in enumerate(lost)}


def test_nothing_left_out_passes() -> None:
    assert check_left_out([LeftOut("missing_user", 0, 100)], {}, 0.01).verdict == "pass"
    assert check_left_out([LeftOut("missing_user", 1, 100)], {}, 0.01).verdict == "pass"


def test_more_than_the_share_is_a_warning_that_says_how_many_and_what_to_do() -> None:
    check = check_left_out([LeftOut("unknown_country", 3, 100, {"Narnia": 3})], {}, 0.01)
    assert check.verdict == "warn"
    assert check.sentence == "Events of an unknown country: 3 of 100 (3.0%), such as 'Narnia'."
    assert check.advice == "In the contract: say what they mean in country.names."
    assert check.figures["reasons"] == [
        {
            "reason": "unknown_country",
            "what": "events of an unknown country",
            "lost": 3,
            "of": 100,
            "share": 0.03,
            "names": {"Narnia": 3},
        }
    ]  # fmt: skip


def test_a_lasting_change_stops_and_names_day_reason_and_share() -> None:
    days = by_day(*[0] * 10, *[40] * 10)
    check = check_left_out([LeftOut("unreadable_time", 400, 2000, by_day=days)], {}, 0.5)
    assert check.verdict == "stop"
    assert "40% since 2024-01-11 and 0% before" in check.sentence


@pytest.mark.parametrize("lost", [[25] * 20, [0] * 18 + [90] * 2, [0, 60] * 10, [1] * 10 + [4] * 10])
def test_an_even_share_a_short_burst_and_a_small_rise_are_no_lasting_change(lost: list[int]) -> None:
    assert lasting_change(by_day(*lost)) is None


@given(st.lists(st.integers(0, 20), min_size=10, max_size=60))
def test_a_lasting_change_has_most_days_after_it_above_most_days_before(lost: list[int]) -> None:
    change = lasting_change(by_day(*lost))
    if change is not None:
        day, before, since = change
        cut = (day - START).days
        assert 5 <= cut <= len(lost) - 5
        assert since - before >= 0.05
        assert sorted(lost[cut:])[len(lost[cut:]) // 2] > sorted(lost[:cut])[len(lost[:cut]) // 2]


@pytest.mark.parametrize(
    "reason", ["unreadable_amount", "unknown_country", "not_converted", "not_in_users_table"]
)
def test_all_of_a_kind_gone_is_a_stop(reason: str) -> None:
    assert check_left_out([LeftOut(reason, 50, 50)], {}, 1.0).verdict == "stop"
    assert check_left_out([LeftOut(reason, 49, 50)], {}, 1.0).verdict == "pass"


def test_thousands_are_warned_of_even_if_all_amounts_look_like_them() -> None:
    assert check_left_out([LeftOut("thousands_mark", 50, 50)], {}, 0.01).verdict == "warn"


def test_kinds_that_never_occur_are_named_with_similar_ones() -> None:
    check = check_left_out([], {"purchases": ["purchase"], "fly": []}, 0.01)
    assert (check.verdict, check.sentence) == (
        "warn", "Kinds that never occur: 'purchases' (similar: 'purchase'), 'fly'.",
    )  # fmt: skip
