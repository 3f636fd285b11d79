"""What `ingest` found out about the log as a whole, as the later stages need it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.errors import InputError
from pipeline.storage.frames import read_json


@dataclass(frozen=True, slots=True)
class LogFacts:
    """First day, last complete day, and what the log turned out to tell (as `Contract.tells`).

    `log_days`: how many days the log has, both ends counted; it decides which windows there are. A replay ends
    the log earlier, and leaves that as it is.
    """

    log_start: date
    log_end: date
    tells: frozenset[str]
    log_days: int


def days_from(first: date, last: date) -> int:
    """How many days there are from `first` to `last`, both counted."""
    return (last - first).days + 1


def read_facts(ingest_report: Path) -> LogFacts:
    """The facts in `reports/ingest.json`. Raises InputError when the report does not say them."""
    found = read_json(ingest_report)
    lacking = [name for name in ("log_start", "log_end", "log_days", "tells") if name not in found]
    if lacking:
        raise InputError(f"{ingest_report}: {', '.join(lacking)} is missing.\nRun: dvc repro ingest")
    start, end = (date.fromisoformat(found[name]) for name in ("log_start", "log_end"))
    return LogFacts(start, end, frozenset(found["tells"]), int(found["log_days"]))


def log_tells(ingest_report: Path) -> tuple[dict[str, int], list[str]]:
    """Each kind of event in the log with how many there are, and what the log tells, sorted."""
    found = read_json(ingest_report)
    return dict(found.get("kinds", {})), sorted(found["tells"])
