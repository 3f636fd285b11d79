"""One entry of `reports/bench.json`, and the printed table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

_WIDTH = 220
"""The width of the table in a log, without a terminal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A measured figure in `unit`, beside those of others; `rows`: the number of rows."""

    name: str
    unit: str
    ours: float
    peers: dict[str, float] = field(default_factory=dict)
    peak_mib: float | None = None
    rows: int | None = None


def store(entries: Sequence[Entry], path: Path, *, keep_others: bool) -> None:
    """Write `entries` as JSON; `keep_others`: entries of other names stay in the file."""
    names = {entry.name for entry in entries}
    before = json.loads(path.read_text("utf-8")) if keep_others and path.is_file() else []
    kept = [entry for entry in before if entry["name"] not in names]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([*kept, *map(_rounded, entries)], indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def show(entries: Sequence[Entry]) -> None:
    """Print `entries` with the ratio of ours to each peer."""
    table = Table(Column("name", no_wrap=True), Column("unit", no_wrap=True))
    for heading in ("ours", "peer", "ours / peer", "peak MiB", "rows"):
        table.add_column(heading, justify="right", no_wrap=True)
    for entry in entries:
        beside = "\n".join(f"{name}: {_figure(value)}" for name, value in entry.peers.items())
        ratios = "\n".join(f"{entry.ours / value:.2f}" for value in entry.peers.values())
        peak = "" if entry.peak_mib is None else _figure(entry.peak_mib)
        rows = "" if entry.rows is None else f"{entry.rows:,}"
        table.add_row(entry.name, entry.unit, _figure(entry.ours), beside, ratios, peak, rows)
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)


def _figure(value: float) -> str:
    if abs(value) < 1:
        return f"{value:.4f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _rounded(entry: Entry) -> dict[str, object]:
    return {
        **asdict(entry),
        "ours": float(f"{entry.ours:.6g}"),
        "peers": {name: float(f"{value:.6g}") for name, value in entry.peers.items()},
        "peak_mib": None if entry.peak_mib is None else round(entry.peak_mib, 1),
    }
