"""Between the passes over a log: events of anonymous visitors go to the users whom they turned out to be.

Promise: memory is bounded by a bucket and by the links.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.contract.identity import Identity
from features.contract.model import Contract
from features.events.fields import canonical_user_id
from features.events.identity import LINKS, identified, without_repeats
from pipeline.errors import InputError
from pipeline.external.table_reader import instants_of, need_columns, read_table
from pipeline.ingestion.partition import ANONYMOUS_PARTS, OWN_PARTS, Parts, read_parts, write_own
from pipeline.storage.frames import bucket_file, write_parquet

VISITORS = pl.Schema({"user_id": pl.String(), "known_day": pl.Date()})
"""Anonymous visitors: a row without a day for each, and one with the first day on which the id was linked, if any."""


@dataclass(frozen=True, slots=True)
class Identities:
    """What links did to a log.

    `links`: their number; `given`: events of anonymous visitors that became a user's; `anonymous`: those that did not;
    `visitors`: the ids of these.
    """

    links: int = 0
    given: int = 0
    anonymous: int = 0
    visitors: int = 0


def links_in_table(contract: Contract) -> pl.DataFrame | None:
    """The links (`LINKS`) of the table that the contract names; None without one.

    Raises InputError when it is missing, lacks a column, or has an empty id or an unreadable time.
    """
    identity = contract.identity
    if identity is None or identity.path is None or identity.valid_from is None:
        return None
    key = f"{contract.name}: identity.path"
    named = {"from": identity.anonymous, "to": identity.known, "valid_from": identity.valid_from}
    table = read_table(identity.path, None, key, list(named.values()))
    for name, column in named.items():
        need_columns(table, [column], identity.path, f"{contract.name} names in identity.{name}")
    ids = [_ids(table[named[name]], identity, contract) for name in ("from", "to")]
    at = instants_of(table[identity.valid_from], identity.path, contract, needed=True, time=identity.time)[
        "at"
    ]
    links = pl.DataFrame(
        [ids[0].alias("anonymous_id"), ids[1].alias("known_id"), at.alias("at")], schema=LINKS
    )
    return without_repeats(links.filter(pl.col("anonymous_id") != pl.col("known_id")))


def _ids(column: pl.Series, identity: Identity, contract: Contract) -> pl.Series:
    found = column.to_frame().select(canonical_user_id(pl.all(), contract.placeholder_ids)).to_series()
    if found.null_count():
        row = int(found.is_null().arg_max() or 0)
        raise InputError(
            f"{identity.path}: row {row + 1}: {column.name} = {column[row]!r} names nobody.\n"
            "Write both ids of a link, or leave the row out."
        )
    return found


def give_to_users(contract: Contract, parts: Parts, links: list[pl.DataFrame], anonymous: Path) -> Identities:
    """Write the events of anonymous visitors to the own parts of their users, and `VISITORS` below `anonymous`.

    Events before the day of a link stay the visitor's own.
    """
    known = without_repeats(pl.concat(links))
    counts = [_give_bucket(contract, parts, known, bucket, anonymous) for bucket in range(parts.number)]
    return Identities(known.height, *(sum(one) for one in zip(*counts, strict=True)))


def _give_bucket(
    contract: Contract, parts: Parts, links: pl.DataFrame, bucket: int, anonymous: Path
) -> tuple[int, int, int]:
    """The events given to users, those left, and the visitors that are left."""
    events = read_parts(parts, bucket, ANONYMOUS_PARTS)
    visitors, given = pl.DataFrame(schema=VISITORS), 0
    if events is not None:
        settled = identified(events, links, contract)
        given = int((settled["user_id"] != events["user_id"]).sum())
        own = read_parts(parts, bucket, OWN_PARTS)
        users = links["known_id"] if own is None else pl.concat([links["known_id"], own["user_id"]])
        left = settled.filter(settled["user_id"] == events["user_id"]).join(
            users.unique().alias("user_id").to_frame(), on="user_id", how="anti"
        )
        visitors = _visitors(left["user_id"].unique(), links, contract)
        write_own(contract, settled, parts, f"anonymous-{bucket:08d}")
        events = left
    write_parquet(visitors, bucket_file(anonymous, bucket))
    left_events = 0 if events is None else events.height
    return given, left_events, visitors["user_id"].n_unique()


def _visitors(ids: pl.Series, links: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    linked = (
        links.filter(pl.col("anonymous_id").is_in(ids.implode()))
        .group_by("anonymous_id")
        .agg(known_day=contract.day_of(pl.col("at").min()))
        .rename({"anonymous_id": "user_id"})
    )
    each = ids.alias("user_id").to_frame().with_columns(known_day=pl.lit(None, pl.Date))
    return pl.concat([each, linked]).sort("user_id", "known_day", nulls_last=False)
