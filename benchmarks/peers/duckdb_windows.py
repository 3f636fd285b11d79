"""Login rows as SQL: user-days by GROUP BY, then RANGE windows over them, in one query from Parquet to Parquet.

`python duckdb_windows.py EVENTS OUT SPEC`: EVENTS a folder of `bucket=…/part.parquet`, OUT a file, SPEC the output
of `benchmarks.tasks.peer_spec`. It makes those of our features that such windows give cheaply: no money, no
pauses between events, no last known values. Days are days in UTC.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

_DAY_MICROSECONDS = 86_400_000_000


def main(events: str, out: str, spec_file: str) -> None:
    """Write OUT in no particular order: a comparison sorts it."""
    spec = json.loads(Path(spec_file).read_text("utf-8"))
    duckdb.execute("SET preserve_insertion_order = false")
    duckdb.execute(f"COPY ({query(events, spec)}) TO '{out}' (FORMAT parquet, COMPRESSION lz4)")


def query(events: str, spec: Mapping[str, Any]) -> str:
    """The whole SELECT. `spec`: `first_day`, `last_day` (since 1970), `presence` (kinds; null: any),
    `least_events`, `roles` (whether some events are received ones: left out), `kinds` (name to kind) and `groups`
    (name to kinds)."""
    kinds, groups = spec["kinds"], spec["groups"]
    own_events = "role = 'own'" if spec["roles"] else "true"
    totals = dict(_totals(list(kinds), list(groups)))
    return f"""
    WITH days AS (
        SELECT user_id, {_DAY} AS day, count(*) AS events,
               CAST({_count(spec["presence"])} >= {spec["least_events"]} AS INTEGER) AS logins,
               {", ".join(f"{_count(each)} AS {name}" for name, each in _counted(kinds, groups))}
        FROM read_parquet('{events}/*/part.parquet', hive_partitioning = false)
        WHERE {own_events} AND {_DAY} BETWEEN {spec["first_day"]} AND {spec["last_day"]}
        GROUP BY ALL
    ), totals AS (
        SELECT *, {", ".join(f"{value} AS {name}" for name, value in totals.items())}
        FROM days
        WINDOW {", ".join(f"w{days} AS ({_RANGE} {days - 1} PRECEDING AND CURRENT ROW)" for days in _WINDOWS)},
               life AS (PARTITION BY user_id ORDER BY day ROWS UNBOUNDED PRECEDING)
    ), logged AS (
        SELECT *, day - first_login AS tenure, day - lag(day) OVER (PARTITION BY user_id ORDER BY day) AS gap
        FROM totals WHERE logins = 1
    )
    SELECT user_id, DATE '1970-01-01' + CAST(day AS INTEGER) AS login_day,
           CAST(logins_life AS INTEGER) AS login_number,
           {", ".join(f'CAST({value} AS FLOAT) AS "{name}"' for name, value in _features(kinds, groups))}
    FROM logged"""


_DAY = f'CAST(epoch_us("at") // {_DAY_MICROSECONDS} AS INTEGER)'
_RANGE = "PARTITION BY user_id ORDER BY day RANGE BETWEEN"
_WINDOWS = (3, 7, 14, 30, 60, 90)


def _count(kinds: Iterable[str] | None) -> str:
    if kinds is None:
        return "count(kind)"
    return f"count(*) FILTER (kind IN ({', '.join(repr(kind) for kind in kinds)}))"


def _counted(kinds: Mapping[str, str], groups: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    yield from ((name, [kind]) for name, kind in kinds.items())
    yield from groups.items()


def _totals(kinds: list[str], groups: list[str]) -> Iterator[tuple[str, str]]:
    for days in _WINDOWS:
        yield f"logins_{days}", f"sum(logins) OVER w{days}"
    for days in (7, 14, 30, 90):
        yield f"events_{days}", f"sum(events) OVER w{days}"
    for name in ("logins", "events"):
        yield f"{name}_life", f"sum({name}) OVER life"
    yield "first_login", "min(CASE WHEN logins = 1 THEN day END) OVER life"
    yield "weekends", "sum(CASE WHEN logins = 1 AND (day + 3) % 7 >= 5 THEN 1 ELSE 0 END) OVER life"
    for name in groups:
        yield f"{name}_7", f"sum({name}) OVER w7"
    for name in kinds:
        for days in (7, 30):
            yield f"{name}_{days}", f"sum({name}) OVER w{days}"
        yield f"{name}_days", f"sum(CASE WHEN {name} > 0 THEN 1 ELSE 0 END) OVER life"
        yield f"{name}_last", f"max(CASE WHEN {name} > 0 THEN day END) OVER life"


def _per(part: str, whole: str) -> str:
    return f"{part} / nullif({whole}, 0)"


def _features(kinds: Mapping[str, str], groups: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    yield from _rhythm()
    yield from _events()
    if len(kinds) > 1:
        yield from _mix(list(kinds))
    if len(groups) > 1:
        yield "groups_used_7d", _used(f"{name}_7" for name in groups)


def _rhythm() -> Iterator[tuple[str, str]]:
    yield "logins_life", "logins_life"
    yield "tenure_days", "tenure"
    for days in _WINDOWS:
        yield f"login_days_{days}d", f"logins_{days}"
    yield "login_share_30d", "logins_30 / least(tenure + 1, 30)"
    yield "login_days_7d_to_usual", "logins_7 / (logins_life * 7 / greatest(tenure + 1, 7))"
    yield "login_trend_7d", _per("logins_7", "(logins_14 - logins_7)")
    yield "gap_last_days", "gap"
    yield "gap_mean_days", _per("tenure", "(logins_life - 1)")
    yield "gap_last_to_mean", f"gap / ({_per('tenure', '(logins_life - 1)')})"
    yield "weekend_share", "weekends / logins_life"
    yield "weekday", "(day + 3) % 7 + 1"


def _events() -> Iterator[tuple[str, str]]:
    usual = "(events_life / logins_life)"
    yield "events_today", "events"
    yield "events_today_to_usual", f"events / {usual}"
    yield "events_per_login_day_30d", "events_30 / logins_30"
    yield "events_per_login_day_30d_to_usual", f"events_30 / logins_30 / {usual}"
    for days in (7, 30, 90):
        yield f"events_{days}d", f"events_{days}"
    yield "events_life", "events_life"
    yield "events_trend_7d", _per("events_7", "(events_14 - events_7)")


def _used(totals: Iterable[str]) -> str:
    return " + ".join(f"CAST({total} > 0 AS INTEGER)" for total in totals)


def _mix(kinds: list[str]) -> Iterator[tuple[str, str]]:
    for days in (7, 30):
        yield f"kinds_used_{days}d", _used(f"{name}_{days}" for name in kinds)
    known = " + ".join(f"{name}_30" for name in kinds)
    squares = " + ".join(f"CAST({name}_30 AS DOUBLE) * {name}_30" for name in kinds)
    yield "concentration_30d", f"({squares}) / nullif(pow({known}, 2), 0)"
    for name in kinds:
        yield f"share_of_{name}_30d", f"{name}_30 / events_30"
        yield f"days_since_{name}", f"day - {name}_last"
        yield f"days_with_{name}_share", f"{name}_days / logins_life"


if __name__ == "__main__":
    main(*sys.argv[1:])
