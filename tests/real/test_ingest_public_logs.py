"""Three public logs, ingested with the contracts in data/contracts, have the figures that are known of them."""

from pathlib import Path
from typing import Any

import pytest

from models.checks.anomalies import check_clock
from pipeline.config.sections import Engine, Features, Ingest, Log
from pipeline.stages.ingest import run
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from pipeline.storage.manifest import write_manifest
from tests.real.public import public_log
from tests.support.paths import ROOT
from tests.support.tiny import nothing_outside


def ingest(name: str, file: str, out: Path) -> dict[str, Any]:
    path = public_log(file)
    contract = str(ROOT / "data" / "contracts" / f"{name}.yaml")
    nothing_outside(out)
    run(
        Log(path=str(path), files="*", contract=contract, ends_on=None, warm_up_days=0),
        Ingest(max_quarantined=0.5, chunk_rows=100_000),
        Engine(kind="local", buckets=4),
        Features(only=None, drop=()),
        out / "events",
        out / "quarantine",
        out / "ingest.json",
        out / "anonymous",
        out / "reports/external.json",
    )
    write_manifest(out / "events")  # which the runner does
    report = read_json(out / "ingest.json")
    assert report["lines"] == report["kept"] + report["duplicates"] + report["quarantined"]["total"]
    assert isinstance(report, dict)
    return report


def test_the_retailer_has_its_customers_refunds_and_last_day(tmp_path: Path) -> None:
    report = ingest("online_retail", "online_retail/online_retail.csv.gz", tmp_path)
    assert (report["lines"], report["users"], report["duplicates"]) == (541_909, 4_372, 5_225)
    assert report["quarantined"]["reasons"] == {"missing_user": 135_080}
    assert report["kinds"] == {"purchase": 392_732, "refund": 8_872}
    assert (report["log_start"], report["log_end"]) == ("2010-12-01", "2011-12-09")
    assert not any(report["clock"].values())
    events = read_buckets(tmp_path / "events")
    assert events["amount"].sum() == pytest.approx(8_278_519.42)
    assert "17850" in events["user_id"]


def test_the_record_shop_keeps_its_zero_amounts_and_is_quiet_at_no_end(tmp_path: Path) -> None:
    report = ingest("cdnow", "cdnow/CDNOW_master.txt.gz", tmp_path)
    assert (report["lines"], report["kept"], report["users"]) == (69_659, 69_659, 23_570)
    assert (report["log_start"], report["log_end"]) == ("1997-01-01", "1998-06-30")
    assert "clock" not in report["tells"]
    assert read_buckets(tmp_path / "events")["amount"].sum() == pytest.approx(2_500_315.63)


def test_the_impossible_offset_is_quarantined_and_clocks_that_run_ahead_are_counted(tmp_path: Path) -> None:
    report = ingest("rails_git", "rails_git/events.csv.gz", tmp_path)
    assert (report["lines"], report["users"]) == (105_414, 6_954)
    assert report["quarantined"]["reasons"] == {"unreadable_time": 1}
    assert (report["log_start"], report["log_end"]) == ("2004-11-24", "2026-08-22")
    faults = {fault: count for fault, count in report["clock"].items() if count}
    assert faults == {"impossible_offset": 1, "ahead_of_neighbours": 3}
    check = check_clock(report["clock"], report["lines"])
    assert check.verdict == "warn"
    assert "an offset of more than 14 hours, left out: 1;" in check.sentence
