"""Raw rows become events, or rejected lines with a reason."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError
from features.events.extraction import (
    FILE,
    LINE,
    ORDER,
    SAME,
    TEXT,
    UNREADABLE,
    Extracted,
    check_columns,
    extract_events,
    plan_events,
    tells_of,
)
from features.timestamps import read_instants

BASE: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "user", "at": "at"},
    "groups": {"activity": ["event"]},
}


def contract(**changes: Any) -> Contract:
    return parse_contract({**BASE, **changes}, "shop.yaml")


def raw(**columns: list[Any]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    times = {"at": ["2024-01-01"] * height} if "at" not in columns else {}
    users = {"user": ["ann"] * height} if "user" not in columns else {}
    lines = pl.int_range(2, height + 2, eager=True)
    text = pl.Series([str(row) for row in pl.DataFrame(columns).rows()])
    origin = [pl.lit("log.csv").alias(FILE), lines.alias(LINE), text.alias(TEXT)]
    return pl.DataFrame({**users, **times, **columns}).with_columns(origin)


def extract(shop: Contract, frame: pl.DataFrame) -> Extracted:
    return extract_events(plan_events(shop, frame.schema), frame, 0)


def test_user_ids_are_trimmed_text_and_lose_the_float_that_a_spreadsheet_gave_them() -> None:
    extracted = extract(contract(), raw(user=["17850.0", " ann ", "v1.0", "0012", "17850.5"]))
    assert extracted.events["user_id"].to_list() == ["17850", "ann", "v1.0", "0012", "17850.5"]


def test_a_line_without_user_or_time_is_rejected_with_its_reason() -> None:
    extracted = extract(
        contract(),
        raw(
            user=["ann", None, " ", "nan", "bob", "\ufffd1"],
            at=["2024-01-01", "x", "2024-01-01", "2024-01-01", "x", "x"],
        ),
    )
    assert extracted.events["user_id"].to_list() == ["ann"]
    assert extracted.rejected.select("line", "reason").rows() == [
        (3, "missing_user"),
        (4, "missing_user"),
        (5, "missing_user"),
        (6, "unreadable_time"),
        (7, "unreadable_line"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31T10:11:12Z", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("2024-01-31T10:11:12+05:30", datetime(2024, 1, 31, 4, 41, 12, tzinfo=UTC)),
        ("2024-01-31 10:11:12 -0330", datetime(2024, 1, 31, 13, 41, 12, tzinfo=UTC)),
        ("2024-07-31 10:11:12.25", datetime(2024, 7, 31, 9, 11, 12, 250000, tzinfo=UTC)),
        ("2024-07-31 10:11:12 UTC", datetime(2024, 7, 31, 10, 11, 12, tzinfo=UTC)),
        ("2024-07-31T10:11:12UTC", datetime(2024, 7, 31, 10, 11, 12, tzinfo=UTC)),
        ("2024-07-31 10:11 GMT", datetime(2024, 7, 31, 10, 11, tzinfo=UTC)),
        ("2024-07-31 10:11 CET", None),
        ("2024-07-31 10:11", datetime(2024, 7, 31, 9, 11, tzinfo=UTC)),
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-10-27 01:30:00", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),  # shown twice: the earlier
        ("2024-03-31 01:30:00", datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),  # never shown: 02:30 summer time
        ("2011-08-29T06:50:23+518:00", None),
        ("2024-01-31T10:11:12+15:00", None),
        ("2024-02-30", None),
        ("31.01.2024", None),
        ("", None),
        (None, None),
    ],
)
def test_iso_times_are_read_in_their_offset_or_else_in_the_zone_of_the_contract(
    text: str | None, expected: datetime | None
) -> None:
    texts = pl.Series([text, "2024-01-01"], dtype=pl.String)
    assert read_instants(texts, (None,), "Europe/London")[0] == expected


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%Y%m%d", "19970101", datetime(1997, 1, 1, tzinfo=UTC)),
        ("%d/%m/%Y %H:%M", "31/01/2024 10:11", datetime(2024, 1, 31, 10, 11, tzinfo=UTC)),
        ("%m/%d/%Y %I:%M %p", "1/31/2024 3:04 PM", datetime(2024, 1, 31, 15, 4, tzinfo=UTC)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-01-31T10:11:12+0200", datetime(2024, 1, 31, 8, 11, 12, tzinfo=UTC)),
        ("epoch_s", "1706695872.5", datetime(2024, 1, 31, 10, 11, 12, 500000, tzinfo=UTC)),
        ("epoch_ms", "1706695872000", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("epoch_us", "1706695872000001", datetime(2024, 1, 31, 10, 11, 12, 1, tzinfo=UTC)),
        ("epoch_ns", "1706695872000001000", datetime(2024, 1, 31, 10, 11, 12, 1, tzinfo=UTC)),
        ("epoch", "1706695872", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("epoch", "1706695872000", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("epoch_s", "1706695872000000", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("epoch_ms", "1706695872", datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)),
        ("epoch_ms", "0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("epoch_s", "1e30", None),
        ("epoch_s", "nan", None),
    ],
)
def test_other_times_are_read_by_their_format(form: str, text: str, expected: datetime | None) -> None:
    assert read_instants(pl.Series([text]), (form,), "UTC").to_list() == [expected]


def test_parquet_times_keep_their_type_and_numbers_need_an_epoch() -> None:
    shop = contract(format="parquet")
    extracted = extract(shop, raw(at=[datetime(2024, 1, 31, 10, 11, 12)]))  # noqa: DTZ001
    assert extracted.events["at"].to_list() == [datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)]
    with pytest.raises(ContractError, match=r"the time is stored as Int64, and time\.format = None"):
        extract(shop, raw(at=[1706695872]))
    extracted = extract(contract(format="parquet", time={"format": "epoch_s"}), raw(at=[1706695872]))
    assert extracted.events["at"].to_list() == [datetime(2024, 1, 31, 10, 11, 12, tzinfo=UTC)]


def test_texts_are_read_as_numbers_only_where_the_expression_needs_them() -> None:
    shop = contract(
        derive={
            "kind": "CASE WHEN InvoiceNo LIKE 'C%' THEN 'cancel' WHEN Quantity<0 THEN 'back' ELSE 'buy' END",
            "amount": "Quantity * Price",
            "country": "UPPER(Land)",
        },
        currency={"fixed": "GBP"},
        groups={"trade": ["buy", "back", "cancel"]},
    )
    frame = raw(
        InvoiceNo=["C1", "007", "3"],
        Quantity=["1", "-2", " 6 "],
        Price=["1.5", "x", "2.55"],
        Land=["uk", "", None],
    )
    events = extract(shop, frame).events
    assert events["kind"].to_list() == ["cancel", "back", "buy"]
    assert events["amount"].to_list() == [1.5, None, pytest.approx(15.3)]
    assert events[UNREADABLE].to_list() == [False, True, False]
    assert events["country"].to_list() == ["UK", None, None]


@pytest.mark.parametrize(
    ("amount", "read", "unreadable"),
    [("1.5", 1.5, False), (" -2 ", -2.0, False), ("", None, False), (None, None, False), ("1,5", None, True),
     ("inf", None, True), ("nan", None, True), ("1e20", None, True), ("0", 0.0, False)],
)  # fmt: skip
def test_an_amount_that_cannot_be_read_leaves_its_event_in_place(
    amount: str | None, read: float | None, *, unreadable: bool
) -> None:
    shop = contract(columns={"user_id": "user", "at": "at", "amount": "a"}, currency={"fixed": "EUR"})
    events = extract(shop, raw(a=[amount])).events
    assert events.select("amount", UNREADABLE).rows() == [(read, unreadable)]


def test_an_amount_is_a_sum_of_numbers_where_texts_would_be_joined() -> None:
    shop = contract(derive={"amount": "net + tax", "kind": "a + b"}, currency={"fixed": "EUR"})
    events = extract(shop, raw(net=["10"], tax=["2.5"], a=["1"], b=["2"])).events
    assert events.select("amount", "kind").rows() == [(12.5, "12")]


def test_an_amount_that_does_not_apply_is_not_unreadable() -> None:
    shop = contract(derive={"amount": "CASE WHEN type = 'buy' THEN price END"}, currency={"fixed": "EUR"})
    events = extract(shop, raw(type=["buy", "look", "buy"], price=["2", "3", "x"])).events
    assert events.select("amount", UNREADABLE).rows() == [(2.0, False), (None, False), (None, True)]


def test_currencies_are_upper_case_and_empty_kinds_are_named() -> None:
    shop = contract(
        columns={"user_id": "user", "at": "at", "kind": "k", "amount": "a", "currency": "c"},
        currency={"reporting": "EUR"},
    )
    events = extract(shop, raw(k=["event", " "], a=["1", "2"], c=["eur ", None])).events
    assert events.select("kind", "currency").rows() == [("event", "EUR"), ("(none)", None)]


def test_without_a_kind_column_every_event_is_of_the_one_kind_of_the_groups() -> None:
    visits = contract(groups={"activity": ["visit"]})
    assert extract(visits, raw(user=["a", "b"])).events.select("kind", ORDER).rows() == [
        ("visit", 0),
        ("visit", 1),
    ]


def test_rejected_rows_of_a_table_are_told_as_json_with_bytes_in_hex() -> None:
    frame = raw(
        user=["ann", None],
        raw=[b"\xff", b"\x01"],
        list=[[b"\xff"], None],
        deep=[None, {"a": [{"b": b"\x02"}], "n": 1}],
        pair=pl.Series([[b"a", b"b"]] * 2, dtype=pl.Array(pl.Binary, 2)),
    ).drop(TEXT)
    extracted = extract(contract(format="parquet", duplicates="whole_line"), frame)
    assert extracted.rejected["text"].to_list() == [
        '{"at":"2024-01-01","user":null,"raw":"01","list":null,"deep":{"a":[{"b":"02"}],"n":1},"pair":["61","62"]}'
    ]


def test_whole_rows_with_bytes_are_compared_whatever_their_nesting() -> None:
    shop = contract(format="parquet", duplicates="whole_line")
    rows = extract(shop, raw(raw=[b"\xff", b"\xfe", b"\xff"]).drop(TEXT)).events[SAME]
    lists = extract(shop, raw(raw=[[b"\xff"], [b"\xfe"], [b"\xff"]]).drop(TEXT)).events[SAME]
    for hashes in (rows, lists):
        assert hashes[0] == hashes[2] != hashes[1]


def test_dates_of_a_table_have_no_clock() -> None:
    dates = raw(at=[date(2024, 1, 31)])
    with pytest.raises(ContractError, match=r"time\.day_starts_at = '04:00', and .* no time of day"):
        extract(contract(format="parquet", time={"day_starts_at": "04:00"}), dates)
    with pytest.raises(ContractError, match=r"presence\.least_minutes = 1\.0, and .* no time of day"):
        extract(contract(format="parquet", presence={"least_minutes": 1}), dates)


@pytest.mark.parametrize(
    ("zone", "starts_at", "times", "clock"),
    [
        ("UTC", "00:00", ["2024-01-01", "2024-01-02 00:00:00"], False),
        ("UTC", "00:00", ["2024-01-01", "2024-01-02 00:00:01"], True),
        ("Europe/Berlin", "00:00", ["2024-01-01", "2024-07-01"], False),
        ("Europe/Berlin", "00:00", ["2024-01-01T00:00:00Z"], True),
        ("Europe/Berlin", "04:00", ["2024-01-01", "2024-07-01 04:00"], False),
        ("America/Sao_Paulo", "00:00", ["2018-11-04", "2018-11-05"], False),  # the 4th begins at 01:00
        ("UTC", "00:00", [], False),
    ],
)
def test_a_clock_is_told_by_a_time_other_than_the_day_s_start(
    zone: str, starts_at: str, times: list[str], *, clock: bool
) -> None:
    shop = contract(time={"timezone": zone, "day_starts_at": starts_at})
    events = extract(shop, raw(at=times, user=["ann"] * len(times))).events
    assert ("clock" in tells_of(shop, events)) == clock


def test_an_optional_column_is_told_by_a_value_in_it() -> None:
    columns = {"user_id": "user", "at": "at", "amount": "a", "country": "c", "session": "s"}
    shop = contract(columns=columns, currency={"fixed": "EUR"})
    events = extract(shop, raw(a=["x", "1"], c=["", None], s=[None, "7"])).events
    assert tells_of(shop, events) == {"amount", "session"}
    assert tells_of(shop, events.head(1)) == frozenset()


@pytest.mark.parametrize(
    ("derive", "message"),
    [
        ({"kind": "SUM(a)"}, r"derive\.kind = 'SUM\(a\)' looks at more than one row"),
        ({"kind": "CASE WHEN COUNT(*) > 5 THEN 'x' END"}, "looks at more than one row"),
        ({"kind": "LAG(a) OVER (ORDER BY a)"}, "looks at more than one row"),
        ({"kind": "SUM(a) OVER (PARTITION BY b)"}, "looks at more than one row"),
        (
            {"kind": "nowhere || 'x'"},
            r"derive\.kind asks for 'nowhere', which is no column of the log\.\nIts columns: .*a, b",
        ),
        ({"kind": "EXTRACT(year FROM a)"}, "does not run"),
    ],
)
def test_an_expression_that_cannot_run_row_by_row_is_refused_before_the_run(
    derive: dict[str, str], message: str
) -> None:
    with pytest.raises(ContractError, match=message):
        plan_events(contract(derive=derive), raw(a=["1"], b=["x"]).schema)


def test_a_strict_cast_that_meets_a_wrong_value_names_the_expression() -> None:
    with pytest.raises(ContractError, match=r"derive\.level = 'CAST\(a AS INT\)' fails on a value"):
        extract(contract(derive={"level": "CAST(a AS INT)"}), raw(a=["1", "x"]))


def test_a_column_that_the_log_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(
        ContractError, match=r"columns\.session asks for 'sid', which is no column.*\nIts columns: at, user"
    ):
        plan_events(
            contract(columns={"user_id": "user", "at": "at", "session": "sid"}), raw(user=["a"]).schema
        )


def test_a_title_instead_of_the_header_has_a_cure_of_its_own() -> None:
    contract = parse_contract(
        {"format": "csv", "columns": {"user_id": "user", "at": "at"}, "groups": {"use": ["open"]}},
        "shop.yaml",
    )
    with pytest.raises(ContractError, match=r"skip_lines.*comment.*csv\.separator"):
        check_columns(contract, ["# Report: events"], "log.csv")
    with pytest.raises(ContractError, match=r"Correct the name\.$"):
        check_columns(contract, ["customer", "at"], "log.csv")
