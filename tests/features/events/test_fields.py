"""Ids, numbers and amounts as real logs write them."""

from typing import Any

import polars as pl
import pytest

from features.errors import ContractError
from features.events.fields import canonical_user_id
from tests.features.events.test_extraction import contract, extract, raw

PAID: dict[str, Any] = {
    "columns": {"user_id": "user", "at": "at", "amount": "sum"},
    "currency": {"fixed": "EUR"},
}


@pytest.mark.parametrize(
    "text", ["guest", "Anonymous", "(not set)", "\\N", "undefined", "[object Object]", "NULL"]
)
def test_what_tools_write_for_nobody_is_no_user(text: str) -> None:
    extracted = extract(contract(), raw(user=[text, "ann"]))
    assert extracted.events["user_id"].to_list() == ["ann"]
    assert extracted.rejected["reason"].to_list() == ["missing_user"]
    assert extracted.placeholders == {text: 1}


def test_a_contract_replaces_the_list_of_placeholders_and_names_its_own_nulls() -> None:
    shop = contract(placeholder_ids=["0"], null_values=["-99"])
    extracted = extract(shop, raw(user=["guest", "0", "-99", "ann"]))
    assert extracted.events["user_id"].to_list() == ["guest", "ann"]
    assert extracted.placeholders == {"0": 1, "-99": 1}


def test_a_text_without_a_value_is_no_amount_even_if_it_is_a_number() -> None:
    extracted = extract(contract(**PAID, null_values=["-99"]), raw(sum=["-99", "5"]))
    assert extracted.events["amount"].to_list() == [None, 5]
    assert extracted.events["@unreadable_amount"].to_list() == [False, False]


def test_an_id_is_the_same_however_unicode_composes_it() -> None:
    composed, parts = "zo\u00eb", "zoe\u0308"
    ids = pl.DataFrame({"id": [composed, parts]}).select(canonical_user_id(pl.col("id"))).to_series()
    assert ids.to_list() == [composed, composed]


def test_whole_numbers_in_floats_are_written_out_and_beyond_2_53_refused() -> None:
    extracted = extract(contract(), raw(user=[17850.0, 123456789012.0, None, 1.5]))
    assert extracted.events["user_id"].to_list() == ["17850", "123456789012", "1.5"]
    with pytest.raises(ContractError, match=r"log\.csv: row 3: columns\.user_id holds .*beyond 2\^53"):
        extract(contract(), raw(user=[1.0, 2.0**60]))


def test_lines_that_the_contract_excludes_are_counted_and_are_neither_events_nor_rejected() -> None:
    shop = contract(exclude="email LIKE '%@ourfirm.example'")
    frame = raw(user=["ann", "bob", None], email=["a@mail.example", "b@ourfirm.example", None])
    extracted = extract(shop, frame)
    assert extracted.events["user_id"].to_list() == ["ann"]
    assert (extracted.excluded, extracted.rejected.height) == (1, 1)
    with pytest.raises(ContractError, match=r"exclude = 'email' gives String, not true or false"):
        extract(contract(exclude="email"), frame)


@pytest.mark.parametrize(
    ("numbers", "text", "expected"),
    [
        ({}, "1250.5", 1250.5),
        ({"decimal": ","}, "12,50", 12.5),
        ({"decimal": ",", "thousands": "."}, "1.234,56", 1234.56),
        ({"decimal": ",", "thousands": "."}, "-1.234", -1234.0),
        ({"thousands": ","}, "1,234.5", 1234.5),
        ({"thousands": " "}, " 12 345 ", 12345.0),
        ({"decimal": ",", "thousands": "."}, "12.50", None),
        ({"decimal": ","}, "1.250", None),
        ({"thousands": ","}, "12,34", None),
    ],
)
def test_numbers_are_read_by_their_marks_and_never_guessed(
    numbers: dict[str, str], text: str, expected: float | None
) -> None:
    extracted = extract(contract(**PAID, numbers=numbers), raw(sum=[text, ""]))
    assert extracted.events["amount"].to_list() == [expected, None]
    assert extracted.events["@unreadable_amount"].to_list() == [expected is None, False]


def test_the_marks_hold_for_the_texts_of_a_derived_number_too() -> None:
    shop = contract(
        columns={"user_id": "user", "at": "at"}, derive={"amount": "pieces * price"},
        currency={"fixed": "EUR"}, numbers={"decimal": ","},
    )  # fmt: skip
    assert extract(shop, raw(pieces=["2", "x"], price=["1,5", "1,5"])).events["amount"].to_list() == [
        3.0,
        None,
    ]


def test_pence_are_no_pounds_and_names_are_what_the_contract_says() -> None:
    columns = {"user_id": "user", "at": "at", "amount": "sum", "currency": "money"}
    named = {"reporting": "GBP", "names": {"GBp": {"of": "GBP", "parts": 100}, "US Dollar": "USD"}}
    frame = raw(sum=["250", "3", "4", "5"], money=["GBp", "US Dollar", "eur", "GBX"])
    events = extract(contract(columns=columns, currency=named), frame).events
    assert events.select("amount", "currency").rows() == [(2.5, "GBP"), (3, "USD"), (4, "EUR"), (5, "GBX")]
    unnamed = extract(contract(columns=columns, currency={"reporting": "GBP"}), frame).events
    assert unnamed["currency"].to_list() == ["GBp", "US Dollar", "EUR", "GBX"]


def test_what_is_paid_back_is_negative_whatever_its_sign() -> None:
    shop = contract(
        columns={"user_id": "user", "at": "at", "kind": "kind", "amount": "sum"}, currency={"fixed": "EUR"},
        groups={"trade": ["buy", "back"]}, meaning={"refund": ["back"]},
    )  # fmt: skip
    events = extract(shop, raw(kind=["buy", "back", "back"], sum=["5", "5", "-5"])).events
    assert events["amount"].to_list() == [5, -5, -5]


def test_amounts_that_may_be_thousands_are_counted_unless_the_contract_says_how_numbers_are_written() -> None:
    frame = raw(sum=["1.250", "12.345.678", "900", "0.500", "3.14", ""])
    assert extract(contract(**PAID), frame).amounts == {"like_thousands": 2, "with_decimals": 2}
    assert extract(contract(**PAID, numbers={"decimal": "."}), frame).amounts == {}


def test_times_of_several_formats_are_read_by_the_first_that_fits() -> None:
    shop = contract(time={"format": ["iso", "%d.%m.%Y %H:%M", "epoch_s"]})
    extracted = extract(shop, raw(at=["2024-01-31 10:00", "31.01.2024 11:00", "1706702400", "soon"]))
    assert extracted.events["at"].dt.strftime("%d %H").to_list() == ["31 10", "31 11", "31 12"]
    assert extracted.rejected["reason"].to_list() == ["unreadable_time"]


def test_an_epoch_may_count_the_seconds_of_the_local_clock() -> None:
    shop = contract(time={"format": "epoch_s", "timezone": "Europe/Berlin", "epoch_is_local": True})
    extracted = extract(shop, raw(at=["1706742600"]))  # 2024-01-31 23:10 on the wall
    assert extracted.events["at"].dt.strftime("%d %H:%M").to_list() == ["31 22:10"]
