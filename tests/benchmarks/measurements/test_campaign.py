"""Seeds are counted against the aims, and a line says what each has shown."""

from typing import Any

import pytest

from benchmarks.measurements.campaign import entries_of, in_words


def seed(number: int, low: float, high: float, null: float, choice: float) -> dict[str, Any]:
    kept = {"choice": 2.0, "risk": 1.0, "random": 1.0}
    return {
        "seed": number, "episodes": 200, "held_out": 100,
        "world": {"effect": {"value": (low + high) / 2, "low": low, "high": high}, "truth": 0.05},
        "null_world": {"effect": {"value": null, "low": null - 0.05, "high": null + 0.05}},
        "saved": {"choice": choice, "risk": 10.0, "random": 5.0, "kept": kept},
    }  # fmt: skip


def test_each_seed_counts_where_its_aim_is_met() -> None:
    """Of three seeds two hold the true effect, one sees an effect where there is none, one saves less than by risk."""
    seeds = [seed(1, 0.01, 0.09, 0.0, 20.0), seed(2, 0.06, 0.1, -0.06, 20.0), seed(3, 0.0, 0.1, 0.04, 8.0)]
    entries = {entry.name.removeprefix("campaign: "): entry for entry in entries_of(seeds)}
    counted = [entry.ours for entry in entries.values() if entry.unit == "of 3"]
    assert counted == [2, 1, 3, 2]
    assert [peer for entry in entries.values() for peer in entry.peers][:2] == ["at least", "at most"]
    value = entries["true expected value saved by a list"]
    assert value.ours == pytest.approx(16.0)
    assert value.peers == {"random": 5.0, "highest_risk": 10.0}
    assert in_words(seeds[0]).startswith(
        "seed 1: 200 episodes, 100 held out; true effect 5.0 points, found 5.0 (1.0"
    )
