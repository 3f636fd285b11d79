"""Our cutter of CSV beside DuckDB, pyarrow and Polars: where each line of the fuzz corpus ends, and the speed.

All get the same text in UTF-8, and are told the separator and the number of columns. Ours also gives the place and the
original text of each row, without which a line that turns out unreadable later could not be shown; the others do not.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.support import peer_runs
from benchmarks.support.csv_places import Found, each_line_in_one_place
from benchmarks.support.entries import Entry
from benchmarks.support.processes import Cost, cost_of, python
from benchmarks.support.projects import ROOT, environment

SEEDS = 1500
LINES = 2_000_000
_ROUNDS = 3
_COLUMNS = 7
_OURS, _DUCKDB = "ours", "DuckDB"
_CUTTERS = (_OURS, "pyarrow", "Polars", "Polars, ragged")
_LAWS = {
    "every line in one place": "fuzz logs whose every line ends in one place, with its text",
    "same rows": "fuzz logs with the rows of ours",
    "same rejected": "fuzz logs with the rejected lines and texts of ours",
}


def on_csv_cutters(workdir: Path | None, seeds: int = SEEDS, lines: int = LINES) -> list[Entry]:
    """By law the number of logs of the corpus for which it holds; then lines per second on a clean and a dirty log."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-", dir=workdir))
    peers = peer_runs.peers_python()
    try:
        return [*_on_corpus(folder, peers, seeds), *_on_speed(folder, peers, lines)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _on_corpus(folder: Path, peers: Path | None, seeds: int) -> list[Entry]:
    corpus = folder / "corpus"
    corpus.mkdir()
    _run(folder, python("-m", "benchmarks.tasks.csv_logs", "corpus", corpus, str(seeds)))
    for who in _CUTTERS:
        _run(folder, _command(who, peers, "corpus", corpus))
    if peers is not None:
        _run(folder, _command(_DUCKDB, peers, "corpus", corpus))
    names = sorted(file.name.removesuffix(".about.json") for file in corpus.glob("*.about.json"))
    held = {who: dict.fromkeys(_LAWS, 0) for who in _who(peers)}
    for name in names:
        text = (corpus / f"{name}.csv").read_bytes().decode()
        separator = json.loads((corpus / f"{name}.about.json").read_text("utf-8"))["separator"]
        ours = _found(corpus, name, _OURS)
        for who, laws in held.items():
            found = _found(corpus, name, who)
            if found is not None:
                laws["every line in one place"] += each_line_in_one_place(text, found, separator)
                laws["same rows"] += ours is not None and found.same_rows(ours)
                laws["same rejected"] += ours is not None and found.same_rejected(ours)
    return [
        Entry(f"csv: {title}", "logs", held[_OURS][law], _of_others({who: laws[law] for who, laws in held.items()}),
              None, len(names))
        for law, title in _LAWS.items()
    ]  # fmt: skip


def _on_speed(folder: Path, peers: Path | None, lines: int) -> list[Entry]:
    entries = []
    for kind in ("clean", "dirty"):
        log, said = folder / f"{kind}.csv", folder / "speed.json"
        _run(folder, python("-m", "benchmarks.tasks.csv_logs", kind, log, str(lines)))
        many = log.read_bytes().count(b"\n")
        seconds: dict[str, list[float]] = {who: [] for who in _who(peers)}
        rows: dict[str, float] = {}
        peaks = []
        for _ in range(_ROUNDS):
            for who, spent in seconds.items():
                cost = _run(folder, _command(who, peers, "speed", log, said, str(_COLUMNS)))
                found = json.loads(said.read_text("utf-8"))
                if "failed" in found:
                    sys.stderr.write(f"bench: csv: {kind}: {who} refuses the log: {found['failed'][:80]!r}\n")
                    continue
                spent.append(found["seconds"])
                rows[who] = found["rows"]
                if who == _OURS:
                    peaks.append(cost.peak_mib)
                sys.stderr.write(
                    f"bench: csv: {kind}: {who}: {found['rows']:,} rows, {found['rejected']:,} rejected, "
                    f"{found['seconds']:.2f} s, {cost.peak_mib:,.0f} MiB\n"
                )
        rates = {who: many / median(spent) for who, spent in seconds.items() if spent}
        entries.append(
            Entry(f"csv: {kind} log, rows read", "rows", rows[_OURS], _of_others(rows), None, lines)
        )
        entries.append(
            Entry(f"csv: {kind} log", "lines/s", rates[_OURS], _of_others(rates), max(peaks), many)
        )
    return entries


def _who(peers: Path | None) -> tuple[str, ...]:
    return _CUTTERS if peers is None else (*_CUTTERS, _DUCKDB)


def _of_others(figures: dict[str, float]) -> dict[str, float]:
    return {who: figure for who, figure in figures.items() if who != _OURS}


def _command(who: str, peers: Path | None, *arguments: str | Path) -> list[str | Path]:
    if who == _DUCKDB and peers is not None:
        return [peers, ROOT / "benchmarks/peers/duckdb_csv.py", *arguments]
    return python("-m", "benchmarks.tasks.cut_csv", who, *arguments)


def _found(corpus: Path, name: str, who: str) -> Found | None:
    """What `who` made of a log; None when it refused the log as a whole."""
    found = json.loads((corpus / f"{name}.{who}.json").read_text("utf-8"))
    return None if "failed" in found else Found(**found)


def _run(folder: Path, command: list[str | Path]) -> Cost:
    variables = {**environment(folder), "PYTHONPATH": str(ROOT)}
    return cost_of(command, folder, folder / "bench.log", variables)
