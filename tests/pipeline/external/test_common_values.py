"""The most common values of a text are those known by a day, and the future does not choose them."""

from datetime import date

import polars as pl
import pytest

from features.contract.external_data import attribute_of
from pipeline.errors import InputError
from pipeline.external.common_values import MOST_VALUES, common_values


def held(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Rows of user, value and the day of January 2024 from which it holds."""
    return pl.DataFrame(
        [(user, value, date(2024, 1, day)) for user, value, day in rows],
        schema={"user_id": pl.String, "value": pl.String, "day": pl.Date},
        orient="row",
    )


def chosen(table: pl.DataFrame, day: int) -> tuple[str, ...]:
    choices = common_values(table, "plan", "users.csv")
    return attribute_of("plan", "text", choices).chosen_by(date(2024, 1, day)).values


def test_a_value_that_becomes_common_later_is_not_chosen_and_one_that_was_common_is() -> None:
    letters = "abcdefghijkl"
    assert len(letters) == MOST_VALUES
    early = [(f"{letter}{user}", letter, 2) for letter in letters for user in range(3)]
    late = [(f"z{user}", "z", 20) for user in range(9)]
    table = held(*early, *late)
    assert chosen(table, 1) == ()
    assert chosen(table, 19) == tuple(letters)
    assert chosen(table, 20) == (*letters[:-1], "z")  # "l" is the last of equally common ones
    later_gone = table.filter(pl.col("day") < date(2024, 1, 20))
    assert chosen(table, 19) == chosen(later_gone, 19)


def test_a_user_counts_once_for_a_value_and_from_its_first_day_on() -> None:
    table = held(("ann", "x", 1), ("ann", "x", 5), ("ann", "y", 6), ("bob", "y", 9))
    assert (chosen(table, 5), chosen(table, 6)) == ((), ("x", "y"))


def test_missing_values_and_a_single_value_are_no_choice() -> None:
    empty = held().with_columns(value=pl.lit(None, pl.String))
    assert common_values(empty, "plan", "users.csv") == ()
    assert chosen(held(("ann", "x", 1), ("bob", "x", 2)), 31) == ()


def test_two_values_of_one_name_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"users\.csv: plan has the values 'pro' and 'pro\+', which would both be"
    ):
        common_values(held(("ann", "pro", 1), ("bob", "pro+", 2)), "plan", "users.csv")
