"""Ingest stores an event that names a counterpart with the counterpart too, and counts lines as before."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.storage.frames import bucket_file, buckets_in, read_buckets
from tests.pipeline.stages.test_ingest import folder, ingest

COLUMNS = {"user_id": "user", "at": "at", "kind": "kind", "counterpart": "to", "event_id": "id"}
MAIL: dict[str, Any] = {"columns": COLUMNS, "duplicates": "event_id"}
HEADER = "id,user,at,kind,to,amount"
DAY = f"""{HEADER}
1,7,2024-01-02 10:00,buy,ann,
1,7,2024-01-02 10:00,buy,ann,
1,ann,2024-01-02 11:00,buy,7.0,
2,bob,2024-01-02 12:00,dance,ann,
2,ann,2024-01-02 13:00,buy,ann,
3,ann,2024-01-02 14:00,buy,zoe,
4,ann,2024-01-02 15:00,buy,,
5,ann,never,buy,bob,
"""


def received(root: Path) -> list[tuple[str, int, str, str]]:
    """Who received, at which hour, what, from whom."""
    events = read_buckets(root / "events").filter(pl.col("role") == "received")
    return sorted(events.select("user_id", pl.col("at").dt.hour(), "kind", "counterpart").rows())


def test_the_counterpart_receives_each_event_once(tmp_path: Path) -> None:
    """Ann, 7 and bob are users, zoe is not; the id 1 is of two senders, and one of them wrote it twice."""
    report = ingest(tmp_path, DAY, contract=MAIL)
    assert received(tmp_path) == [
        ("7", 11, "buy", "ann"), ("ann", 10, "buy", "7"), ("ann", 12, "dance", "bob"),
    ]  # fmt: skip
    assert report["received"] == 3
    assert {"counterpart", "received"} <= set(report["tells"])


def test_every_other_figure_is_of_the_lines_themselves(tmp_path: Path) -> None:
    reports = []
    for name, columns in (("with", COLUMNS), ("without", {**COLUMNS, "counterpart": None})):
        (tmp_path / name).mkdir()
        reports.append(ingest(tmp_path / name, DAY, contract={**MAIL, "columns": columns}))
    full, without = reports
    assert set(full) - set(without) == {"received"}
    ignored = {"received", "tells", "features", "contract", "log"}
    assert {key: full[key] for key in full.keys() - ignored} == {
        key: without[key] for key in without.keys() - ignored
    }
    assert (full["lines"], full["kept"], full["duplicates"], full["users"]) == (8, 6, 1, 3)
    assert "role" not in read_buckets(tmp_path / "without" / "events").columns


@pytest.mark.parametrize(("duplicates", "times"), [("event_id", 1), ("whole_line", 1), ("keep", 2)])
def test_a_line_told_twice_is_received_as_often_as_it_is_kept(
    tmp_path: Path, duplicates: str, times: int
) -> None:
    ingest(tmp_path, DAY, contract={**MAIL, "duplicates": duplicates})
    assert received(tmp_path).count(("ann", 10, "buy", "7")) == times


def test_a_log_whose_counterparts_are_no_users_tells_of_nothing_received(tmp_path: Path) -> None:
    report = ingest(tmp_path, f"{HEADER}\n1,ann,2024-01-01,buy,shop,\n", contract=MAIL)
    assert report["received"] == 0
    assert [name for name in ("counterpart", "received") if name in report["tells"]] == ["counterpart"]


def test_a_bucket_into_which_events_are_only_received_has_no_event(tmp_path: Path) -> None:
    report = ingest(tmp_path, f"{HEADER}\n1,ann,2024-01-01,buy,shop,\n", contract=MAIL, buckets=64)
    files = [bucket_file(tmp_path / "events", bucket) for bucket in buckets_in(tmp_path / "events")]
    assert (len(files), sum(pl.read_parquet(file).height for file in files)) == (64, report["kept"])
    assert len({tuple(pl.read_parquet_schema(file).items()) for file in files}) == 1


LINES = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "7", "7.0", ""]),
        st.sampled_from(["2024-01-01", "2024-01-02 10:00", "never"]),
        st.sampled_from(["ann", "bob", "7", "7.0", "zoe", "", "nan"]),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(LINES, st.sampled_from(["keep", "event_id", "whole_line"]), st.sampled_from([1, 3]))
def test_what_is_received_is_what_the_kept_lines_of_others_say(
    lines: list[tuple[str, str, str]], duplicates: str, buckets: int
) -> None:
    """Ids are such that one sender's lines with one id are the same line."""
    csv_lines = [f"{at}{to},{user},{at},buy,{to}," for user, at, to in lines]
    with folder() as root:
        text = "\n".join([HEADER, "0,eve,2024-01-01,buy,,", *csv_lines])
        contract = {**MAIL, "duplicates": duplicates}
        report = ingest(root, text, contract=contract, buckets=buckets, chunk_rows=1000)
        events = read_buckets(root / "events")
        own = events.filter(pl.col("role") == "own")
        users = own["user_id"].unique().to_list()
        expected = own.filter(
            pl.col("counterpart").is_in(users), pl.col("counterpart") != pl.col("user_id")
        ).select("counterpart", "at", "kind", "user_id")
        got = events.filter(pl.col("role") == "received").select("user_id", "at", "kind", "counterpart")
        assert sorted(got.rows()) == sorted(expected.rows())
        assert (report["kept"], report["received"]) == (own.height, got.height)
        assert report["lines"] == report["kept"] + report["duplicates"] + report["quarantined"]["total"]
