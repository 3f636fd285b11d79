"""Lines as an export writes them: every column is text, null where it does not apply. Times are UTC."""

import numpy as np
import polars as pl

from pipeline.demo.arrays import AnyArray
from pipeline.demo.output.lines import Lines
from pipeline.demo.world.clock import Clock
from pipeline.demo.world.countries import COUNTRIES, WITHOUT_CENTS
from pipeline.demo.world.kinds import AT, KINDS, TRADE

COLUMNS = (
    "event_id", "user_id", "at", "kind", "amount", "currency",
    "counterpart", "session", "level", "score", "country",
)  # fmt: skip
_SECONDS = pl.Series([f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(86_400)])
_KINDS = pl.Series(KINDS)
_CODES = pl.Series([country.code for country in COUNTRIES])
_CURRENCIES = pl.Series([country.currency for country in COUNTRIES])
_COINS = np.array([country.currency not in WITHOUT_CENTS for country in COUNTRIES])


def names(count: int) -> pl.Series:
    """The users' ids; they rise with the user's number."""
    return _numbered("u", np.arange(count), 7)


def times(day: AnyArray, second: AnyArray, clock: Clock) -> pl.Series:
    """ISO 8601 with seconds and Z."""
    first = int(day.min()) if day.size else 0
    last = int(day.max()) if day.size else 0
    dates = pl.Series([clock.date_of(number).isoformat() for number in range(first, last + 1)])
    return dates.gather(day - first) + _SECONDS.gather(second)


def as_text(
    lines: Lines, user_ids: pl.Series, country: AnyArray, first_event: int, clock: Clock
) -> pl.DataFrame:
    """`lines` with COLUMNS; `country` is that of each line's user, events are numbered on."""
    trade = np.isin(lines.kind, [AT[kind] for kind in TRADE])
    return pl.DataFrame(
        {
            "event_id": _numbered("e", first_event + np.arange(lines.user.size), 9),
            "user_id": user_ids.gather(lines.user),
            "at": times(lines.day, lines.second, clock),
            "kind": _KINDS.gather(lines.kind),
            "amount": _amount_text(lines.amount, trade, _COINS[country]),
            "currency": _chosen(_CURRENCIES, country, trade),
            "counterpart": _chosen(user_ids, lines.counterpart, lines.counterpart >= 0),
            "session": _numbered("s", lines.session, 8).set(pl.Series(lines.session < 0), None),
            "level": _number_text(lines.level),
            "score": _number_text(lines.score),
            "country": _chosen(_CODES, country, lines.kind == AT["login"]),
        }
    )


def _numbered(letter: str, number: AnyArray, digits: int) -> pl.Series:
    return letter + pl.Series(number).cast(pl.String).str.zfill(digits)


def _chosen(table: pl.Series, position: AnyArray, where: AnyArray) -> pl.Series:
    """`table[position]` where `where` holds, else null."""
    return table.gather(pl.Series(np.where(where, position, 0)).set(pl.Series(~where), None))


def _number_text(number: AnyArray) -> pl.Series:
    return pl.Series(number).set(pl.Series(number < 0), None).cast(pl.String)


def _amount_text(amount: AnyArray, trade: AnyArray, with_cents: AnyArray) -> pl.Series:
    at = np.flatnonzero(trade)
    texts = [
        f"{value:.2f}" if cents else f"{value:.0f}"
        for value, cents in zip(amount[at].tolist(), with_cents[at].tolist(), strict=True)
    ]
    number = np.full(amount.size, len(texts), dtype=np.int64)
    number[at] = np.arange(at.size)
    return pl.Series([*texts, None], dtype=pl.String).gather(number)
