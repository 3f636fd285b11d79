"""The list of figures that the bench writes."""

import json
from pathlib import Path

from benchmarks.support.entries import Entry, store


def test_measuring_one_anew_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    store([Entry("a", "s", 1.0), Entry("b", "s", 2.0)], path, keep_others=False)
    store([Entry("a", "s", 3.0, {"x": 4.0}, 5.0, 6)], path, keep_others=True)
    assert json.loads(path.read_text("utf-8")) == [
        {"name": "b", "unit": "s", "ours": 2.0, "peers": {}, "peak_mib": None, "rows": None},
        {"name": "a", "unit": "s", "ours": 3.0, "peers": {"x": 4.0}, "peak_mib": 5.0, "rows": 6},
    ]
