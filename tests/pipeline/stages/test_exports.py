"""The ready contracts of analytics and payment tools read logs as these tools export them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.first_contract.check import check_contract
from pipeline.first_contract.draft import draft_of
from pipeline.first_contract.sample import sample_of
from pipeline.log.contract_file import load_contract
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from tests.support.exports import EXPORTS, lines_of, written
from tests.support.paths import ROOT
from tests.support.shop import EDGES, WHOLE
from tests.support.stage_runs import run_here
from tests.support.tiny import SHOP, nothing_outside, parameters, visits

CONTRACTS = ROOT / "data/contracts/exports"
WITHOUT_AMOUNTS = ("matomo",)
FEW = ("login_days_7d", "login_days_30d", "gap_last_days", "revenue_30d", "logins_life", "sessions_30d")


def laid_out(folder: Path, tool: str, shop: pl.DataFrame, **changes: Any) -> Path:
    """A project in `folder` with the contract of `tool` and the log of `shop` as it exports it."""
    log = written(tool, shop, folder / "log")
    parameters(
        folder, **{**SHOP, "log__path": str(log), "log__contract": str(CONTRACTS / f"{tool}.yaml"), **changes}
    )
    (folder / "data/external/rates").mkdir(parents=True, exist_ok=True)
    nothing_outside(folder)
    return folder


def test_each_tool_has_a_contract_and_each_contract_a_sample() -> None:
    assert {file.stem for file in CONTRACTS.glob("*.yaml")} == set(EXPORTS)


@pytest.mark.parametrize("tool", EXPORTS)
def test_events_have_the_users_times_kinds_and_amounts_of_the_shop(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = visits(users=12, days=40)
    folder = laid_out(tmp_path, tool, shop)
    assert check_contract(CONTRACTS / f"{tool}.yaml", str(folder / "log")).faults == ()
    assert f"data/contracts/exports/{tool}.yaml is ready for it" in draft_of(sample_of(str(folder / "log")))
    run_here(folder, monkeypatch, "rates", "external", "ingest", "activity")
    events = pl.concat([read_buckets(folder / "data/events")]).lazy().collect()
    lines = lines_of(shop)
    contract = load_contract(CONTRACTS / f"{tool}.yaml")
    assert events.height == len(lines)
    assert sorted(events["user_id"]) == sorted(line.who for line in lines)
    assert sorted(events["at"].dt.truncate("1s")) == sorted(line.at for line in lines)
    assert set(events["kind"]) <= set(contract.kind_groups)
    assert events["country"].n_unique() == 1 if contract.has("country") else True
    if tool not in WITHOUT_AMOUNTS:
        paid = sorted(line.paid for line in lines if line.paid is not None)
        assert sorted(events["amount"].drop_nulls()) == pytest.approx(paid, abs=0.006)
    report = read_json(folder / "reports/ingest.json")
    assert (report["quarantined"]["total"], report["amounts"]["unreadable"]) == (0, 0)
    assert (folder / "data/activity").is_dir()


@pytest.mark.parametrize("tool", EXPORTS)
def test_every_kind_that_counts_as_a_login_stands_in_a_group(tool: str) -> None:
    contract = load_contract(CONTRACTS / f"{tool}.yaml")
    assert set(contract.presence.kinds or ()) <= set(contract.kind_groups)
    assert yaml.safe_load((CONTRACTS / f"{tool}.yaml").read_text("utf-8"))["format"] in ("jsonl", "parquet")


def test_a_nested_export_becomes_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one run of a log of structs and lists through all stages, with few features, in some 10 s."""
    folder = laid_out(tmp_path, "ga4", visits(users=90, days=120), features__only=list(FEW), **EDGES)
    run_here(folder, monkeypatch, *WHOLE)
    listed = pl.read_csv(folder / "data/crm/list.csv")
    assert listed.height > 0
    assert set(listed["user_id"]) <= {line.who for line in lines_of(visits(users=90, days=120))}
