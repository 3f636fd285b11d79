"""Every line of a log is kept, dropped as a duplicate or rejected, exactly once. A second run gives the same bytes."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import ContractError
from pipeline.config.sections import Engine, Features, Ingest, Log
from pipeline.errors import InputError
from pipeline.stages.ingest import run
from pipeline.storage.files import read_json
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets
from pipeline.storage.manifest import write_manifest
from pipeline.storage.partitioning import bucket_of
from tests.support.tiny import nothing_outside

SHOP: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "user", "at": "at", "kind": "kind", "amount": "amount", "event_id": "id"},
    "currency": {"fixed": "EUR"},
    "groups": {"trade": ["buy"]},
}
HEADER = "id,user,at,kind,amount"
ALL_FEATURES = Features(only=None, drop=())


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def ingest(
    root: Path,
    text: str,
    *,
    contract: dict[str, Any] | None = None,
    max_quarantined: float = 1.0,
    buckets: int = 3,
    chunk_rows: int = 1000,
    file: str = "log.csv",
    ends_on: date | None = None,
    features: Features | None = None,
) -> dict[str, Any]:
    """The report of an ingest of `text`, whose outputs lie below `root`."""
    (root / "log.csv").write_text(text, "utf-8")
    (root / "shop.yaml").write_text(yaml.safe_dump({**SHOP, **(contract or {})}))
    log = Log(
        path=str(root / file), files="*", contract=str(root / "shop.yaml"), ends_on=ends_on, warm_up_days=0
    )
    nothing_outside(root)
    run(
        log,
        Ingest(max_quarantined=max_quarantined, chunk_rows=chunk_rows),
        Engine(kind="local", buckets=buckets),
        features or ALL_FEATURES,
        root / "events",
        root / "quarantine",
        root / "ingest.json",
        root / "anonymous",
        root / "reports/external.json",
    )
    write_manifest(root / "events")  # which the runner does
    report = read_json(root / "ingest.json")
    assert isinstance(report, dict)
    return report


DAY = f"""{HEADER}
1,ann,2024-01-02 10:00:00,buy,2.50
2,bob,2024-01-01 09:00:00,buy,x
2,bob,2024-01-01 09:00:00,buy,3
3,,2024-01-01,buy,1
4,ann,yesterday,buy,1
5,ann,2024-01-01,dance,
6,ann,2024-01-02 10:00:00,buy
,ann,2024-01-02 10:00:00,buy,2.50
,ann,2024-01-02 10:00:00,buy,7
"""


def test_a_log_is_counted_line_by_line(tmp_path: Path) -> None:
    report = ingest(tmp_path, DAY, contract={"duplicates": "event_id"})
    assert {key: report[key] for key in ("files", "lines", "kept", "duplicates", "users")} == {
        "files": 1, "lines": 9, "kept": 5, "duplicates": 1, "users": 2,
    }  # fmt: skip
    assert report["quarantined"] == {
        "total": 3,
        "share": 0.333333,
        "reasons": {"missing_user": 1, "unreadable_time": 1, "wrong_number_of_fields": 1},
    }
    assert report["amounts"] == {"unreadable": 1}
    assert report["kinds"] == {"buy": 4, "dance": 1}
    assert report["kinds_without_group"] == {"dance": 1}
    assert (report["log_start"], report["log_end"]) == ("2024-01-01", "2024-01-02")
    assert (report["first_event_at"], report["last_event_at"]) == (
        "2024-01-01T00:00:00+00:00",
        "2024-01-02T10:00:00+00:00",
    )
    assert report["tells"] == ["amount", "clock", "group:trade", "kind:buy"]
    assert report["kinds_never_seen"] == []


def test_faults_of_clocks_are_counted(tmp_path: Path) -> None:
    days = "".join(f"{n},u{n % 3},2024-01-{n % 28 + 1:02} 08:00,buy,1\n" for n in range(2800))
    odd = "a,ann,2024-01-09T10:00:00+99:00,buy,1\nb,ann,1970-01-01 00:00,buy,1\nc,ann,2031-01-01,buy,1\n"
    counted = ingest(tmp_path, f"{HEADER}\n{days}{odd}", chunk_rows=1000)["clock"]
    assert counted == {
        "other_epoch_unit": 0, "impossible_offset": 1, "skipped_by_the_clock": 0, "shown_twice": 0,
        "ahead_of_neighbours": 0, "in_1970": 1, "before_start": 0, "after_end": 1,
    }  # fmt: skip


def test_the_log_tells_what_its_events_hold_whatever_the_contract_promises(tmp_path: Path) -> None:
    dates = f"{HEADER}\n1,ann,2024-01-01,buy,\n2,bob,2024-01-02,buy,x\n"
    assert ingest(tmp_path, dates)["tells"] == ["group:trade", "kind:buy"]
    filled = dates + "3,eve,2024-01-02 10:00,buy,1\n"
    assert ingest(tmp_path, filled)["tells"] == ["amount", "clock", "group:trade", "kind:buy"]


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (
            {"presence": {"least_minutes": 5}},
            r"shop\.yaml: presence\.least_minutes = 5\.0, and .*no time of day",
        ),
        (
            {"time": {"day_starts_at": "04:00"}},
            r"shop\.yaml: time\.day_starts_at = '04:00', and .*no time of day",
        ),
    ],
)
def test_a_log_of_dates_has_neither_minutes_nor_a_start_of_its_days(
    tmp_path: Path, contract: dict[str, Any], message: str
) -> None:
    with pytest.raises(ContractError, match=message):
        ingest(tmp_path, f"{HEADER}\n1,ann,2024-01-01,buy,\n", contract=contract)


def test_kinds_that_never_occur_are_reported_and_presence_warns_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = {"look": ["visit"], "trade": ["buy", "swap"]}
    report = ingest(tmp_path, DAY, contract={"groups": groups, "presence": {"kinds": ["bye", "buy", "swap"]}})
    assert report["kinds_never_seen"] == ["visit", "swap", "bye"]
    assert "shop.yaml: presence.kinds names 'bye', 'swap'. The log has no such event.\n" in (
        capsys.readouterr().err
    )
    report = ingest(tmp_path, DAY, contract={"groups": groups, "presence": {"kinds": ["buy"]}})
    assert report["kinds_never_seen"] == ["visit", "swap"]
    assert "presence.kinds" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("vist", r"shop\.yaml: names has words for 'vist', which is no group, .*\nDid you mean 'visit'\?"),
        ("dancing", r"names has words for 'dancing'.*\nDid you mean 'dance'\?"),  # it stands in no group
        ("zzz", r"names has words for 'zzz'.*\nRemove it\."),
    ],
)
def test_words_for_a_kind_that_never_occurs_are_refused(tmp_path: Path, name: str, message: str) -> None:
    log = f"{HEADER}\n1,ann,2024-01-01 08:00,buy,1\n2,ann,2024-01-02 08:00,dance,\n"
    groups = {"look": ["visit"], "trade": ["buy"]}
    known = {"look": "looking", "visit": "visit to the shop", "dance": "dancing"}
    ingest(tmp_path, log, contract={"groups": groups, "names": known})
    with pytest.raises(ContractError, match=message):
        ingest(tmp_path, log, contract={"groups": groups, "names": {**known, name: "words"}})


def test_a_log_without_kinds_is_all_of_one_kind(tmp_path: Path) -> None:
    plain = {"columns": {"user_id": "user", "at": "at"}, "groups": {"activity": ["visit"]}}
    report = ingest(tmp_path, DAY, contract={**plain, "presence": {"kinds": ["visit"]}})
    assert (report["kinds"], report["kinds_without_group"]) == ({"visit": 6}, {})


def test_a_table_with_bytes_survives_a_line_in_quarantine(tmp_path: Path) -> None:
    users = pl.Series([b"ann", None, b"ann", b"\xff"], dtype=pl.Binary)
    table = pl.DataFrame({"user": users, "at": ["2024-01-01"] * 4, "raw": [[b"\xff"]] * 4})
    table.write_parquet(tmp_path / "log.parquet")
    shop = {"format": "parquet", "columns": {"user_id": "user", "at": "at"}, "duplicates": "whole_line"}
    report = ingest(tmp_path, "", contract=shop, file="log.parquet")
    assert (report["kept"], report["duplicates"]) == (1, 1)
    assert report["quarantined"]["reasons"] == {"missing_user": 1, "unreadable_line": 1}
    lines = pl.read_parquet(tmp_path / "quarantine" / "lines.parquet")
    assert lines["text"][0] == '{"user":null,"at":"2024-01-01","raw":["ff"]}'


def test_an_end_after_the_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ContractError, match=r"log\.ends_on = 2024-01-03: the last day of the log is 2024-01-02"
    ):
        ingest(tmp_path, DAY, ends_on=date(2024, 1, 3))
    report = ingest(tmp_path, DAY, ends_on=date(2024, 1, 1))
    assert (report["log_end"], report["kept"], report["outside"]["after_end"]) == ("2024-01-01", 6, 3)


def test_events_are_sorted_by_user_time_and_place_in_the_log(tmp_path: Path) -> None:
    ingest(tmp_path, DAY, contract={"duplicates": "event_id"}, buckets=1)
    events = read_buckets(tmp_path / "events")
    assert events.schema == {
        "user_id": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String, "amount": pl.Float64,
    }  # fmt: skip
    assert events.select("user_id", "kind", "amount").rows() == [
        ("ann", "dance", None),
        ("ann", "buy", 2.5),
        ("ann", "buy", 2.5),
        ("ann", "buy", 7.0),
        ("bob", "buy", None),
    ]


def test_events_of_one_instant_stay_in_the_order_of_the_log(tmp_path: Path) -> None:
    lines = "".join(f"{i},u{i % 3},2024-01-01,buy,{i}\n" for i in range(20_000))
    ingest(tmp_path, f"{HEADER}\n{lines}", chunk_rows=3000)
    events = read_buckets(tmp_path / "events")
    for _, amounts in events.group_by("user_id"):
        assert amounts["amount"].is_sorted()


def test_quarantined_lines_keep_file_line_and_text(tmp_path: Path) -> None:
    ingest(tmp_path, DAY)
    lines = pl.read_parquet(tmp_path / "quarantine" / "lines.parquet")
    assert lines["file"].unique().to_list() == [str(tmp_path / "log.csv")]
    assert lines.select("line", "reason", "text").rows() == [
        (5, "missing_user", "3,,2024-01-01,buy,1"),
        (6, "unreadable_time", "4,ann,yesterday,buy,1"),
        (8, "wrong_number_of_fields", "6,ann,2024-01-02 10:00:00,buy"),
    ]


@pytest.mark.parametrize(("duplicates", "kept"), [("keep", 6), ("event_id", 5), ("whole_line", 5)])
def test_duplicates_are_what_the_contract_says(tmp_path: Path, duplicates: str, kept: int) -> None:
    text = DAY + "\n" if duplicates != "whole_line" else DAY.replace("buy,7", "buy,2.50")
    assert ingest(tmp_path, text, contract={"duplicates": duplicates})["kept"] == kept


def test_every_bucket_has_a_file_of_one_schema_and_a_user_is_in_one_of_them(tmp_path: Path) -> None:
    ingest(tmp_path, DAY, buckets=8)
    assert buckets_in(tmp_path / "events") == list(range(8))
    frames = [pl.read_parquet(bucket_file(tmp_path / "events", bucket)) for bucket in range(8)]
    assert len({tuple(frame.schema.items()) for frame in frames}) == 1
    for bucket, frame in enumerate(frames):
        assert all(zlib.crc32(user.encode()) % 8 == bucket for user in frame["user_id"])


def test_buckets_are_a_hash_that_any_machine_computes() -> None:
    assert bucket_of(pl.Series(["ann", "jörg", "17850", "ann"]), 16).to_list() == [
        zlib.crc32(user.encode()) % 16 for user in ("ann", "jörg", "17850", "ann")
    ]


def test_the_same_log_gives_the_same_bytes_whatever_the_chunk(tmp_path: Path) -> None:
    text = HEADER + "\n" + "".join(f"{i},u{i % 7},2024-01-{i % 28 + 1:02},buy,{i}\n" for i in range(2500))
    written = []
    for name, chunk_rows in (("a", 1000), ("b", 1000), ("c", 50_000)):
        (tmp_path / name).mkdir()
        ingest(tmp_path / name, text, chunk_rows=chunk_rows)
        written.append([bucket_file(tmp_path / name / "events", bucket).read_bytes() for bucket in range(3)])
        assert not (tmp_path / name / "events" / ".parts").exists()
    assert written[0] == written[1] == written[2]


def test_too_many_lines_in_quarantine_stop_the_run_with_an_example_of_each(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"log\.csv: 3 of 9 lines \(33\.3%\) cannot be used; ingest\.max_quarantined allows 10\.0%\.\n"
        r"(?s:.*)unreadable_time: 1 lines, first .*log\.csv:6: '4,ann,yesterday,buy,1'\n(?s:.*)shop\.yaml",
    ):
        ingest(tmp_path, DAY, max_quarantined=0.1)
    assert not (tmp_path / "ingest.json").exists()


def test_a_log_without_an_event_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 of 1 lines \(100\.0%\) cannot be used; no event is left"):
        ingest(tmp_path, f"{HEADER}\n1,,2024-01-01,buy,1\n")
    with pytest.raises(InputError, match=r"log\.csv: holds no line of data"):
        ingest(tmp_path, f"{HEADER}\n")


def test_a_missing_contract_is_named(tmp_path: Path) -> None:
    log = Log(path="x", files="*", contract=str(tmp_path / "no.yaml"), ends_on=None, warm_up_days=0)
    with pytest.raises(InputError, match=r"no\.yaml: there is no such contract"):
        run(log, Ingest(max_quarantined=0.5, chunk_rows=1000), Engine(kind="local", buckets=1), ALL_FEATURES)


CELL = st.sampled_from(
    ["1", "ann", "bob", "2024-01-01", "2024-01-02 10:00", "", " ", '"', '"x"', "buy", "1e3", "é"]
)
LINE = st.lists(CELL, min_size=1, max_size=7).map(",".join)
DECENT = st.tuples(
    st.sampled_from(["1", "2", ""]), st.sampled_from(["ann", "bob"]), st.just("2024-01-01"), CELL, CELL
).map(",".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE | DECENT, max_size=40), st.sampled_from(["keep", "event_id", "whole_line"]))
def test_no_line_is_lost_and_none_is_counted_twice(lines: list[str], duplicates: str) -> None:
    with folder() as root:
        text = "\n".join([HEADER, "9,eve,2024-01-01,buy,1", *lines])
        report = ingest(root, text, contract={"duplicates": duplicates})
        quarantine = pl.read_parquet(root / "quarantine" / "lines.parquet")
        kept = read_buckets(root / "events").height
        physical = text.split("\n")
        for line, rejected_text in quarantine.select("line", "text").rows():
            assert rejected_text == "\n".join(physical[line - 1 :])[: len(rejected_text)]
        assert report["lines"] == report["kept"] + report["duplicates"] + report["quarantined"]["total"]
        assert (report["kept"], report["quarantined"]["total"]) == (kept, quarantine.height)
        assert report["lines"] <= len(lines) + 1
        if '"' not in text:  # quotes may join lines; a blank line is no record
            assert report["lines"] == sum(line != "" for line in lines) + 1
        assert sum(report["kinds"].values()) == kept
