"""An entry stays as it was written, and lists are delivered in the order of their days."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.crm.ledger.files import (
    changed_rows,
    days_of,
    entry_of,
    read_ledger,
    refuse_earlier_day,
    refuse_replacement,
    write_entry,
)
from pipeline.errors import InputError

MONDAY, TUESDAY = date(2024, 3, 4), date(2024, 3, 5)


def rows(*arms: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"user_id": [f"u{number}" for number in range(len(arms))], "arm": arms},
        schema_overrides={"arm": pl.String},
    )


def write(entry: pl.DataFrame, lists: Path, as_of: date) -> None:
    write_entry(entry, entry_of(lists, as_of).parent)


def test_the_ledger_is_all_entries_or_those_before_a_day(tmp_path: Path) -> None:
    assert read_ledger(tmp_path) is None
    write(rows("contact", None), tmp_path, MONDAY)
    write(rows("holdout"), tmp_path, TUESDAY)
    assert days_of(tmp_path) == [MONDAY, TUESDAY]
    both, before = read_ledger(tmp_path), read_ledger(tmp_path, before=TUESDAY)
    assert both is not None
    assert before is not None
    assert (both.height, before.height) == (3, 2)
    assert read_ledger(tmp_path, before=MONDAY) is None
    assert both["churn"].null_count() == 3  # entries of older versions


def test_an_equal_entry_has_no_changed_rows_and_each_other_user_counts(tmp_path: Path) -> None:
    write(rows("contact", None, "holdout"), tmp_path, MONDAY)
    assert changed_rows(rows("contact", None, "holdout"), tmp_path, MONDAY) == 0
    assert changed_rows(rows("contact", "contact", "holdout"), tmp_path, MONDAY) == 1
    assert changed_rows(rows("contact", None), tmp_path, MONDAY) == 1
    assert changed_rows(rows("contact", None, "holdout", None), tmp_path, MONDAY) == 1


def test_a_day_before_the_last_entry_is_refused_unless_it_has_an_entry(tmp_path: Path) -> None:
    refuse_earlier_day(tmp_path, MONDAY)
    write(rows(None), tmp_path, TUESDAY)
    refuse_earlier_day(tmp_path, TUESDAY)
    with pytest.raises(
        InputError, match="as of 2024-03-05 has been delivered, and this one is as of 2024-03-04"
    ):
        refuse_earlier_day(tmp_path, MONDAY)
    write(rows(None), tmp_path, MONDAY)
    refuse_earlier_day(tmp_path, MONDAY)


@pytest.mark.parametrize(
    ("user", "day", "refused"),
    [("u0", TUESDAY, True), ("u0", MONDAY, False), ("u1", TUESDAY, False), ("u2", TUESDAY, False)],
)
def test_a_list_that_was_acted_on_stays(tmp_path: Path, user: str, day: date, refused: bool) -> None:  # noqa: FBT001
    """Of the list of Monday u0 was to be contacted, u1 was held out, and u2 was in neither arm."""
    begun = rows("contact", "holdout", None).with_columns(
        as_of=pl.lit(MONDAY), episode=pl.when(pl.col("arm").is_not_null()).then(pl.lit(MONDAY))
    )
    write(begun, tmp_path, MONDAY)
    contacts = pl.DataFrame({"user_id": [user], "day": [day]})
    refuse_replacement(tmp_path, MONDAY, None)
    if refused:
        with pytest.raises(InputError, match="1 of its users have been contacted since"):
            refuse_replacement(tmp_path, MONDAY, contacts)
    else:
        refuse_replacement(tmp_path, MONDAY, contacts)
