"""The faults of real logs, put in on purpose, in known shares.

| fault | share | how |
|---|---|---|
| duplicate | DUPLICATES of the lines | the same line again, some way further on |
| late line | LATE of the lines | stands after lines that happened later |
| unknown kind | UNKNOWN_KINDS, extra lines | `debug_ping` at the time of a true line |
| unreadable amount | BAD_AMOUNTS of the amounts | empty, `n/a`, `12,50 EUR` instead |
| missing user | NO_USERS, extra lines | user_id null or empty |
| unreadable time | BAD_TIMES, extra lines | empty, a word, the month 13 |
| clock fault | CLOCK_FAULTS lines in all, extra | stamped years ahead |

Promise: dirt never breaks the truth. Apart from amounts, a true line stays as it was, and an extra line
opens no login day inside the log.
"""

import numpy as np
import polars as pl

from pipeline.demo.arrays import AnyArray, Ints

DUPLICATES = 0.005
LATE = 0.02
UNKNOWN_KINDS = 0.001
BAD_AMOUNTS = 0.005
NO_USERS = 0.003
BAD_TIMES = 0.0005
CLOCK_FAULTS = 3

UNKNOWN_KIND = "debug_ping"
NOT_AMOUNTS = ("", "n/a", "12,50 EUR")
NOT_USERS = (None, "")
NOT_TIMES = ("", "yesterday", "2022-13-01T00:00:00Z", None)
NOT_YET = ("2038-01-19T03:14:07Z", "2099-12-31T23:59:59Z", "2030-01-01T00:00:00Z")

_LATER_LINES = 20_000.0
"""The mean number of lines by which a late line is late."""
_DETAILS = ("amount", "currency", "counterpart", "session", "level", "score", "country")


def messy(rng: np.random.Generator, clean: pl.DataFrame, chunk: int, *, last: bool) -> pl.DataFrame:
    """`clean` (one chunk of the log, by time) with its share of dirt; clock faults come in the last."""
    count = clean.height
    base = _with_bad_amounts(rng, clean)
    here = np.arange(count, dtype=np.float64)
    late = rng.random(count) < LATE
    position = here + late * (1 + rng.exponential(_LATER_LINES, count))
    again = _some(rng, count, DUPLICATES)

    extra: list[tuple[pl.DataFrame, AnyArray]] = [
        (base[again], again + 1 + rng.exponential(_LATER_LINES, again.size)),
        _extra(rng, base, UNKNOWN_KINDS, "kind", (UNKNOWN_KIND,)),
        _extra(rng, base, NO_USERS, "user_id", NOT_USERS),
        _extra(rng, base, BAD_TIMES, "at", NOT_TIMES),
    ]
    if last:
        faulty = rng.integers(0, count, CLOCK_FAULTS)
        extra.append((base[faulty].with_columns(pl.Series("at", NOT_YET)), faulty + 0.5))
    added = pl.concat([frame for frame, _ in extra[1:]])
    numbers = (f"x{chunk:05d}{number:07d}" for number in range(added.height))
    added = added.with_columns(pl.Series("event_id", numbers, dtype=pl.String))
    order = np.argsort(np.concatenate([position, *(where for _, where in extra)]), kind="stable")
    return pl.concat([base, extra[0][0], added])[order]


def _some(rng: np.random.Generator, count: int, share: float) -> Ints:
    return np.flatnonzero(rng.random(count) < share)


def _extra(
    rng: np.random.Generator, base: pl.DataFrame, share: float, column: str, values: tuple[str | None, ...]
) -> tuple[pl.DataFrame, AnyArray]:
    """Copies of some lines with a wrong value in `column`, and their positions."""
    which = _some(rng, base.height, share)
    wrong = pl.Series(column, values, dtype=pl.String).gather(rng.integers(0, len(values), which.size))
    copies = base[which].with_columns(wrong)
    if column == "kind":
        copies = copies.with_columns(pl.lit(None, pl.String).alias(detail) for detail in _DETAILS)
    return copies, which + 0.5


def _with_bad_amounts(rng: np.random.Generator, clean: pl.DataFrame) -> pl.DataFrame:
    bad = pl.Series(rng.random(clean.height) < BAD_AMOUNTS) & clean["amount"].is_not_null()
    wrong = pl.Series(NOT_AMOUNTS).gather(rng.integers(0, len(NOT_AMOUNTS), clean.height))
    return clean.with_columns(pl.when(bad).then(wrong).otherwise("amount").alias("amount"))
