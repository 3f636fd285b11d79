"""The results of ingesting a log: the facts for later stages, the report for people, and logs that cannot be used."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from features.contract.checks import check_names, check_without_clock
from features.contract.model import Contract
from features.errors import ContractError
from features.events.clock_faults import CLOCK_FAULTS, day_faults
from features.events.log_bounds import LogBounds, log_bounds
from pipeline.config.secrets import without_secrets
from pipeline.config.sections import Log
from pipeline.errors import InputError
from pipeline.ingestion.identities import Identities
from pipeline.ingestion.left_out import left_out_of, never_seen
from pipeline.ingestion.merge import Bucket
from pipeline.ingestion.partition import Read
from pipeline.ingestion.quarantine import Quarantine
from pipeline.log.facts import LogFacts, days_from

_SHOWN_COUNTRIES = 10
_SHOWN_REASONS = 3
_MOST_OF_ANOTHER_UNIT = 0.9


@dataclass(frozen=True, slots=True)
class Ingested:
    """The counts of reading a log.

    `files`: their number; `read`: what the first pass read.
    """

    files: int
    read: Read
    buckets: Sequence[Bucket]
    identities: Identities


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
        "users": sum(bucket.users for bucket in buckets) - ingested.identities.visitors,
        **({"identity": asdict(ingested.identities)} if contract.identity is not None else {}),
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
    return contract.tells - ({"clock", "received", *contract.optional_columns} - held)


def _kinds_named(contract: Contract) -> list[str]:
    """The kinds in groups and presence, each once, in the contract's order."""
    return list(dict.fromkeys([*contract.kind_groups, *(contract.presence.kinds or ())]))


def refuse_unusable(quarantine: Quarantine, read: Read, most: float, log: str, contract: str) -> None:
    """Raise InputError when the log `log` has no event, or more than the share `most` of its lines is rejected.

    `read`: what the first pass read; `contract`: the file that says how to read it.
    """
    rejected, lines = quarantine.reasons.total(), read.lines - read.excluded
    if read.lines and not lines:
        raise InputError(
            f"{log}: all {read.lines:,} lines are left out by exclude in {contract}.\nCorrect the condition."
        )
    if lines == 0:
        raise InputError(f"{log}: holds no line of data.\nGive a log with events, or correct log.files.")
    if rejected < lines and rejected <= most * lines:
        return
    reasons = "\n".join(
        f"  {reason}: {count:,} lines, first {quarantine.examples[reason]}"
        for reason, count in quarantine.reasons.most_common(_SHOWN_REASONS)
    )
    why = "no event is left" if rejected == lines else f"ingest.max_quarantined allows {most:.1%}"
    raise InputError(
        f"{log}: {rejected:,} of {lines:,} lines ({rejected / lines:.1%}) cannot be used; {why}.\n{reasons}\n"
        f"Correct the contract {contract} (columns, time.format), the log, or ingest.max_quarantined."
    )


def refuse_other_unit(read: Read, contract: Contract) -> None:
    """Raise ContractError when nearly all times count another unit than `time.format`: then the contract is wrong."""
    other, lines = read.clock["other_epoch_unit"], read.lines - read.excluded
    if other > _MOST_OF_ANOTHER_UNIT * lines:
        raise ContractError(
            f"{contract.name}: time.format = {contract.time.format!r}, and {other:,} of {lines:,} lines count another "
            "unit: as it says, they would lie before 1990 or after 2100.\n"
            "Write epoch_s, epoch_ms, epoch_us or epoch_ns; or epoch, which takes the unit from the magnitude."
        )
