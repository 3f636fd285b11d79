"""A contract is complete or refused, and lists the content of the log."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError

SHOP: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "customer", "at": "paid_at", "kind": "type", "amount": "total", "country": None},
    "currency": {"fixed": "GBP"},
    "groups": {"trade": ["purchase"], "support": ["refund"]},
}


def contract(**changes: Any) -> Contract:
    return parse_contract({**SHOP, **changes}, "data/contracts/shop.yaml")


def test_the_complete_example_of_the_design_is_read() -> None:
    whole = contract(
        columns={
            "user_id": "CustomerID", "at": "InvoiceDate", "kind": None, "amount": None, "currency": None,
            "event_id": None, "counterpart": None, "session": None, "level": None, "country": "Country",
        },
        derive={"kind": "IF(Quantity < 0, 'refund', 'purchase')", "amount": "Quantity * UnitPrice"},
        time={"format": None, "timezone": "Europe/London", "day_starts_at": "00:00"},
        currency={"fixed": "GBP", "reporting": "GBP"},
        duplicates="whole_line",
        presence={"kinds": ["purchase", "refund"], "least_minutes": 0, "least_events": 1},
        users=None,
    )  # fmt: skip
    assert whole.kind_groups == {"purchase": "trade", "refund": "support"}
    assert whole.raw_columns.keys() == {"CustomerID", "InvoiceDate", "Country", "Quantity", "UnitPrice"}


def test_what_is_left_out_has_a_default() -> None:
    shop = contract()
    assert (shop.duplicates, shop.time.timezone, shop.presence.kinds) == ("keep", "UTC", None)
    assert shop.currency.reporting == "GBP"


@pytest.mark.parametrize("key", ["derive", "csv", "time", "currency", "duplicates", "presence", "users"])
def test_a_key_without_a_value_is_left_out(key: str) -> None:
    columns = {"columns": {"user_id": "u", "at": "t", "kind": "k"}}
    raw = {name: value for name, value in SHOP.items() if name != key}
    assert parse_contract({**raw, **columns, key: None}, "x") == parse_contract({**raw, **columns}, "x")


def test_without_a_kind_column_the_one_kind_of_the_groups_is_every_event_s() -> None:
    columns = {"user_id": "u", "at": "t"}
    assert contract(columns=columns, groups={"trade": ["buy"]}).only_kind == "buy"
    assert (
        contract(columns=columns, groups={"trade": ["buy"]}, presence={"kinds": ["buy"]}).only_kind == "buy"
    )
    assert contract(groups={"trade": ["buy"]}).only_kind is None


def test_a_contract_tells_columns_groups_kinds_and_whether_there_is_a_clock() -> None:
    assert contract().tells == {
        "amount", "clock", "group:trade", "group:support", "kind:purchase", "kind:refund",
    }  # fmt: skip
    assert "clock" not in contract(time={"format": "%Y%m%d"}).tells
    assert "clock" in contract(time={"format": "%d/%m/%Y %H:%M"}).tells
    assert "clock" in contract(time={"format": "epoch_ms"}).tells


def test_a_kind_in_no_group_has_no_group() -> None:
    assert [contract().kind_groups.get(kind) for kind in ("refund", "dance")] == ["support", None]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"groups": {"trade": ["refund"], "support": ["refund"]}},
            r"data/contracts/shop\.yaml: kind 'refund' stands in two groups, 'trade' and 'support'\.\n"
            r"A kind belongs to one group\. Remove it from one of them\.",
        ),
        ({"groups": {"trade": ["a", "a"]}}, r"kind 'a' is twice in group 'trade'"),
        ({"groups": {"other": ["a"]}}, r"group 'other' cannot be named so"),
        ({"groups": {}}, r"groups holds no kind"),
        (
            {"groups": {"my group": ["a"], "My_Group": ["b"]}},
            r"shop\.yaml: group 'my group' and group 'My_Group' would both be the column 'my_group_events'\.\n"
            r"Rename one of them: a group here, a kind with derive\.kind\.",
        ),
        (
            {"groups": {"trade": ["buy!", "Buy"]}},
            r"kind 'buy!' and kind 'Buy' would both be the column 'kind_buy'\.\n.*derive\.kind",
        ),
        (
            {"groups": {"kind_x": ["a"], "trade": ["x_events"]}},
            r"group 'kind_x' and kind 'x_events' would both be the column 'kind_x_events'",
        ),
        (
            {"columns": {"user_id": "u", "at": "t"}},
            r"shop\.yaml: no column tells which kind an event is, and groups names 2: 'purchase', 'refund'\.\n"
            r"Give columns\.kind or derive\.kind, or name only one kind",
        ),
        (
            {
                "columns": {"user_id": "u", "at": "t"},
                "groups": {"trade": ["buy"]},
                "presence": {"kinds": ["visit"]},
            },
            r"presence\.kinds names 'visit', and every event is 'buy'.*\n.*Write kinds: \[buy\], or null",
        ),
        ({"groups": {"trade": [1]}}, r"groups\.trade\.0 = 1 is not allowed.*\n.*Write it in quotes"),
        ({"formats": "csv"}, r"unknown key formats = 'csv'\.\nKnown here: format, columns"),
        ({"columns": {"user": "u"}}, r"unknown key columns\.user = 'u'\.\nKnown here: user_id, at"),
        ({"columns": {"at": "t"}}, r"columns\.user_id is missing"),
        ({"columns": {"user_id": "u"}}, r"columns\.at is missing"),
        ({"format": "xml"}, r"format = 'xml' is not allowed"),
        (
            {"time": {"day_starts_at": 240}},
            r"time\.day_starts_at = 240 is not allowed.*\n.*Write it in quotes",
        ),
        ({"outages": [["2024-02-01", "2024-01-01"]]}, r"outages has .*, which ends before it begins"),
        ({"time": {"timezone": "Europe/Lundon"}}, r"time\.timezone = 'Europe/Lundon' is no time zone"),
        ({"time": {"format": "iso8601"}}, r"time\.format = 'iso8601' is no format"),
        (
            {"time": {"format": "%d/%m/%Y %I"}},
            r"time\.format = '%d/%m/%Y %I' cannot be read by: .*hour and minute.*\n.*'%Y%m%d'",
        ),
        ({"time": {"format": "%Y-%m-%d %I:%M"}}, r"cannot be read by: .*meridiem"),
        (
            {"time": {"format": "%Y%m%d", "day_starts_at": "04:00"}},
            r"shop\.yaml: time\.day_starts_at = '04:00', and the log's times have no time of day\.\n"
            r"Write \"00:00\"",
        ),
        (
            {"time": {"format": "%Y%m%d"}, "presence": {"least_minutes": 5}},
            r"presence\.least_minutes = 5\.0, and the log's times have no time of day\.\nWrite 0",
        ),
        ({"currency": {"fixed": "pounds"}}, r"currency\.fixed = 'pounds' is not allowed"),
        ({"currency": {}}, r"nothing says in which currency"),
        ({"presence": {"kinds": []}}, r"presence\.kinds is empty"),
        ({"presence": {"least_events": 0}}, r"presence\.least_events = 0 is not allowed"),
        ({"duplicates": "event_id"}, r"no column is event_id"),
        ({"derive": {"price": "a"}}, r"derive\.price is not a column of an event"),
        ({"derive": {"kind": "nope(x)"}}, r"derive\.kind = 'nope\(x\)' is not an SQL expression"),
        ({"users": {"path": "u.csv"}}, r"key users\.columns is missing"),
        (
            {"users": {"path": "u.csv", "column": {}}},
            r"unknown key users\.column = .*\nKnown here: path, format, columns",
        ),
        ({"csv": {"encoding": "utf-9"}}, r"csv\.encoding = 'utf-9' is unknown"),
        ({"csv": {"fixed_width": {"a": [5, 5]}}}, r"csv\.fixed_width\.a = \[5, 5\] is no slice"),
        ({"name": "shop"}, r"unknown key name"),
        ({"format": None}, r"key format is missing"),
        ({"formats": None}, r"unknown key formats = None"),
    ],
)
def test_a_contradiction_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contract(**changes)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ContractError, match="key groups is missing"):
        parse_contract({"format": "csv", "columns": {"user_id": "u", "at": "t"}}, "x.yaml")


def test_two_currencies_need_one_to_report_in() -> None:
    columns = {"user_id": "u", "at": "t", "kind": "k", "amount": "a", "currency": "c"}
    with pytest.raises(ContractError, match=r"currency\.reporting is missing"):
        contract(columns=columns, currency={})
    with pytest.raises(ContractError, match="a column is currency too"):
        contract(columns=columns)


def day_of(shop: Contract, *instants: datetime) -> list[date]:
    return pl.DataFrame({"at": instants}).select(shop.day_of(pl.col("at"))).to_series().to_list()


def test_a_day_starts_where_the_contract_says() -> None:
    late = contract(time={"timezone": "Europe/Berlin", "day_starts_at": "04:00"})
    before, after = datetime(2024, 7, 2, 1, 59, tzinfo=UTC), datetime(2024, 7, 2, 2, 0, tzinfo=UTC)
    assert day_of(late, before, after) == [date(2024, 7, 1), date(2024, 7, 2)]


ZONES = st.sampled_from(
    ["UTC", "Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Asia/Beirut"]
)


@settings(deadline=None)
@given(ZONES, st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_every_instant_lies_before_the_end_of_its_day_and_not_before_the_end_of_the_day_before(
    zone: str, naive: datetime
) -> None:
    shop = contract(time={"timezone": zone})
    frame = pl.DataFrame({"at": [naive.replace(tzinfo=UTC)]}).with_columns(
        shop.day_of(pl.col("at")).alias("day")
    )
    end, start = frame.select(
        shop.day_end(pl.col("day")), start=shop.day_end(pl.col("day").dt.offset_by("-1d"))
    ).row(0)
    assert start <= naive.replace(tzinfo=UTC) < end


WITH_PLANS = {
    "path": "u.csv",
    "columns": {"user_id": "id", "plan": "tariff", "valid_from": "since"},
}


def test_plans_and_what_they_allow_are_no_kinds_and_tell_no_feature() -> None:
    limit = {"kinds": ["purchase"], "days": 30, "most": {"free": 10}}
    shop = contract(users=WITH_PLANS, meaning={"plans": ["free", "plus"], "limit": limit})
    assert shop.meaning.plans == ("free", "plus")
    assert shop.meaning.limit is not None
    assert (shop.meaning.limit.days, shop.meaning.limit.most) == (30, {"free": 10.0})
    assert shop.meaning.kinds == {}
    assert not any(name.startswith("meaning:") for name in shop.tells)


@pytest.mark.parametrize(
    ("meaning", "message"),
    [
        ({"plans": ["free", "free"]}, r"meaning\.plans names 'free' twice"),
        ({"plans": []}, r"meaning\.plans = \[\] is not allowed"),
        ({"limit": {"kinds": ["dance"], "days": 30, "most": {"a": 1}}}, r"limit\.kinds names 'dance'"),
        (
            {"limit": {"kinds": ["refund"], "days": 30, "most": {"a": 0}}},
            r"limit\.most\.a = 0 is not allowed",
        ),
        ({"limit": {"kind": []}}, r"unknown key meaning\.limit\.kind = .*\nKnown here: kinds, days, most"),
        (
            {"plans": ["a"], "limit": {"kinds": ["refund"], "days": 30, "most": {"b": 1}}},
            r"limit\.most names 'b', which is not in meaning\.plans\.\nPlans: a",
        ),
    ],
)
def test_plans_that_contradict_themselves_are_refused(meaning: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contract(users=WITH_PLANS, meaning=meaning)


def test_plans_need_an_attribute_of_users() -> None:
    with pytest.raises(
        ContractError, match=r"meaning\.plans names plans, and no attribute of a user is plan"
    ):
        contract(meaning={"plans": ["free"]})
