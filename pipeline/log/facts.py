"""The facts of a log as a whole, which `ingest` writes beside the events: `data/events/log.json`.

Promise: stages read facts from here alone; `reports/ingest.json` is for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.storage.files import found_whole, read_whole_json, write_json

FACTS_FILE = "log.json"
"""Its name in the folder of the events."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """First day, last complete day, and what the events of the log hold.

    `log_days`: the length of the log in days, both ends counted. It decides which windows exist. A replay ends the
    log earlier and leaves `log_days` unchanged. `tells`: which of the contract's promises the log keeps
    (`Contract.tells`). `kinds`: the number of events of each kind. `lines`: the number of lines read. `left_out`: what
    is left out, by reason, as `pipeline.ingestion.left_out` says. `never_seen`: kinds that the contract names and no
    event has, with similar ones. `clock`: the number of events with each fault of the clock.
    """

    log_start: date
    log_end: date
    log_days: int
    tells: frozenset[str]
    kinds: Mapping[str, int]
    lines: int
    left_out: Sequence[Mapping[str, Any]]
    never_seen: Mapping[str, Sequence[str]]
    clock: Mapping[str, int]


def days_from(first: date, last: date) -> int:
    """The number of days from `first` to `last`, both counted."""
    return (last - first).days + 1


def write_facts(facts: LogFacts, file: Path) -> None:
    """Write `facts` to `file` as JSON."""
    write_json({**asdict(facts), "tells": sorted(facts.tells)}, file)


def read_facts(file: Path) -> LogFacts:
    """The facts that `write_facts` wrote. Raises InputError when the file lacks one."""
    content = read_whole_json(file)
    lacking = [name for name in LogFacts.__slots__ if name not in content]
    if lacking:
        raise InputError(f"{file}: {', '.join(lacking)} is missing.\nRun: dvc repro ingest")
    with found_whole(file):
        return LogFacts(
            log_start=date.fromisoformat(content["log_start"]),
            log_end=date.fromisoformat(content["log_end"]),
            log_days=int(content["log_days"]),
            tells=frozenset(content["tells"]),
            kinds=dict(content["kinds"]),
            lines=int(content["lines"]),
            left_out=tuple(content["left_out"]),
            never_seen=dict(content["never_seen"]),
            clock=dict(content["clock"]),
        )
