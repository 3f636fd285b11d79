"""In which column the times stand, how they are written, and in which zone.

Promise: the formats that are named read nearly all values of the sample.
"""

from dataclasses import dataclass
from itertools import product
from pkgutil import get_data

import polars as pl

from features.contract.countries import country_code
from features.timestamps import EPOCHS, read_instants
from pipeline.first_contract.guess import MOST_LOOKED_AT, Column, Guess, best_named, written

_NAMES = {
    r"^(event_?)?(timestamp|datetime|date_time|time_stamp|ts)$": 12,
    r"^(event|client|order|invoice|purchase|transaction|collector|server)_?(at|time|date|tstamp|timestamp)$": 11,
    r"^(at|time|when|created|created_at|occurred_at|happened_at|datum|zeit|zeitpunkt|zeitstempel|fecha|data|date)$": 10,
    r"birth|sign_?up|regist|joined|expir|until|valid|updat|deliver|first|last|next|previous": 1,
    r"load|received|processed|sent|export": 1,
    r"time|date|_at$|_ts$|tstamp|datum|fecha": 6,
}
_DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d/%b/%Y",
    "%a %b %d %Y", "%Y-%m-%d",
)  # fmt: skip
_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M", ", %H:%M:%S",
    ":%H:%M:%S %z", " %H:%M:%S %z", " %Hh%M", "%H%M%S", " %I:%M%p",
)  # fmt: skip
_ENOUGH = 0.9
_NEARLY_ALL = 0.995
_MOST_FORMATS = 4
_CLOCK_ONLY = r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$"
_DIFFERENT = (("%d/%m", "%m/%d"), ("%d-%m-", "%m-%d-"))


@dataclass(frozen=True, slots=True)
class Times:
    """Where times stand. `at`: their column, or, if `derived`, its SQL; `formats`, `zone`: as in `time`."""

    at: Guess
    derived: bool
    formats: tuple[str | None, ...]
    format_why: str
    unsure: bool
    zone: Guess


def times_of(columns: list[Column], country: Column | None) -> Times | None:
    """The times of the log; None when no column holds any."""
    found = []
    for points, column in best_named(columns, _NAMES) or []:
        read = formats_of(column)
        if read is not None:
            found.append((points + (2 if _clocked(column) else 0), column, read))
    unnamed = (
        []
        if found
        else [(0, one, read) for one in columns if not _plain_number(one) and (read := formats_of(one))]
    )
    ranked = sorted(found or unnamed, key=lambda one: -one[0])
    if not ranked:
        return None
    points, column, (formats, why, unsure) = ranked[0]
    others = [one.name for _, one, _ in ranked[1:3]]
    also = f"; other times: {', '.join(others)}" if others else ""
    said = "its values are times" if points == 0 else "its name, and its values are times"
    at = Guess(column.name, f"{said}, such as {column.values[0]!r}{also}", unsure=points < 6)
    clock = next((one for one in columns if one.share(_CLOCK_ONLY) > _ENOUGH), None)
    derived = clock is not None and column.text and not _clocked(column) and formats[0] in (None, *_DAYS)
    if derived and clock is not None:
        sql = f"{quoted(column.name)} || ' ' || {quoted(clock.name)}"
        at = Guess(
            sql, f"{column.name} has the day, {clock.name} the time of day, such as {clock.values[0]!r}"
        )
        with_clock = pl.Series([f"{column.values[0]} {clock.values[0]}"])
        tried = (
            [f"{formats[0]} {end}" for end in ("%H:%M", "%H:%M:%S", "%H:%M:%S%.f")] if formats[0] else [None]
        )
        formats = (next((one for one in tried if read_instants(with_clock, (one,), "UTC")[0]), None),)
    return Times(at, derived, formats, why, unsure, _zone(column, formats, country))


def formats_of(column: Column) -> tuple[tuple[str | None, ...], str, bool] | None:
    """The formats that read the values, why, and whether that is unsure; None when they are no times."""
    if isinstance(column.dtype, pl.Datetime | pl.Date):
        return (None,), f"stored as {column.dtype}", False
    if not (column.text or column.dtype.is_numeric()):
        return None
    values = column.values.head(MOST_LOOKED_AT)
    if _share(values, None) > _NEARLY_ALL:
        return (None,), "ISO 8601", False
    if column.share(r"\d.*\d.*\d.*\d") < _ENOUGH:
        return None
    chosen, unsure = _that_read(values)
    return _explained(values, chosen, unsure=unsure) if chosen else None


def _that_read(values: pl.Series) -> tuple[list[str | None], bool]:
    """The formats that together read nearly all `values`, the commonest first, none if they read too few."""
    chosen: list[str | None] = []
    left, unsure = values, False
    while left.len() > (1 - _NEARLY_ALL) * values.len() and len(chosen) < _MOST_FORMATS:
        best, share, doubt = _best(left)
        if share < (_ENOUGH / 3 if not chosen else 1 - _ENOUGH):
            break
        chosen.append(best)
        unsure = unsure or doubt
        left = left.filter(read_instants(left, (best,), "UTC").is_null())
    return (chosen, unsure) if left.len() <= (1 - _ENOUGH) * values.len() else ([], False)


def _explained(
    values: pl.Series, chosen: list[str | None], *, unsure: bool
) -> tuple[tuple[str | None, ...], str, bool]:
    if set(chosen) <= set(EPOCHS) and len(chosen) > 1:
        return ("epoch",), "numbers of several units: the unit follows from the magnitude", False
    if len(chosen) == 1 and chosen[0] in EPOCHS:
        years = read_instants(values, tuple(chosen), "UTC").dt.year().unique().sort().to_list()
        return (chosen[0],), f"numbers that, read so, lie in {years[0]} to {years[-1]}", False
    which = "day before month? both are possible" if unsure else "reads the values"
    return tuple(chosen), which if len(chosen) == 1 else f"{len(chosen)} ways of writing; {which}", unsure


def quoted(name: str) -> str:
    """`name` as SQL names it."""
    return name if name.isidentifier() else f'"{name}"'


def _best(values: pl.Series) -> tuple[str | None, float, bool]:
    """The format that reads most of `values`, their share, and whether another one reads as many."""
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.null_count() == 0 and not values.str.contains(r"^(19|20)\d{6}(\d{6})?$").all():
        for unit, factor in EPOCHS.items():
            size = numbers.median()
            if factor is not None and isinstance(size, float) and 6.3e14 < size * factor < 4.1e15:
                return unit, 1.0, False
        return None, 0.0, False
    looked_at = values.head(300)
    shares = {None: _share(looked_at, None)} | {
        day + clock: _share(looked_at, day + clock) for day, clock in product(_DAYS, _CLOCKS)
    }
    best = max(shares, key=lambda one: (shares[one], _order(values, one)))
    twin = next((b for a, b in _DIFFERENT if best and best.startswith(a)), None) or next(
        (a for a, b in _DIFFERENT if best and best.startswith(b)), None
    )
    as_many = best is not None and twin is not None and shares[twin + best[len(twin) :]] == shares[best]
    return best, shares[best], as_many


def _order(values: pl.Series, form: str | None) -> float:
    """How well the values follow each other in time: minus the median step in days."""
    steps = read_instants(values.head(300), (form,), "UTC").diff().drop_nulls()
    days = (steps.dt.total_seconds().abs() / 86_400).median()
    return -days if isinstance(days, float) else 0.0


def _share(values: pl.Series, form: str | None) -> float:
    try:
        read = read_instants(values, (form,), "UTC")
    except pl.exceptions.PolarsError:
        return 0.0
    plausible = read.is_not_null() & read.dt.year().is_between(1970, 2100)
    return int(plausible.sum()) / max(values.len(), 1)


def _clocked(column: Column) -> bool:
    if isinstance(column.dtype, pl.Date):
        return False
    return not column.text or column.share(r"\d:\d|T\d{2}|^\d{10,}(\.\d+)?$") > 0.5


def _plain_number(column: Column) -> bool:
    return column.dtype.is_numeric() or column.share(r"^[+-]?\d{1,9}([.,]\d+)?$") > 0.5


def _zone(column: Column, formats: tuple[str | None, ...], country: Column | None) -> Guess:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        return Guess("UTC", "the times have their zone; days are counted in this one", unsure=False)
    if formats[0] in EPOCHS:
        return Guess("UTC", "epochs count from UTC; write the zone in which your days begin", unsure=True)
    if column.share(r"(?:[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})$") > _ENOUGH:
        return Guess(
            "UTC", "the times have their offset; write the zone in which your days begin", unsure=True
        )
    said = "the times have no offset; write the zone of the clock that wrote them, such as Europe/Berlin"
    hint = None if country is None else _zone_of(country)
    if hint is None:
        return Guess("UTC", said, unsure=True)
    return Guess(
        hint[0],
        f"the times have no offset, and {hint[1]}; write the zone of the clock that wrote them",
        unsure=True,
    )


def _zone_of(country: Column) -> tuple[str, str] | None:
    """The zone of the country that most lines name, if it has only one."""
    most, lines = country.values.value_counts(sort=True).row(0)
    code, share = country_code(most), lines / country.values.len()
    table = get_data("tzdata", "zoneinfo/zone.tab") or b""
    rows = [line.split("\t") for line in table.decode().splitlines() if not line.startswith("#")]
    zones = [row[2] for row in rows if row[0] == code]
    if share < 0.6 or not zones or len(zones) > 2:
        return None
    return zones[0], f"{written(0, share)} of the lines name {most}"
