"""Second pass over a log: the parts of a bucket become one file, sorted and without duplicates.

Promise: memory is bounded by a bucket.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.events.extraction import EVENT_ID, ORDER, SAME, UNREADABLE, event_schema, tells_of
from features.events.received import with_received
from pipeline.ingestion.partition import OWN_PARTS, RECEIVED_PARTS, Parts, read_parts
from pipeline.storage.frames import bucket_file, write_parquet

DOUBTFUL_IDS = ("0", "-1", "test", "admin", "root", "system", "bot", "user", "default", "demo")
"""Ids that are real in some logs and name nobody in others."""
_COUNTS = ("events", "amounts", "unreadable")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one bucket holds.

    `lines`: the users' own events with duplicates; `kept`: without. `received`: events of others that name a user.
    `tells`: as `Contract.tells`. `kinds`, `countries`: events of each.
    `doubtful`: events of ids that may name nobody; `busiest`: the user with most events. `days`: `day, events`, and the
    events with an amount (`amounts`) and with one that is no number (`unreadable`). `first`, `last`: instants. Only
    `received` counts events of others.
    """

    lines: int
    kept: int
    received: int
    users: int
    tells: frozenset[str]
    doubtful: dict[str, int]
    busiest: tuple[str, int]
    kinds: dict[str, int]
    countries: dict[str, int]
    days: pl.DataFrame
    first: datetime | None
    last: datetime | None


def merge_bucket(contract: Contract, parts: Parts, bucket: int, events: Path) -> Bucket:
    """Write the events of a bucket below `events`, sorted by user, time and position in the log."""
    schema = event_schema(contract)
    own_lines = read_parts(parts, bucket, OWN_PARTS)
    if own_lines is None:
        write_parquet(pl.DataFrame(schema=schema), bucket_file(events, bucket))
        return _empty_bucket()
    own_events = whole = _without_duplicates(own_lines, contract, ("user_id",))
    received = read_parts(parts, bucket, RECEIVED_PARTS)
    if received is not None:  # lines of two senders are never duplicates
        whole = with_received(own_events, _without_duplicates(received, contract, ("user_id", "counterpart")))
    write_parquet(whole.sort("user_id", "at", ORDER).select(*schema), bucket_file(events, bucket))
    return _bucket_of(contract, own_events, own_lines.height, whole.height - own_events.height)


def _without_duplicates(lines: pl.DataFrame, contract: Contract, who: tuple[str, ...]) -> pl.DataFrame:
    """`lines` without copies: of lines of the same people (columns `who`) with the same id, text or key, the earliest.

    Of copies at the same time the first in the log is kept, so that the order of the files does not matter otherwise.
    """
    if contract.duplicates == "keep":
        return lines
    key = EVENT_ID if contract.duplicates == "event_id" else SAME
    earliest = lines.sort("at", ORDER)
    return earliest.filter(pl.col(key).is_null() | pl.struct(*who, key).is_first_distinct())


def _bucket_of(contract: Contract, own_events: pl.DataFrame, lines: int, received: int) -> Bucket:
    days = own_events.group_by(contract.day_of(pl.col("at")).alias("day"))
    return Bucket(
        lines=lines,
        kept=own_events.height,
        received=received,
        users=own_events["user_id"].n_unique(),
        tells=tells_of(contract, own_events) | ({"received"} if received else set()),
        doubtful=_doubtful(own_events),
        busiest=_busiest(own_events),
        kinds=dict(own_events["kind"].value_counts().iter_rows()),
        countries=_countries(own_events),
        days=days.agg(_counts(own_events)).select("day", *_COUNTS),
        first=own_events.select(pl.col("at").min()).item(),
        last=own_events.select(pl.col("at").max()).item(),
    )


def _doubtful(events: pl.DataFrame) -> dict[str, int]:
    found = events.filter(pl.col("user_id").str.to_lowercase().is_in(DOUBTFUL_IDS))
    return dict(found["user_id"].value_counts().iter_rows())


def _busiest(events: pl.DataFrame) -> tuple[str, int]:
    """The user with most events, the first of equals by id."""
    counts = events.group_by("user_id").len().sort(["len", "user_id"], descending=[True, False])
    return counts.row(0) if counts.height else ("", 0)


def _empty_bucket() -> Bucket:
    days = pl.DataFrame(schema={"day": pl.Date(), **dict.fromkeys(_COUNTS, pl.UInt32())})
    return Bucket(0, 0, 0, 0, frozenset(), {}, ("", 0), {}, {}, days, None, None)


def _counts(events: pl.DataFrame) -> list[pl.Expr]:
    if UNREADABLE not in events.columns:
        none = pl.lit(0, pl.UInt32)
        return [pl.len().cast(pl.UInt32).alias("events"), none.alias("amounts"), none.alias("unreadable")]
    unreadable = pl.col(UNREADABLE)
    amounts = (pl.col("amount").is_not_null() | unreadable).sum()
    counts = {"events": pl.len(), "amounts": amounts, "unreadable": unreadable.sum()}
    return [count.cast(pl.UInt32).alias(name) for name, count in counts.items()]


def _countries(events: pl.DataFrame) -> dict[str, int]:
    if "country" not in events.columns:
        return {}
    return dict(events["country"].drop_nulls().value_counts().iter_rows())
