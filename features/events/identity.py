"""Which events an anonymous visitor made, and to which user they belong.

An event of an anonymous id belongs to the user to whom the id was linked by the end of the event's day; the last link
at or before the event decides, else the first one after it on its day. Promise: no later link changes an event.
"""

from typing import Literal

import polars as pl

from features.contract.model import Contract
from features.events.fields import Plan, id_of, user_id_of

ANONYMOUS, LINKED = "@anonymous", "@linked_id"
"""Columns of an event until it is stored: whether its id names nobody yet, and the anonymous id that it links."""

LINKS = pl.Schema({"anonymous_id": pl.String(), "known_id": pl.String(), "at": pl.Datetime("us", "UTC")})
_STRATEGIES: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")
_MOST_STEPS = 10


def people_of(plan: Plan) -> list[pl.Expr]:
    """`user_id` of each raw row; if lines of the log make links, `ANONYMOUS` and `LINKED` too."""
    identity = plan.contract.identity
    if identity is None or not identity.in_log:
        return [user_id_of(plan, "user_id")]
    anonymous, known = (
        id_of(plan, pl.col(raw), plan.schema[raw]) for raw in (identity.anonymous, identity.known)
    )
    named = plan.contract.columns.user_id is not None or "user_id" in plan.contract.derive
    user = pl.coalesce(user_id_of(plan, "user_id"), anonymous) if named else anonymous
    return [
        pl.coalesce(known, user).alias("user_id"),
        (known.is_null() & (user == anonymous)).fill_null(value=False).alias(ANONYMOUS),
        pl.when(known != anonymous).then(anonymous).alias(LINKED),
    ]


def links_of(contract: Contract, events: pl.DataFrame) -> pl.DataFrame:
    """The links (`LINKS`) that these events make; of several in a row to the same user the first."""
    if LINKED not in events.columns:
        return pl.DataFrame(schema=LINKS)
    links = events.filter(pl.col(LINKED).is_not_null())
    if contract.identity is not None and contract.identity.kinds is not None:
        links = links.filter(pl.col("kind").is_in(list(contract.identity.kinds)))
    return without_repeats(links.select(anonymous_id=LINKED, known_id="user_id", at="at"))


def without_repeats(links: pl.DataFrame) -> pl.DataFrame:
    """`links` in the order of time, without those that only repeat the link before."""
    in_order = links.sort("anonymous_id", "at", maintain_order=True)
    before = pl.col("known_id").shift().over("anonymous_id")
    return in_order.filter(before.is_null() | (before != pl.col("known_id")))


def identified(events: pl.DataFrame, links: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`events` (`user_id`, `at`, ...) with the `user_id` as known by the end of each event's day.

    `links`: as `without_repeats` gives them. A user may be linked in turn, to another user. Where links go round in a
    circle the first step decides.
    """
    numbered = events.with_row_index("@row")
    left = numbered.select("@row", "user_id", "at", day=contract.day_of(pl.col("at")))
    targets = links.with_columns(day=contract.day_of(pl.col("at"))).sort("at")
    first = moved = _one_step(left, targets)
    found = left.select("@row", "user_id")
    for _ in range(_MOST_STEPS):
        found = found.update(moved.select("@row", "user_id"), on="@row")
        if moved.is_empty():
            break
        moved = _one_step(moved, targets)
    in_circle = first.join(moved, on="@row", how="semi")
    found = found.update(in_circle.select("@row", "user_id"), on="@row")
    return numbered.with_columns(found.sort("@row")["user_id"]).drop("@row")


def _one_step(events: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Those of `events` whose id has a link by the end of their day, with the id that it leads to."""
    in_order = events.sort("at")
    before, after = (
        in_order.join_asof(
            links,
            on="at",
            by_left="user_id",
            by_right="anonymous_id",
            strategy=strategy,
            check_sortedness=False,
        )
        for strategy in _STRATEGIES
    )
    same_day = pl.when(after["day_right"] == after["day"]).then(after["known_id"])
    user = before.select(pl.coalesce("known_id", same_day).alias("user_id")).to_series()
    return in_order.with_columns(user).filter(pl.col("user_id").is_not_null())
