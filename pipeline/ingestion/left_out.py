"""What ingest leaves out of a log, by reason and day: `left_out` of the log's facts.

Promise: what the contract leaves out (`exclude`) or expects (`users_may_be_missing`) is no reason.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import polars as pl

from features.contract.identity import seems_to_link
from features.contract.model import Contract
from pipeline.ingestion.merge import Bucket
from pipeline.ingestion.partition import Read

_SHOWN = 10
_MANY_USERS, _OUTSIZED_SHARE, _TIMES_USUAL = 50, 0.02, 50


def left_out_of(
    read: Read,
    buckets: Sequence[Bucket],
    contract: Contract,
    kinds: Mapping[str, int],
    countries: Mapping[str, int],
) -> list[dict[str, Any]]:
    """By reason `reason, lost, of, names, by_day` (ISO day → [lost, of]), as `models.checks.left_out.LeftOut`.

    `kinds`, `countries`: events of each in the whole log.
    """
    days = (
        pl.concat([bucket.days for bucket in buckets])
        .group_by("day")
        .agg(pl.exclude("day").sum())
        .sort("day")
    )
    events = dict(days.select("day", "events").iter_rows())
    by_nature = {"missing_user"} if contract.users_may_be_missing else set()
    reasons = sorted({reason for _, reason in read.rejected} - by_nature)
    found = [_rejected(read, reason, events) for reason in reasons]
    if read.lost_characters:
        found.append(_entry("lost_characters", read.lost_characters, read.lines - read.excluded, {}))
    found.append(_doubtful_ids(buckets, contract))
    both = seems_to_link(contract.derive.get("user_id"))
    if both is not None and read.linking:
        names = {f"{both[1]} → {both[0]}": read.anonymous}
        found.append(_entry("unlinked_id", read.anonymous, read.lines - read.excluded, names))
    if contract.has("amount"):
        found += _amounts(read, days)
    unread = {name: one.unreadable for name, one in read.quantities.items() if one.unreadable}
    given = sum(read.quantities[name].given for name in unread)
    because = "; ".join(f"{name}: {read.quantities[name].example}" for name in unread)
    found.append(_entry("unreadable_quantity", sum(unread.values()), given, unread) | {"because": because})
    if countries:
        unknown = {name: count for name, count in countries.items() if contract.country.code(name) is None}
        found.append(_entry("unknown_country", sum(unknown.values()), sum(countries.values()), unknown))
    grouped = contract.kind_groups
    without = {kind: count for kind, count in kinds.items() if kind not in grouped}
    found.append(_entry("kind_without_group", sum(without.values()), sum(kinds.values()), without))
    return [one for one in found if one["lost"]]


def never_seen(named: Iterable[str], kinds: Iterable[str]) -> dict[str, list[str]]:
    """The kinds of `named` that no event has, with kinds of the log of a similar name."""
    seen = sorted(kinds)
    return {kind: get_close_matches(kind, seen, n=2, cutoff=0.7) for kind in named if kind not in set(seen)}


def _rejected(read: Read, reason: str, events: Mapping[Any, int]) -> dict[str, Any]:
    lost = Counter({day: count for (day, why), count in read.rejected.items() if why == reason})
    rejected = Counter[Any]()
    for (day, _), count in read.rejected.items():
        rejected[day] += count
    by_day = {
        day.isoformat(): [lost[day], events.get(day, 0) + rejected[day]]
        for day in sorted({*events, *(day for day in rejected if day is not None)})
    }
    names = dict(read.placeholders.most_common(_SHOWN)) if reason == "missing_user" else {}
    return _entry(reason, lost.total(), read.lines - read.excluded, names, by_day)


def _doubtful_ids(buckets: Sequence[Bucket], contract: Contract) -> dict[str, Any]:
    """Ids that often name nobody, and one id with an outsized share of all events."""
    doubtful = {name: count for bucket in buckets for name, count in bucket.doubtful.items()}
    total, users = sum(bucket.kept for bucket in buckets), sum(bucket.users for bucket in buckets)
    name, most = max((bucket.busiest for bucket in buckets), key=lambda one: one[1])
    if users >= _MANY_USERS and most > _OUTSIZED_SHARE * total and most > _TIMES_USUAL * total / users:
        doubtful[name] = most
    found = {one: count for one, count in doubtful.items() if one not in contract.trusted_ids}
    return _entry(
        "doubtful_id", sum(found.values()), total, dict(sorted(found.items(), key=lambda one: -one[1]))
    )


def _amounts(read: Read, days: pl.DataFrame) -> list[dict[str, Any]]:
    by_day = {
        day.isoformat(): [unreadable, amounts]
        for day, amounts, unreadable in days.select("day", "amounts", "unreadable").iter_rows()
        if amounts
    }
    total = {name: int(days[name].sum()) for name in ("amounts", "unreadable")}
    found = [_entry("unreadable_amount", total["unreadable"], total["amounts"], {}, by_day)]
    if read.amounts["with_decimals"] * 100 < read.amounts["like_thousands"]:
        found.append(_entry("thousands_mark", read.amounts["like_thousands"], total["amounts"], {}))
    return found


def _entry(
    reason: str, lost: int, of: int, names: Mapping[str, int], by_day: Mapping[str, list[int]] | None = None
) -> dict[str, Any]:
    return {
        "reason": reason,
        "lost": lost,
        "of": of,
        "names": dict(list(names.items())[:_SHOWN]),
        "by_day": dict(by_day or {}),
    }
