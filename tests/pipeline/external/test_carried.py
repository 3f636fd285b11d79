"""The list carries columns of the users table as they were on its day; no model knows them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.contract.model import Contract
from pipeline.errors import InputError
from pipeline.external.carried import CARRIED_FILE, carried_columns, carried_on
from pipeline.storage.frames import write_parquet
from tests.support.databases import make_table
from tests.support.tables import contract

ROWS = {
    "id": ["a", "a", "b", "c"],
    "since": ["2024-01-01", "2024-03-01", "2024-01-01", "2024-01-01"],
    "until": [None, None, "2024-02-10", None],
    "email": ["a@old", "a@new", "b@x", None],
    "size": [1, 2, 3, 4],
}


def with_users(folder: Path, **columns: str) -> Contract:
    """The contract of tests, with a table of users that has validity."""
    pl.DataFrame(ROWS).write_csv(folder / "users.csv")
    named = {"user_id": "id", "valid_from": "since", "valid_to": "until"} | columns
    users = {"path": str(folder / "users.csv"), "columns": named}
    return Contract.model_validate({**contract().model_dump(exclude={"users"}), "users": users})


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 2, 1), {"a": "a@old", "b": "b@x", "c": None}),
        (date(2024, 2, 10), {"a": "a@old", "c": None}),  # b's row has ended
        (date(2024, 2, 29), {"a": "a@old", "c": None}),
        (date(2024, 3, 1), {"a": "a@new", "c": None}),
        (date(2023, 12, 31), {}),
    ],
)
def test_a_list_has_what_was_valid_on_its_day(
    day: date, expected: dict[str, str | None], tmp_path: Path
) -> None:
    write_parquet(carried_columns(with_users(tmp_path), ["email", "size"]), tmp_path / CARRIED_FILE)
    found = carried_on(tmp_path, day)
    assert dict(found.select("user_id", "email").iter_rows()) == expected
    assert found.schema["size"] == pl.String


def test_a_table_without_validity_holds_for_ever(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a", "b"], "email": ["a@x", "b@x"]}).write_csv(tmp_path / "users.csv")
    users = {"path": str(tmp_path / "users.csv"), "columns": {"user_id": "id"}}
    plain = Contract.model_validate({**contract().model_dump(exclude={"users"}), "users": users})
    write_parquet(carried_columns(plain, ["email"]), tmp_path / CARRIED_FILE)
    assert carried_on(tmp_path, date(1999, 1, 1))["email"].to_list() == ["a@x", "b@x"]


def test_a_column_that_the_table_lacks_is_named_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"users\.csv: params\.yaml names e_mail in list\.carry[\s\S]*email, size"
    ):
        carried_columns(with_users(tmp_path), ["email", "e_mail"])


def test_without_a_table_of_users_nothing_can_be_carried() -> None:
    without = contract().model_copy(update={"users": None})
    with pytest.raises(InputError, match=r"list\.carry names email, and .* has no table of users"):
        carried_columns(without, ["email"])


def test_columns_are_carried_from_a_database(database_url: str, tmp_path: Path) -> None:
    make_table(database_url, "people", pl.DataFrame(ROWS))
    in_file = with_users(tmp_path)
    assert in_file.users is not None
    users = in_file.users.model_copy(update={"path": f"{database_url}#people"})
    in_database = in_file.model_copy(update={"users": users})
    carried = carried_columns(in_database, ["email", "size"])
    assert carried.equals(carried_columns(in_file, ["email", "size"]), null_equal=True)
    with pytest.raises(
        InputError, match=r"#people: has no column 'phone'\.\nIts columns: id, since, until, email"
    ):
        carried_columns(in_database, ["phone"])
