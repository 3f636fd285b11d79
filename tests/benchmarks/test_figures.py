"""The figures of the bench: rates per feature, the exponent of growth, the list that is written."""

import json
from pathlib import Path

import pytest

from benchmarks.entries import Entry, store
from benchmarks.processes import Cost
from benchmarks.run import ASKED_FOR, main
from benchmarks.scale import exponent
from benchmarks.side_by_side import Side


def test_a_rate_counts_the_features_that_the_side_makes_itself() -> None:
    side = Side([Cost(9, 4, 1), Cost(10, 5, 1), Cost(30, 6, 1)], features=50)
    assert side.rate(1000, "seconds") == 1000 * 50 / 10
    assert side.rate(1000, "cpu_seconds") == 1000 * 50 / 5


@pytest.mark.parametrize("slope", [0.9, 1.0, 1.3])
def test_the_exponent_of_a_power_is_that_power(slope: float) -> None:
    assert exponent([(x, 3 * x**slope) for x in (1e6, 1e7, 1e8)]) == pytest.approx(slope)


def test_the_one_that_takes_an_hour_runs_only_when_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
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
    monkeypatch.setattr("benchmarks.run.beside_other_explainers", lambda: noted("contributions"))
    monkeypatch.setattr("benchmarks.run.up_to_100m", lambda *_: noted(ASKED_FOR))
    main([])
    assert ran == ["stages", "repro", "features_20m", "real_logs", "learning", "contributions"]
    main(["--only", ASKED_FOR])
    assert ran[6:] == [ASKED_FOR]
    listed = json.loads((tmp_path / "reports/bench.json").read_text("utf-8"))
    assert [entry["name"] for entry in listed] == ran


def test_measuring_one_anew_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    store([Entry("a", "s", 1.0), Entry("b", "s", 2.0)], path, keep_others=False)
    store([Entry("a", "s", 3.0, {"x": 4.0}, 5.0, 6)], path, keep_others=True)
    assert json.loads(path.read_text("utf-8")) == [
        {"name": "b", "unit": "s", "ours": 2.0, "peers": {}, "peak_mib": None, "rows": None},
        {"name": "a", "unit": "s", "ours": 3.0, "peers": {"x": 4.0}, "peak_mib": 5.0, "rows": 6},
    ]
