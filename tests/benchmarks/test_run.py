"""What `make bench` runs, and what it writes."""

import json
from pathlib import Path

import pytest

from benchmarks.run import ASKED_FOR, main
from benchmarks.support.entries import Entry


def test_those_that_take_long_run_only_when_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[str] = []

    def noted(name: str) -> list[Entry]:
        ran.append(name)
        return [Entry(name, "s", 1.0)]

    monkeypatch.setattr("benchmarks.run.ROOT", tmp_path)
    monkeypatch.setattr("benchmarks.run.by_stage", lambda _: noted("stages"))
    monkeypatch.setattr("benchmarks.run.by_dvc", lambda _: noted("repro"))
    monkeypatch.setattr("benchmarks.run.beside_the_speed_of_light", lambda *_: noted("features_20m"))
    monkeypatch.setattr("benchmarks.run.on_real_logs", lambda: noted("real_logs"))
    monkeypatch.setattr("benchmarks.run.beside_bare_lightgbm", lambda: noted("learning"))
    monkeypatch.setattr("benchmarks.run.on_lists", lambda _: noted("lists"))
    monkeypatch.setattr("benchmarks.run.beside_other_explainers", lambda: noted("contributions"))
    monkeypatch.setattr("benchmarks.run.on_sinks", lambda _: noted("sinks"))
    monkeypatch.setattr("benchmarks.run.on_csv_cutters", lambda _: noted("csv"))
    monkeypatch.setattr("benchmarks.run.on_business", lambda *_: noted("business"))
    monkeypatch.setattr("benchmarks.run.on_campaigns", lambda *_: noted("campaign"))
    monkeypatch.setattr("benchmarks.run.on_delivery", lambda *_: noted("delivery"))
    monkeypatch.setattr("benchmarks.run.up_to_100m", lambda *_: noted("scale_100m"))
    main([])
    assert ran == [
        "stages", "repro", "features_20m", "real_logs", "learning", "lists", "contributions", "sinks", "csv",
        "business",
    ]  # fmt: skip
    for name in ASKED_FOR:
        main(["--only", name])
    assert ran[10:] == list(ASKED_FOR)
    listed = json.loads((tmp_path / "reports/bench.json").read_text("utf-8"))
    assert [entry["name"] for entry in listed] == ran
