"""Stage `ingest`: a raw log becomes canonical events, one file per bucket of users.

Promise: `lines == kept + duplicates + quarantined`, whatever the log holds; the same log gives the
same bytes. Two passes: chunks are cut into buckets on disk, then each bucket is sorted on its own, so
memory is bounded by a chunk and by a bucket.
"""

import shutil
import sys
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from features.contract import OPTIONAL_COLUMNS, Contract
from features.contract_checks import check_without_clock
from features.events import (
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
from features.log_bounds import log_bounds
from pipeline.contracts import load_contract
from pipeline.engine import over_buckets
from pipeline.errors import InputError
from pipeline.features_in_use import features_in_use, features_report
from pipeline.log_facts import LogFacts
from pipeline.params import Engine, Features, Ingest, Log
from pipeline.reading import log_files, read_log
from pipeline.records import Records
from pipeline.stage import Out, main
from pipeline.storage import bucket_file, write_json, write_parquet

_BUCKET = "@bucket"


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
    unreadable: int
    users: int
    told: frozenset[str]
    kinds: dict[str, int]
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
) -> None:
    """Read the log by its contract, set aside what is no event, and say how many of what there are.

    Raises InputError when no event is left or too many lines are quarantined, ContractError when the
    contract does not fit the log; also when `features` cannot be made, before the log is read if that shows.
    """
    contract = load_contract(log.contract)
    features_in_use(contract, features)
    files = log_files(log.path, log.files)
    parts = events / ".parts"
    aside = _Quarantine(quarantine / "lines.parquet")
    lines = _cut(files, contract, ingest.chunk_rows, engine.buckets, parts, aside)
    _check_share(log, ingest, aside, lines)
    buckets = over_buckets(
        lambda bucket: _store(contract, parts, events, bucket),
        range(engine.buckets),
        "ingest: sorting buckets",
    )
    shutil.rmtree(parts, ignore_errors=True)
    said = _report(log, contract, len(files), lines, aside, buckets, features)
    _warn(contract, said["kinds_never_seen"])
    write_json(said, report)


def bucket_of(user_ids: pl.Series, buckets: int) -> pl.Series:
    """The bucket of each user: CRC-32 of the UTF-8 id, modulo `buckets`; the same on any machine."""
    users = user_ids.unique()
    numbers = [zlib.crc32(user.encode()) % buckets for user in users]
    return user_ids.replace_strict(users, pl.Series(numbers, dtype=pl.Int32), return_dtype=pl.Int32)


def _cut(
    files: list[Path], contract: Contract, chunk_rows: int, buckets: int, parts: Path, aside: _Quarantine
) -> int:
    """First pass: write the events of each chunk by bucket, and give the number of lines read."""
    plan: Plan | None = None
    lines = 0
    try:
        for number, chunk in enumerate(read_log(files, contract, chunk_rows)):
            if plan is None or contract.format == "jsonl":
                plan = plan_events(contract, chunk.rows.schema)
            _cut_chunk(plan, chunk, lines, number, buckets, parts, aside)
            lines += chunk.rows.height + chunk.broken.height
            sys.stderr.write(f"ingest: {lines:,} lines read\n")
    finally:
        aside.close()
    return lines


def _cut_chunk(
    plan: Plan, chunk: Records, first_order: int, number: int, buckets: int, parts: Path, aside: _Quarantine
) -> None:
    found = extract_events(plan, chunk.rows, first_order)
    aside.add(pl.concat([chunk.broken, found.rejected]))
    placed = found.events.with_columns(bucket_of(found.events["user_id"], buckets).alias(_BUCKET))
    for key, part in placed.partition_by(_BUCKET, as_dict=True, include_key=False).items():
        write_parquet(part, bucket_file(parts, key[0]).with_name(f"{number:08d}.parquet"))


def _store(contract: Contract, parts: Path, events: Path, bucket: int) -> _Bucket:
    """Second pass: one bucket without duplicates, sorted by user, time and place in the log."""
    schema = event_schema(contract)
    files = sorted(bucket_file(parts, bucket).parent.glob("*.parquet"))
    if not files:
        write_parquet(pl.DataFrame(schema=schema), bucket_file(events, bucket))
        days = pl.DataFrame(schema={"day": pl.Date(), "events": pl.UInt32()})
        return _Bucket(0, 0, 0, 0, frozenset(), {}, days, None, None)
    read = pl.concat([pl.read_parquet(file) for file in files])
    kept = read.filter(~_is_duplicate(contract)).sort("user_id", "at", ORDER)
    write_parquet(kept.select(*schema), bucket_file(events, bucket))
    return _Bucket(
        lines=read.height,
        kept=kept.height,
        unreadable=int(kept[UNREADABLE].sum()) if UNREADABLE in kept.columns else 0,
        users=kept["user_id"].n_unique(),
        told=told_by(contract, kept),
        kinds=dict(kept["kind"].value_counts().iter_rows()),
        days=kept.group_by(contract.day_of(pl.col("at")).alias("day")).agg(
            pl.len().cast(pl.UInt32).alias("events")
        ),
        first=kept.select(pl.col("at").min()).item(),
        last=kept.select(pl.col("at").max()).item(),
    )


def _is_duplicate(contract: Contract) -> pl.Expr:
    """Whether an earlier line of the same user has the same id, or is the same word for word."""
    if contract.duplicates == "keep":
        return pl.lit(value=False)
    key = EVENT_ID if contract.duplicates == "event_id" else SAME
    return pl.col(key).is_not_null() & ~pl.struct("user_id", key).is_first_distinct()


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
    lines: int,
    aside: _Quarantine,
    buckets: list[_Bucket],
    features: Features,
) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    for bucket in buckets:
        kinds.update(bucket.kinds)
    ordered = dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    bounds = log_bounds(pl.concat([bucket.days for bucket in buckets]), log.ends_on)
    kept = sum(bucket.kept for bucket in buckets)
    unreadable = sum(bucket.unreadable for bucket in buckets)
    never_seen = [kind for kind in _kinds_named(contract) if kind not in kinds]
    quarantined = aside.reasons.total()
    facts = LogFacts(bounds.log_start, bounds.log_end, _tells(contract, buckets))
    return {
        "log": log.path,
        "contract": log.contract,
        "files": files,
        "lines": lines,
        "kept": kept,
        "duplicates": sum(bucket.lines for bucket in buckets) - kept,
        "quarantined": {
            "total": quarantined,
            "share": round(quarantined / lines, 6),
            "reasons": dict(sorted(aside.reasons.items())),
        },
        "amounts": {"unreadable": unreadable},
        "kinds": ordered,
        "kinds_without_group": {kind: n for kind, n in ordered.items() if kind not in contract.kind_groups},
        "kinds_never_seen": never_seen,
        "users": sum(bucket.users for bucket in buckets),
        "log_start": bounds.log_start.isoformat(),
        "log_end": bounds.log_end.isoformat(),
        "first_event_at": min(bucket.first for bucket in buckets if bucket.first).isoformat(),
        "last_event_at": max(bucket.last for bucket in buckets if bucket.last).isoformat(),
        "outside": {"before_start": bounds.before_start, "after_end": bounds.after_end},
        "tells": sorted(facts.tells),
        "features": features_report(contract, features, facts),
    }


def _tells(contract: Contract, buckets: list[_Bucket]) -> frozenset[str]:
    """What the contract promises, without the columns that no event fills and a clock that no time shows.

    Raises ContractError when the contract asks for a clock all the same.
    """
    told = frozenset().union(*(bucket.told for bucket in buckets))
    if "clock" not in told:
        check_without_clock(contract)
    return contract.tells - ({"clock", *OPTIONAL_COLUMNS} - told)


def _kinds_named(contract: Contract) -> list[str]:
    """The kinds in groups and presence, each once, in the contract's order."""
    return list(dict.fromkeys([*contract.kind_groups, *(contract.presence.kinds or ())]))


def _warn(contract: Contract, never_seen: list[str]) -> None:
    missing = [repr(kind) for kind in contract.presence.kinds or () if kind in never_seen]
    if missing:
        sys.stderr.write(
            f"ingest: {contract.name}: presence.kinds names {', '.join(missing)}, which no event of the log is.\n"
        )


if __name__ == "__main__":
    main(run)
