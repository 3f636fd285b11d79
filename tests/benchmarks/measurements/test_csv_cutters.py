"""Each cutter gets the same logs; ours puts every line of the fuzz corpus in exactly one place."""

from pathlib import Path

import pytest

from benchmarks.measurements import csv_cutters
from benchmarks.measurements.csv_cutters import on_csv_cutters


@pytest.mark.slow
def test_ours_places_every_line_and_the_others_stand_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the environment of the peers, DuckDB is left out."""
    monkeypatch.setattr(csv_cutters.peer_runs, "peers_python", lambda: None)
    entries = {entry.name: entry for entry in on_csv_cutters(tmp_path, seeds=60, lines=2000)}
    placed = entries["csv: fuzz logs whose every line ends in one place, with its text"]
    assert placed.rows is not None
    assert placed.ours == placed.rows > 5
    assert set(placed.peers) == {"pyarrow", "Polars", "Polars, ragged"}
    assert all(count <= placed.rows for count in placed.peers.values())
    assert set(entries["csv: clean log"].peers) == set(placed.peers)
    read = entries["csv: dirty log, rows read"]
    assert read.ours > read.peers["pyarrow"]  # which takes what follows an open quote for one field
    assert "Polars" not in entries["csv: dirty log"].peers  # it refuses the log as a whole
    assert list(tmp_path.iterdir()) == []
