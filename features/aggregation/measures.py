"""Measures of a user-day, and states: the last values it leaves.

Measures are integers (money in minor units, time in seconds, angles in thousandths), so that differences of prefix sums
are exact. Each has `needs`, the things that the log must tell: a log without amounts has no revenue, instead of a
revenue of zero.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from features.aggregation.gone import GONE
from features.contract.quantities import SCALE, Quantity
from features.contract.sources import GROUPS, MEANINGS, Sources
from features.names import (
    decayed_state,
    gain_measure,
    group_measure,
    is_last_state,
    kind_measures,
    last_state,
    meaning_measure,
    quantity_column,
    record_measure,
    top_measure,
    values_measure,
)

SESSION_BREAK_SECONDS = 30 * 60
ANGLE_SCALE = 1000
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Measure:
    """A total of one user-day: an aggregation of that day's prepared events, as an integer."""

    name: str
    value: pl.Expr
    needs: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    """If the measure is the number of events of these kinds, which are counted all at once."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A measure of a user-day: the rise of a state over the last known one, times `scale`, rounded."""

    measure: str
    scale: int = 1


@dataclass(frozen=True, slots=True)
class State:
    """A value that stays until the next one: an aggregation that gives the day's last value. `gain`: of its rises."""

    name: str
    value: pl.Expr
    needs: frozenset[str]
    gain: Gain | None = None


def _measure(name: str, value: pl.Expr, *needs: str) -> Measure:
    return Measure(name, value.cast(pl.Int64), frozenset(needs))


def _count(name: str, kinds: tuple[str, ...], *needs: str) -> Measure:
    value = pl.col("kind").is_in(list(kinds)).sum().cast(pl.Int64)
    return Measure(name, value, frozenset(needs), kinds)


def _state(name: str, value: pl.Expr, gain: Gain | None = None) -> State:
    return State(name, value, frozenset({name}), gain)


_PAUSE = pl.col("pause_seconds")
_AMOUNT = pl.col("amount_minor")
_CLOCK = pl.col("clock_seconds")
_AT_NIGHT = (_CLOCK < 6 * 3600) | (_CLOCK >= 22 * 3600)
_IN_WORKING_HOURS = _CLOCK.is_between(9 * 3600, 17 * 3600, closed="left") & (pl.col("day").dt.weekday() <= 5)
_FIRST_CLOCK_ANGLE = pl.col("clock_seconds").first() * (2 * math.pi / _DAY_SECONDS)

# Of measures with the same name the first that the log allows is used.
_GENERAL: tuple[Measure, ...] = (
    _measure("events", pl.len()),
    _measure("seconds", _PAUSE.filter(_PAUSE <= SESSION_BREAK_SECONDS).sum(), "clock"),
    _measure("sessions", pl.col("session").drop_nulls().n_unique(), "session"),
    _measure("sessions", 1 + (_PAUSE > SESSION_BREAK_SECONDS).sum(), "clock"),
    _measure("clock_sin", (_FIRST_CLOCK_ANGLE.sin() * ANGLE_SCALE).round(), "clock"),
    _measure("clock_cos", (_FIRST_CLOCK_ANGLE.cos() * ANGLE_SCALE).round(), "clock"),
    _measure("clock_total", pl.col("late_clock_seconds").sum(), "clock"),
    _measure("night_events", _AT_NIGHT.sum(), "clock"),
    _measure("working_events", _IN_WORKING_HOURS.sum(), "clock"),
    _measure("revenue", _AMOUNT.filter(_AMOUNT > 0).sum(), "amount"),
    _measure("refunds", -_AMOUNT.filter(_AMOUNT < 0).sum(), "amount"),
    _measure("orders", pl.col("at").filter(_AMOUNT > 0).n_unique(), "amount"),
    _measure("contacts", pl.col("counterpart").count(), "counterpart"),
    _measure("counterparts", pl.col("counterpart").drop_nulls().n_unique(), "counterpart"),
    _measure("answers", pl.col("score").count(), "score"),
)

STATES: tuple[State, ...] = (
    _state("level", pl.col("level").drop_nulls().max(), Gain("level_gain")),
    _state("score", pl.col("score").drop_nulls().last()),
    _state("paid_until", pl.col("paid_until").drop_nulls().last()),
    _state("currency", pl.col("currency").drop_nulls().last()),
    _state("country", pl.col("country").drop_nulls().last()),
    _state("city", pl.col("city").drop_nulls().last()),
)

# Made from the calendar of a user's login days (user_days.py), not from single events.
CALENDAR_MEASURES: tuple[str, ...] = (
    "logins", "gap_days", "gap_days_squared", "streak_days", "weekend_logins", "weekday_sin", "weekday_cos",
)  # fmt: skip
# Made from own and received events together (contacts.py, gone.py). GONE, and the last two, are not totals but numbers
# at the day's end.
CONTACT_MEASURES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("received", "replies", GONE), frozenset({"received"})),
    **dict.fromkeys(
        ("new_counterparts", "regular_counterparts", "ceased_counterparts"), frozenset({"counterpart"})
    ),
}
DERIVED_MEASURES: Mapping[str, frozenset[str]] = {
    "level_gain": frozenset({"level"}),
    "onboarding_gain": frozenset({"meaning:onboarding"}),
    **CONTACT_MEASURES,
}
# Made from the measures of a user's days so far (user_days.py).
RUN_STATES: Mapping[str, frozenset[str]] = {
    "logins_since_goal": frozenset({"meaning:goal"}),
    "failures_since_goal": frozenset({"meaning:goal", "meaning:failure"}),
}
DECAYED: Mapping[str, frozenset[str]] = {
    "events": frozenset(), "seconds": frozenset({"clock"}), "revenue": frozenset({"amount"}), "gap_days": frozenset(),
}  # fmt: skip
"""Measures whose recent level is kept, with their needs."""
RECENTLY: Mapping[int, str] = {14: "lately", 60: "in recent months"}
"""By days in which such a level moves half of the way to a new value, what is said of it."""
HALF_LIVES = tuple(RECENTLY)
DECAY_STATES: Mapping[str, frozenset[str]] = {
    decayed_state(name, days): needs for name, needs in DECAYED.items() for days in HALF_LIVES
}
# Made from the order of a user's events (open_states.py), not from one day's events.
_COMPLAINTS = frozenset({"meaning:complaint", "meaning:answer"})
MARK_STATES: Mapping[str, frozenset[str]] = {
    "subscription": frozenset({"meaning:subscription_start", "meaning:subscription_end"}),
    "open_complaints": _COMPLAINTS,
    "complaint_waits": _COMPLAINTS,
    "answer_hours": _COMPLAINTS | {"clock"},
}

_STATE_NAMES = frozenset({*(state.name for state in STATES), *MARK_STATES, *RUN_STATES, *DECAY_STATES})


def measures_for(sources: Sources) -> tuple[Measure, ...]:
    """Every measure that these sources allow, each name once."""
    groups = sources.groups
    possible = (
        *_GENERAL, *_of_groups(groups), *_of_kinds(groups), *_of_meaning(sources.meaning),
        *_of_quantities(sources.quantities),
    )  # fmt: skip
    allowed: dict[str, Measure] = {}
    for measure in possible:
        if measure.needs <= sources.tells:
            allowed.setdefault(measure.name, measure)
    return tuple(allowed.values())


def measure_needs(sources: Sources) -> dict[str, tuple[frozenset[str], ...]]:
    """Every measure that any log could have, with the alternative needs of each: one is enough.

    Kinds and groups are those of `sources`, and the groups that features may always use.
    """
    groups = {**dict.fromkeys(GROUPS, ()), **sources.groups}
    made = (
        *_of_groups(groups), *_of_kinds(groups), *_of_meaning(dict.fromkeys(MEANINGS, ())),
        *_of_quantities(sources.quantities),
    )  # fmt: skip
    ways: dict[str, tuple[frozenset[str], ...]] = dict.fromkeys(CALENDAR_MEASURES, (frozenset(),))
    ways |= {name: (needs,) for name, needs in DERIVED_MEASURES.items()}
    for name, one in sources.quantities.items():
        derived = gain_measure(name) if one.is_level else record_measure(name)
        ways[derived] = (frozenset({quantity_column(name)}),)
    for measure in (*_GENERAL, *made):
        ways[measure.name] = (*ways.get(measure.name, ()), measure.needs)
    return ways


def state_needs(quantities: Mapping[str, Quantity]) -> dict[str, frozenset[str]]:
    """Every state that any log with these `quantities` could have, with its needs."""
    states = (*STATES, *_states_of(quantities))
    made = {**MARK_STATES, **RUN_STATES, **DECAY_STATES}
    return {state.name: state.needs for state in states} | made


def is_state(name: str) -> bool:
    """Whether the column `name` of user-days is a state: unknown, not 0, on a day without events."""
    return name in _STATE_NAMES or is_last_state(name)


def states_for(sources: Sources) -> tuple[State, ...]:
    """Every state that these sources allow."""
    states = (*STATES, *_states_of(sources.quantities))
    return tuple(state for state in states if state.needs <= sources.tells)


def _of_groups(groups: Mapping[str, Iterable[str]]) -> Iterable[Measure]:
    for group, kinds in groups.items():
        yield _count(group_measure(group), tuple(kinds), f"group:{group}")


def _of_kinds(groups: Mapping[str, Iterable[str]]) -> Iterable[Measure]:
    for kind, name in kind_measures(groups).items():
        yield _count(name, (kind,), f"kind:{kind}")


def _of_meaning(meaning: Mapping[str, Iterable[str]]) -> Iterable[Measure]:
    for name, kinds in meaning.items():
        yield _count(meaning_measure(name), tuple(kinds), f"meaning:{name}")


def _of_quantities(quantities: Mapping[str, Quantity]) -> Iterable[Measure]:
    """In thousandths: the sum and the largest single value of a day; the number of its values as it is."""
    for name, one in quantities.items():
        if not one.is_level:
            column = quantity_column(name)
            value = pl.col(column)
            scaled = (value * SCALE).round().cast(pl.Int64)
            yield _measure(column, scaled.sum(), column)
            yield _measure(values_measure(name), value.count(), column)
            yield _measure(top_measure(name), scaled.max(), column)


def _states_of(quantities: Mapping[str, Quantity]) -> Iterable[State]:
    for name, one in quantities.items():
        column = quantity_column(name)
        gain = Gain(gain_measure(name), SCALE) if one.is_level else None
        yield State(last_state(name), pl.col(column).drop_nulls().last(), frozenset({column}), gain)
