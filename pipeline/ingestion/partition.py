"""First pass over a log: events are written to buckets of users, chunk by chunk.

Promise: memory is bounded by a chunk.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from features.contract.identity import seems_to_link
from features.contract.model import Contract
from features.events.clock_faults import ClockFault
from features.events.extraction import extract_events, plan_events
from features.events.fields import FILE, LINE, TEXT, Plan, nonempty
from features.events.identity import ANONYMOUS, LINKS
from features.events.quantities import QuantityCount, refuse_unreadable
from features.events.received import received_events
from pipeline.ingestion.csv_records import Records
from pipeline.ingestion.quarantine import Quarantine
from pipeline.ingestion.readers import read_log
from pipeline.storage.frames import bucket_file, write_parquet
from pipeline.storage.partitioning import bucket_of

OWN_PARTS, RECEIVED_PARTS, ANONYMOUS_PARTS = "own", "received", "anonymous"
"""Prefixes of a bucket's parts: events of the users, events of others that name a user, and those of visitors who are
anonymous so far.
"""
_BUCKET = "@bucket"


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder of parts by bucket. `number`: the number of buckets."""

    folder: Path
    number: int


@dataclass(slots=True)
class Read:
    """What the first pass read.

    `lines`: their number; `excluded`: those that the contract leaves out; `rejected`: `(day, reason)` → rejected lines,
    where the day is that of the nearest line with a readable time; `placeholders`: ids that name nobody, with their
    lines; `amounts`, `lost_characters`: as of `Extracted`; `clock`: lines by fault of their clock; `links`: those of
    anonymous ids to users, chunk by chunk; `linking`, `anonymous`: lines that would link two ids, and those of
    visitors, if the contract said so; `quantities`: by name the values of the events.
    """

    lines: int = 0
    excluded: int = 0
    rejected: Counter[tuple[date | None, str]] = field(default_factory=Counter)
    placeholders: Counter[str] = field(default_factory=Counter)
    amounts: Counter[str] = field(default_factory=Counter)
    lost_characters: int = 0
    clock: Counter[ClockFault] = field(default_factory=Counter)
    linking: int = 0
    anonymous: int = 0
    links: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=LINKS)])
    quantities: dict[str, QuantityCount] = field(default_factory=dict)


def partition(
    files: Sequence[Path],
    contract: Contract,
    chunk_rows: int,
    parts: Parts,
    quarantine: Quarantine,
    links: pl.DataFrame | None = None,
) -> Read:
    """Write the events of `files` to `parts` and rejected lines to `quarantine`. Raises as `read_log`, and
    ContractError for a quantity without numbers.

    `links`: those of a table (`LINKS`), if the contract names one.
    """
    plan: Plan | None = None
    read = Read() if links is None else Read(links=[links])
    visitors = None if links is None else links["anonymous_id"].unique()
    try:
        for number, chunk in enumerate(read_log(files, contract, chunk_rows)):
            if plan is None or _raw_schema(chunk.rows) != plan.schema:
                plan = plan_events(contract, chunk.rows.schema)
            _partition_chunk(plan, chunk, read, number, parts, quarantine, visitors)
            sys.stderr.write(f"ingest: {read.lines:,} lines read\n")
    finally:
        quarantine.close()
    refuse_unreadable(contract.name, read.quantities)
    return read


def read_parts(parts: Parts, bucket: int, role: str) -> pl.DataFrame | None:
    """The events of a bucket in one `role` (OWN_PARTS, RECEIVED_PARTS), in the order of the log; None without any."""
    files = sorted(bucket_file(parts.folder, bucket).parent.glob(f"{role}-*.parquet"))
    return pl.concat([pl.read_parquet(file) for file in files]) if files else None


def _raw_schema(rows: pl.DataFrame) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in rows.schema.items() if name not in (FILE, LINE, TEXT)}


def _partition_chunk(
    plan: Plan,
    chunk: Records,
    read: Read,
    number: int,
    parts: Parts,
    quarantine: Quarantine,
    visitors: pl.Series | None,
) -> None:
    extracted = extract_events(plan, chunk.rows, read.lines)
    rejected = pl.concat([chunk.broken, extracted.rejected])
    quarantine.add(rejected)
    events = extracted.events
    if visitors is not None:
        events = events.with_columns(pl.col("user_id").is_in(visitors.implode()).alias(ANONYMOUS))
    if ANONYMOUS in events.columns:
        write_by_bucket(
            events.filter(ANONYMOUS).drop(ANONYMOUS), parts, f"{ANONYMOUS_PARTS}-{number:08d}.parquet"
        )
        events = events.filter(~pl.col(ANONYMOUS)).drop(ANONYMOUS)
    write_own(plan.contract, events, parts, f"{number:08d}")
    read.lines += chunk.rows.height + chunk.broken.height
    read.excluded += extracted.excluded
    read.placeholders += extracted.placeholders
    read.amounts += extracted.amounts
    read.lost_characters += extracted.lost_characters
    read.clock += extracted.clock
    read.links.append(extracted.links)
    read.quantities = {
        name: read.quantities.get(name, QuantityCount()) + count
        for name, count in extracted.quantities.items()
    }
    linking, alone = _unlinked(plan.contract, chunk.rows)
    read.linking += linking
    read.anonymous += alone
    if rejected.height:
        read.rejected.update(_rejected_by_day(plan.contract, rejected, extracted.lines))


def _unlinked(contract: Contract, rows: pl.DataFrame) -> tuple[int, int]:
    """The lines with two different ids of which the contract takes one, and those that have the anonymous one only."""
    both = seems_to_link(contract.derive.get("user_id"))
    if both is None or contract.identity is not None:
        return 0, 0
    user, anonymous = (nonempty(pl.col(name).cast(pl.String).str.strip_chars()) for name in both)
    counts = rows.select(
        (user != anonymous).sum().alias("both"), (user.is_null() & anonymous.is_not_null()).sum()
    )
    linking, alone = counts.row(0)
    return int(linking), int(alone)


def _rejected_by_day(
    contract: Contract, rejected: pl.DataFrame, lines: pl.DataFrame
) -> dict[tuple[date | None, str], int]:
    """Rejected lines by reason and by the day of the nearest line with a readable time, often their own."""
    before = rejected.sort("line").join_asof(lines.sort("line"), on="line", strategy="nearest")
    counts = before.group_by(contract.day_of(pl.col("at")).alias("day"), "reason").len()
    return {(day, reason): count for day, reason, count in counts.iter_rows()}


def write_own(contract: Contract, events: pl.DataFrame, parts: Parts, name: str) -> None:
    """Write events of users to `parts` under `name`, and what their counterparts receive."""
    write_by_bucket(events, parts, f"{OWN_PARTS}-{name}.parquet")
    if contract.has("counterpart"):
        write_by_bucket(received_events(events), parts, f"{RECEIVED_PARTS}-{name}.parquet")


def write_by_bucket(events: pl.DataFrame, parts: Parts, name: str) -> None:
    """Write `events` to the buckets of their users in `parts`, under `name`."""
    numbered = events.with_columns(bucket_of(events["user_id"], parts.number).alias(_BUCKET))
    for key, part in numbered.partition_by(_BUCKET, as_dict=True, include_key=False).items():
        write_parquet(part, bucket_file(parts.folder, key[0]).with_name(name))
