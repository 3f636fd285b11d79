"""The contract's sections `users` and `country` are complete or refused, and list their values."""

from typing import Any

import polars as pl
import pytest

from features.contract.countries import as_codes, country_code
from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError

SHOP: dict[str, Any] = {"format": "csv", "columns": {"user_id": "u", "at": "t"}, "groups": {"trade": ["buy"]}}
COLUMNS = {"user_id": "id", "valid_from": "since", "signed_up_at": "joined", "plan": "tariff"}


def contract(**changes: Any) -> Contract:
    return parse_contract({**SHOP, **changes}, "shop.yaml")


def users(**changes: Any) -> dict[str, Any]:
    return {"users": {"path": "users.csv", "columns": COLUMNS, **changes}}


def test_a_table_of_users_says_what_it_will_tell() -> None:
    shop = contract(**users(columns={**COLUMNS, "valid_to": None, "city": "town"}))
    assert shop.users is not None
    assert (shop.users.stored_as, shop.users.attributes) == ("csv", ("signed_up_at", "plan", "city"))
    promised = shop.sources().external
    assert (promised.sign_up, promised.fills, promised.attributes) == (True, {"city"}, ())


def test_a_snapshot_is_taken_of_what_never_changes() -> None:
    columns = {"user_id": "id", "signed_up_at": "joined"}
    shop = contract(**users(columns=columns, constant=["signed_up_at"], path="users", format="parquet"))
    assert shop.users is not None
    assert shop.users.stored_as == "parquet"


def test_a_table_of_a_database_is_named_by_its_url() -> None:
    shop = contract(**users(path="postgresql+psycopg://crm@db/crm#people.csv"))
    assert shop.users is not None
    assert shop.users.stored_as == "sql"
    with pytest.raises(
        ContractError, match=r"users\.format = csv, and users\.path is the URL of a table\.\nLeave"
    ):
        contract(**users(path="sqlite:///crm.db#people", format="csv"))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            users(columns={"user_id": "id", "plan": "tariff", "joined": "j"}, constant=["joined"]),
            r"shop\.yaml: users\.columns has no valid_from, and plan may change\.\n"
            r"Today's values were not known in the past\..* users\.constant: \[plan, joined\]",
        ),
        (users(columns={"plan": "tariff"}), r"users\.columns\.user_id is missing"),
        (users(columns={"user_id": "id"}), r"names nothing but user_id"),
        (users(columns={"user_id": "id", "valid_to": "t", "plan": "p"}), r"valid_to without valid_from"),
        (users(constant=["tariff"]), r"users\.constant names 'tariff', which is no attribute"),
        (users(columns={**COLUMNS, "Plan": "p"}), r"'plan' and 'Plan', which would both be 'plan'"),
        (users(columns={**COLUMNS, "!": "p"}), r"users\.columns\.!: an attribute needs a letter or a digit"),
        (users(columns={**COLUMNS, "from_day": "p"}), r"users\.columns\.from_day: .*\nRename it"),
        (users(path="users.xls"), r"users\.path = 'users\.xls' does not say how the table is stored"),
        (
            users(form="csv"),
            r"unknown key users\.form = 'csv'\.\nKnown here: path, format, columns, constant",
        ),
        (
            {"country": {"fixed": "XX"}},
            r"country\.fixed = 'XX' is no country that the package holidays knows",
        ),
        (
            {"country": {"fixed": "Germany"}},
            r"country\.fixed = 'Germany' is no .*\n.*two letters, such as DE",
        ),
        ({"country": {"names": {"EIRE": "EI"}}}, r"country\.names\.EIRE = 'EI' is no country"),
        ({"country": {"names": {"Norge": False}}}, r"country\.names\.Norge = False.*\n.*Write it in quotes"),
        ({"country": {"name": {}}}, r"unknown key country\.name = {}\.\nKnown here: fixed, names"),
    ],
)
def test_a_contradiction_is_refused_by_name(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contract(**section)


def test_one_country_for_all_allows_holidays() -> None:
    assert contract(country={"fixed": "DE"}).sources().external.fills == {"country"}


def test_a_country_has_one_code_whatever_it_is_called() -> None:
    written = ["GB", "uk", "United Kingdom", "GBR", "USA", "Hong Kong", "hongkong", "United_States"]
    assert [country_code(name) for name in written] == ["GB", "GB", "GB", "GB", "US", "HK", "HK", "US"]
    assert [country_code(name, {"EIRE": "IE", "GB": "IM"}) for name in ("eire ", "GB")] == ["IE", "IM"]
    assert country_code("HolidaysUM") is None


def test_a_country_that_nobody_knows_stays_as_it_is_written() -> None:
    written = pl.Series(["EIRE", "Nowhere", None, "de"])
    assert as_codes(written, {"EIRE": "IE"}).to_list() == ["IE", "Nowhere", None, "DE"]
    assert as_codes(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]
