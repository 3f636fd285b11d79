"""First pass over a log: events are written to buckets of users, chunk by chunk.

Promise: memory is bounded by a chunk.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.events.clock_faults import ClockFault
from features.events.extraction import Plan, extract_events, plan_events
from features.events.received import received_events
from pipeline.ingestion.csv_records import Records
from pipeline.ingestion.quarantine import Quarantine
from pipeline.ingestion.readers import read_log
from pipeline.storage.frames import bucket_file, write_parquet
from pipeline.storage.partitioning import bucket_of

OWN_PARTS, RECEIVED_PARTS = "own", "received"
"""Prefixes of a bucket's parts: events of the users, and events of others that name a user."""
_BUCKET = "@bucket"


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder of parts by bucket. `number`: the number of buckets."""

    folder: Path
    number: int


def partition(
    files: Sequence[Path], contract: Contract, chunk_rows: int, parts: Parts, quarantine: Quarantine
) -> tuple[int, Counter[ClockFault]]:
    """Write the events of `files` to `parts` and rejected lines to `quarantine`.

    Returns the number of lines read, and the number of lines with each fault of the clock. Raises as `read_log`.
    """
    plan: Plan | None = None
    lines, clock = 0, Counter[ClockFault]()
    try:
        for number, chunk in enumerate(read_log(files, contract, chunk_rows)):
            if plan is None or contract.format == "jsonl":
                plan = plan_events(contract, chunk.rows.schema)
            clock += _partition_chunk(plan, chunk, lines, number, parts, quarantine)
            lines += chunk.rows.height + chunk.broken.height
            sys.stderr.write(f"ingest: {lines:,} lines read\n")
    finally:
        quarantine.close()
    return lines, clock


def read_parts(parts: Parts, bucket: int, role: str) -> pl.DataFrame | None:
    """The events of a bucket in one `role` (OWN_PARTS, RECEIVED_PARTS), in the order of the log; None without any."""
    files = sorted(bucket_file(parts.folder, bucket).parent.glob(f"{role}-*.parquet"))
    return pl.concat([pl.read_parquet(file) for file in files]) if files else None


def _partition_chunk(
    plan: Plan, chunk: Records, first_order: int, number: int, parts: Parts, quarantine: Quarantine
) -> Counter[ClockFault]:
    extracted = extract_events(plan, chunk.rows, first_order)
    quarantine.add(pl.concat([chunk.broken, extracted.rejected]))
    _write_by_bucket(extracted.events, parts, f"{OWN_PARTS}-{number:08d}.parquet")
    if plan.contract.has("counterpart"):
        _write_by_bucket(received_events(extracted.events), parts, f"{RECEIVED_PARTS}-{number:08d}.parquet")
    return extracted.clock


def _write_by_bucket(events: pl.DataFrame, parts: Parts, name: str) -> None:
    numbered = events.with_columns(bucket_of(events["user_id"], parts.number).alias(_BUCKET))
    for key, part in numbered.partition_by(_BUCKET, as_dict=True, include_key=False).items():
        write_parquet(part, bucket_file(parts.folder, key[0]).with_name(name))
