"""Stage `ingest`: a raw log becomes canonical events, one file per bucket of users.

Promise: `lines == kept + duplicates + quarantined`, whatever the log holds; the same log gives the
same bytes. A line that names a counterpart is also stored with the counterpart, as `received`; all figures
but `received` are of the lines themselves. Two passes: chunks are cut into buckets on disk, then each bucket
is sorted on its own, so memory is bounded by a chunk and by a bucket.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from features.contract.checks import check_without_clock
from features.contract.external_data import ExternalData
from features.contract.model import OPTIONAL_COLUMNS, Contract
from features.events.clock_faults import CLOCK_FAULTS, ClockFault, day_faults
from features.events.extraction import (
    EVENT_ID,
    ORDER,
    REJECTED,
    SAME,
    UNREADABLE,
    Plan,
    event_schema,
    extract_events,
    plan_events,
    told_by,
)
from features.events.log_bounds import LogBounds, log_bounds
from features.events.received import received_events, with_received
from pipeline.config.params import Engine, Features, Ingest, Log
from pipeline.errors import InputError
from pipeline.ingestion.csv_records import Records
from pipeline.ingestion.readers import log_files, read_log
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.facts import FACTS_FILE, LogFacts, days_from, write_facts
from pipeline.log.feature_set import features_in_use, features_report
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.frames import bucket_file, write_json, write_parquet
from pipeline.storage.partitioning import bucket_of

_BUCKET = "@bucket"
_OWN_PARTS, _RECEIVED_PARTS = "own", "received"


@dataclass(slots=True)
class _Quarantine:
    """Writes rejected lines as they come; knows how many there are of which reason, and the first of each."""

    path: Path
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    _writer: pq.ParquetWriter | None = None

    def add(self, lines: pl.DataFrame) -> None:
        table = lines.sort("line").to_arrow()
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self._writer.write_table(table)
        for reason, count in lines["reason"].value_counts().iter_rows():
            self.reasons[reason] += count
            example = lines.filter(pl.col("reason") == reason).row(0, named=True)
            said = f"{example['file']}:{example['line']}: {example['text'][:200]!r}"
            self.examples.setdefault(reason, said)

    def close(self) -> None:
        self.add(pl.DataFrame(schema=REJECTED))
        if self._writer is not None:
            self._writer.close()


@dataclass(frozen=True, slots=True)
class _Bucket:
    """What one bucket holds."""

    lines: int
    kept: int
    received: int
    unreadable: int
    users: int
    told: frozenset[str]
    kinds: dict[str, int]
    countries: dict[str, int]
    days: pl.DataFrame
    first: datetime | None
    last: datetime | None


def run(
    log: Log,
    ingest: Ingest,
    engine: Engine,
    features: Features,
    events: Out = Path("data/events"),
    quarantine: Out = Path("data/quarantine"),
    report: Out = Path("reports/ingest.json"),
    external_report: In = Path("reports/external.json"),
) -> None:
    """Read the log by its contract, set aside what is no event, and say how many of what there are.

    Raises InputError when no event is left or too many lines are quarantined, ContractError when the
    contract does not fit the log; also when `features` cannot be made, before the log is read if that shows.
    """
    contract = load_contract(log.contract)
    told = read_external_data(external_report)
    features_in_use(contract, features, outside=told)
    files = log_files(log.path, log.files)
    parts = events / ".parts"
    aside = _Quarantine(quarantine / "lines.parquet")
    lines, clock = _cut(files, contract, ingest.chunk_rows, engine.buckets, parts, aside)
    _check_share(log, ingest, aside, lines)
    buckets = over_buckets(
        lambda bucket: _store(contract, parts, events, bucket),
        range(engine.buckets),
        "ingest: sorting buckets",
    )
    shutil.rmtree(parts, ignore_errors=True)
    days = pl.concat([bucket.days for bucket in buckets])
    bounds = log_bounds(days, log.ends_on)
    faults = clock + day_faults(days, bounds, log.ends_on)
    facts = LogFacts(
        log_start=bounds.log_start,
        log_end=bounds.log_end,
        log_days=days_from(bounds.log_start, bounds.log_end),
        tells=_tells(contract, buckets),
        kinds=_most_first(bucket.kinds for bucket in buckets),
        lines=lines,
        clock={fault: faults[fault] for fault in CLOCK_FAULTS},
    )
    write_facts(facts, events / FACTS_FILE)
    said = _report(log, contract, len(files), facts, bounds, aside, buckets, features, told)
    _warn(contract, said["kinds_never_seen"], said["countries_unknown"])
    write_json(said, report)


def _cut(
    files: list[Path], contract: Contract, chunk_rows: int, buckets: int, parts: Path, aside: _Quarantine
) -> tuple[int, Counter[ClockFault]]:
    """First pass: write the events of each chunk by bucket; the lines read, and the faults of their clocks."""
    plan: Plan | None = None
    lines, clock = 0, Counter[ClockFault]()
    try:
        for number, chunk in enumerate(read_log(files, contract, chunk_rows)):
            if plan is None or contract.format == "jsonl":
                plan = plan_events(contract, chunk.rows.schema)
            clock += _cut_chunk(plan, chunk, lines, number, buckets, parts, aside)
            lines += chunk.rows.height + chunk.broken.height
            sys.stderr.write(f"ingest: {lines:,} lines read\n")
    finally:
        aside.close()
    return lines, clock


def _cut_chunk(
    plan: Plan, chunk: Records, first_order: int, number: int, buckets: int, parts: Path, aside: _Quarantine
) -> Counter[ClockFault]:
    found = extract_events(plan, chunk.rows, first_order)
    aside.add(pl.concat([chunk.broken, found.rejected]))
    _place(found.events, buckets, parts, f"{_OWN_PARTS}-{number:08d}.parquet")
    if plan.contract.has("counterpart"):
        _place(received_events(found.events), buckets, parts, f"{_RECEIVED_PARTS}-{number:08d}.parquet")
    return found.clock


def _place(events: pl.DataFrame, buckets: int, parts: Path, name: str) -> None:
    placed = events.with_columns(bucket_of(events["user_id"], buckets).alias(_BUCKET))
    for key, part in placed.partition_by(_BUCKET, as_dict=True, include_key=False).items():
        write_parquet(part, bucket_file(parts, key[0]).with_name(name))


def _store(contract: Contract, parts: Path, events: Path, bucket: int) -> _Bucket:
    """Second pass: one bucket without duplicates, sorted by user, time and place in the log."""
    schema = event_schema(contract)
    read = _read_parts(parts, bucket, _OWN_PARTS)
    if read is None:
        write_parquet(pl.DataFrame(schema=schema), bucket_file(events, bucket))
        days = pl.DataFrame(schema={"day": pl.Date(), "events": pl.UInt32()})
        return _Bucket(0, 0, 0, 0, 0, frozenset(), {}, {}, days, None, None)
    own = whole = read.filter(~_is_duplicate(contract, ("user_id",)))
    got = _read_parts(parts, bucket, _RECEIVED_PARTS)
    if got is not None:  # what two senders write is never the same event
        whole = with_received(own, got.filter(~_is_duplicate(contract, ("user_id", "counterpart"))))
    write_parquet(whole.sort("user_id", "at", ORDER).select(*schema), bucket_file(events, bucket))
    received = whole.height - own.height
    return _Bucket(
        lines=read.height,
        kept=own.height,
        received=received,
        unreadable=int(own[UNREADABLE].sum()) if UNREADABLE in own.columns else 0,
        users=own["user_id"].n_unique(),
        told=told_by(contract, own) | ({"received"} if received else set()),
        kinds=dict(own["kind"].value_counts().iter_rows()),
        countries=_countries(own),
        days=own.group_by(contract.day_of(pl.col("at")).alias("day")).agg(
            pl.len().cast(pl.UInt32).alias("events")
        ),
        first=own.select(pl.col("at").min()).item(),
        last=own.select(pl.col("at").max()).item(),
    )


def _countries(kept: pl.DataFrame) -> dict[str, int]:
    """How many events name which country."""
    if "country" not in kept.columns:
        return {}
    return dict(kept["country"].drop_nulls().value_counts().iter_rows())


def _read_parts(parts: Path, bucket: int, role: str) -> pl.DataFrame | None:
    files = sorted(bucket_file(parts, bucket).parent.glob(f"{role}-*.parquet"))
    return pl.concat([pl.read_parquet(file) for file in files]) if files else None


def _is_duplicate(contract: Contract, who: tuple[str, ...]) -> pl.Expr:
    """Whether an earlier line of the same people (columns `who`) has the same id, or is the same word for word."""
    if contract.duplicates == "keep":
        return pl.lit(value=False)
    key = EVENT_ID if contract.duplicates == "event_id" else SAME
    return pl.col(key).is_not_null() & ~pl.struct(*who, key).is_first_distinct()


def _check_share(log: Log, ingest: Ingest, aside: _Quarantine, lines: int) -> None:
    quarantined = aside.reasons.total()
    if lines == 0:
        raise InputError(f"{log.path}: holds no line of data.\nGive a log with events, or correct log.files.")
    if quarantined < lines and quarantined <= ingest.max_quarantined * lines:
        return
    most = "\n".join(
        f"  {reason}: {count:,} lines, first {aside.examples[reason]}"
        for reason, count in aside.reasons.most_common(3)
    )
    share, allowed = quarantined / lines, ingest.max_quarantined
    what = "no event is left" if quarantined == lines else f"ingest.max_quarantined allows {allowed:.1%}"
    raise InputError(
        f"{log.path}: {quarantined:,} of {lines:,} lines ({share:.1%}) cannot be used; {what}.\n{most}\n"
        f"Correct the contract {log.contract} (columns, time.format), the log, or ingest.max_quarantined."
    )


def _report(
    log: Log,
    contract: Contract,
    files: int,
    facts: LogFacts,
    bounds: LogBounds,
    aside: _Quarantine,
    buckets: list[_Bucket],
    features: Features,
    outside: ExternalData,
) -> dict[str, Any]:
    countries = _most_first(bucket.countries for bucket in buckets)
    kept = sum(bucket.kept for bucket in buckets)
    unreadable = sum(bucket.unreadable for bucket in buckets)
    never_seen = [kind for kind in _kinds_named(contract) if kind not in facts.kinds]
    quarantined = aside.reasons.total()
    return {
        "log": log.path,
        "contract": log.contract,
        "files": files,
        "lines": facts.lines,
        "kept": kept,
        "duplicates": sum(bucket.lines for bucket in buckets) - kept,
        "quarantined": {
            "total": quarantined,
            "share": round(quarantined / facts.lines, 6),
            "reasons": dict(sorted(aside.reasons.items())),
        },
        **({"received": sum(bucket.received for bucket in buckets)} if contract.has("counterpart") else {}),
        "amounts": {"unreadable": unreadable},
        "kinds": facts.kinds,
        "kinds_without_group": {
            kind: n for kind, n in facts.kinds.items() if kind not in contract.kind_groups
        },
        "kinds_never_seen": never_seen,
        "countries_unknown": {
            name: n for name, n in countries.items() if contract.country.code(name) is None
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
        "features": features_report(contract, features, facts, outside),
    }


def _most_first(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in counts:
        total.update(part)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _tells(contract: Contract, buckets: list[_Bucket]) -> frozenset[str]:
    """What the contract promises, without the columns that no event fills, a clock that no time shows, and
    received events when no counterpart is a user.

    Raises ContractError when the contract asks for a clock all the same.
    """
    told = frozenset().union(*(bucket.told for bucket in buckets))
    if "clock" not in told:
        check_without_clock(contract)
    return contract.tells - ({"clock", "received", *OPTIONAL_COLUMNS} - told)


def _kinds_named(contract: Contract) -> list[str]:
    """The kinds in groups and presence, each once, in the contract's order."""
    return list(dict.fromkeys([*contract.kind_groups, *(contract.presence.kinds or ())]))


def _warn(contract: Contract, never_seen: list[str], unknown: Mapping[str, int]) -> None:
    missing = [repr(kind) for kind in contract.presence.kinds or () if kind in never_seen]
    if missing:
        sys.stderr.write(
            f"ingest: {contract.name}: presence.kinds names {', '.join(missing)}, which no event of the log is.\n"
        )
    if unknown:
        named = ", ".join(f"{name} ({count:,})" for name, count in list(unknown.items())[:10])
        sys.stderr.write(
            f"ingest: {contract.name}: events in countries not known: {named}. country.names may say what they mean.\n"
        )


if __name__ == "__main__":
    main(run)
