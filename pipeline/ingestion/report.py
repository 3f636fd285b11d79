"""The results of ingesting a log: the facts for later stages, and the report for people."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from features.contract.checks import check_names, check_without_clock
from features.contract.model import OPTIONAL_COLUMNS, Contract
from features.events.clock_faults import CLOCK_FAULTS, day_faults
from features.events.log_bounds import LogBounds, log_bounds
from pipeline.config.secrets import without_secrets
from pipeline.config.sections import Log
from pipeline.ingestion.left_out import left_out_of, never_seen
from pipeline.ingestion.merge import Bucket
from pipeline.ingestion.partition import Read
from pipeline.log.facts import LogFacts, days_from

_SHOWN_COUNTRIES = 10


@dataclass(frozen=True, slots=True)
class Ingested:
    """The counts of reading a log.

    `files`: their number; `read`: what the first pass read.
    """

    files: int
    read: Read
    buckets: Sequence[Bucket]


def facts_of(ingested: Ingested, contract: Contract, log: Log) -> tuple[LogFacts, LogBounds]:
    """The facts of the log as a whole, and where it begins and ends.

    Raises ContractError when the contract asks for a time of day that the log does not have, or names a kind that does
    not occur.
    """
    kinds = _most_first(bucket.kinds for bucket in ingested.buckets)
    check_names(contract, kinds)
    days = pl.concat([bucket.days for bucket in ingested.buckets])
    bounds = log_bounds(days, log.ends_on)
    faults = ingested.read.clock + day_faults(days, bounds, log.ends_on)
    countries = _most_first(bucket.countries for bucket in ingested.buckets)
    facts = LogFacts(
        log_start=bounds.log_start,
        log_end=bounds.log_end,
        log_days=days_from(bounds.log_start, bounds.log_end),
        tells=_tells(contract, ingested.buckets),
        kinds=kinds,
        lines=ingested.read.lines,
        left_out=left_out_of(ingested.read, ingested.buckets, contract, kinds, countries),
        never_seen=never_seen(_kinds_named(contract), kinds),
        clock={fault: faults[fault] for fault in CLOCK_FAULTS},
    )
    return facts, bounds


def report_of(
    ingested: Ingested, facts: LogFacts, bounds: LogBounds, contract: Contract, log: Log
) -> dict[str, Any]:
    """`reports/ingest.json`, without its key `features`."""
    buckets = ingested.buckets
    countries = _most_first(bucket.countries for bucket in buckets)
    kept = sum(bucket.kept for bucket in buckets)
    reasons = Counter[str]()
    for (_, reason), count in ingested.read.rejected.items():
        reasons[reason] += count
    return {
        "log": without_secrets(log.path),
        "contract": log.contract,
        "files": ingested.files,
        "lines": facts.lines,
        "kept": kept,
        "duplicates": sum(bucket.lines for bucket in buckets) - kept,
        "quarantined": {
            "total": reasons.total(),
            "share": round(reasons.total() / facts.lines, 6),
            "reasons": dict(sorted(reasons.items())),
        },
        "excluded": ingested.read.excluded,
        **({"received": sum(bucket.received for bucket in buckets)} if contract.has("counterpart") else {}),
        "amounts": {"unreadable": sum(int(bucket.days["unreadable"].sum()) for bucket in buckets)},
        "kinds": facts.kinds,
        "kinds_without_group": {
            kind: events for kind, events in facts.kinds.items() if kind not in contract.kind_groups
        },
        "kinds_never_seen": list(facts.never_seen),
        "countries_unknown": {
            name: events for name, events in countries.items() if contract.country.code(name) is None
        },
        "users": sum(bucket.users for bucket in buckets),
        "log_start": facts.log_start.isoformat(),
        "log_end": facts.log_end.isoformat(),
        "log_days": facts.log_days,
        "first_event_at": min(bucket.first for bucket in buckets if bucket.first).isoformat(),
        "last_event_at": max(bucket.last for bucket in buckets if bucket.last).isoformat(),
        "outside": {"before_start": bounds.before_start, "after_end": bounds.after_end},
        "clock": facts.clock,
        "tells": sorted(facts.tells),
    }


def warn(report: Mapping[str, Any], contract: Contract) -> None:
    """Warn on stderr of possible faults of the contract: kinds of presence, and countries."""
    never_seen, unknown = report["kinds_never_seen"], report["countries_unknown"]
    missing = [repr(kind) for kind in contract.presence.kinds or () if kind in never_seen]
    if missing:
        sys.stderr.write(
            f"ingest: {contract.name}: presence.kinds names {', '.join(missing)}. The log has no such event.\n"
        )
    if unknown:
        shown = list(unknown.items())[:_SHOWN_COUNTRIES]
        names = ", ".join(f"{name} ({events:,})" for name, events in shown)
        sys.stderr.write(
            f"ingest: {contract.name}: unknown countries: {names}. Say in country.names what they mean.\n"
        )


def _most_first(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _tells(contract: Contract, buckets: Sequence[Bucket]) -> frozenset[str]:
    """The promises of the contract that the events keep.

    Dropped are columns that no event fills, the clock when every event is at midnight, and received events when no
    counterpart is a user.
    """
    held = frozenset().union(*(bucket.tells for bucket in buckets))
    if "clock" not in held:
        check_without_clock(contract)
    return contract.tells - ({"clock", "received", *OPTIONAL_COLUMNS} - held)


def _kinds_named(contract: Contract) -> list[str]:
    """The kinds in groups and presence, each once, in the contract's order."""
    return list(dict.fromkeys([*contract.kind_groups, *(contract.presence.kinds or ())]))
