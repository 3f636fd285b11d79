"""How much a user does: on the day, and relative to the previous login, to windows and to the lifetime."""

from dataclasses import dataclass

import polars as pl

from features.aggregation.measures import DECAYED, HALF_LIVES, RECENTLY
from features.define import LONG_WINDOWS, Feature, Form, before, decayed, life, past, previous, ratio, today


@dataclass(frozen=True, slots=True)
class _Amount:
    """The words for a measure and the number of its units in one of these.

    The words are those for several, for none, for some at another time, for a goal, and for a mean day with any.
    `changes_speak`: False: a user has so few of them that a change or a mean says nothing.
    """

    several: str
    none: str
    some: str
    goal: str
    mean: str
    size: int
    form: Form
    changes_speak: bool = True


ACT_MORE = "do {more:thing|things} here"
"""The goal of more actions, where the contract has no word for them."""
_AMOUNTS = {
    "events": _Amount("actions", "no actions", "some", ACT_MORE, "per visit", 1, "count"),
    "seconds": _Amount(
        "minutes",
        "less than a minute",
        "more",
        "spend {more:minute|minutes} here",
        "per visit",
        60,
        "duration",
    ),
    "sessions": _Amount(
        "sessions",
        "no sessions",
        "some",
        "come {more:time|times}",
        "on a day with any",
        1,
        "count",
        changes_speak=False,
    ),
}

_NAMES = {"events": "events", "seconds": "minutes", "sessions": "sessions"}
"""By measure its name in the names of features."""


def _decayed(measure: str, days: int) -> Feature:
    amount = _AMOUNTS[measure]
    return Feature(
        name=f"{_NAMES[measure]}_decayed_{days}d",
        value=decayed(measure, days) / amount.size,
        dimension="intensity",
        form="rate",
        worse="low",
        cause="DOES_LESS",
        unit=f"{amount.several} per login day",
        says=f"{RECENTLY[days]} {{value:.1f}} {amount.several} {amount.mean}",
        speaks=False,  # a level that forgets says little to a person
    )


def _general(measure: str) -> tuple[Feature, ...]:
    """The ratios of current, previous, window and lifetime that carried the signal in the Aion study."""
    amount, word = _AMOUNTS[measure], _NAMES[measure]
    things, unit_size, form = amount.several, amount.size, amount.form
    none, digits = amount.none, ".0f" if form == "duration" else ".1f"
    usually = f"{{own:{digits}}}"
    per_day = ratio(past(measure, 30), past("logins", 30)) / unit_size
    usual = ratio(life(measure), life("logins"))
    return (
        Feature(
            name=f"{word}_today",
            value=today(measure) / unit_size,
            dimension="intensity",
            form=form,
            worse="low",
            cause="DOES_LESS",
            unit=things,
            says=f"{{value:.0f}} {things} on the login day, usually {usually}",
            says_zero=f"{none} on the login day",
            actionable=True,
        ),
        Feature(
            name=f"{word}_today_to_previous",
            value=ratio(today(measure), previous(measure)),
            dimension="intensity",
            form="ratio",
            worse="low",
            cause="DOES_LESS",
            unit="ratio",
            says=f"{{value:more|fewer}} {things} on the login day than on the visit before",
            speaks=amount.changes_speak,
            says_zero=f"{none} on the login day, but {amount.some} on the visit before",
            says_missing=f"{none} on the visit before the last one",
        ),
        Feature(
            name=f"{word}_today_to_usual",
            value=ratio(today(measure), usual),
            dimension="intensity",
            form="ratio",
            worse="low",
            cause="DOES_LESS",
            unit="ratio",
            says=f"{{value:more|fewer}} {things} on the login day than usual",
            speaks=amount.changes_speak,
            says_zero=f"{none} on the login day, but {amount.some} before",
            says_missing=f"{none} so far",
        ),
        Feature(
            name=f"{word}_per_login_day_30d",
            value=per_day,
            dimension="intensity",
            form="rate",
            worse="low",
            cause="DOES_LESS",
            unit=f"{things} per login day",
            says=f"{{value:{digits}}} {things} {amount.mean} in the last 30 days, usually {{own:{digits}}}",
            actionable=True,
            speaks=amount.changes_speak,
        ),
        *(
            Feature(
                name=f"{word}_{days}d",
                value=past(measure, days) / unit_size,
                dimension="intensity",
                form=form,
                worse="low",
                cause="DOES_LESS",
                unit=things,
                says=f"{{value:.0f}} {things} in the last {days} days, usually {usually}",
                says_zero=f"{none} in the last {days} days",
                actionable=True,
                goal="" if days in LONG_WINDOWS else f"{amount.goal} {{when}}",
                speaks=days not in LONG_WINDOWS,
            )
            for days in (7, 30, 90, *LONG_WINDOWS)
        ),
        Feature(
            name=f"{word}_life",
            value=life(measure) / unit_size,
            dimension="intensity",
            form=form,
            worse="low",
            cause="LITTLE_SO_FAR",
            unit=things,
            says=f"{{value:.0f}} {things} in all",
            says_zero=f"{none} in all",
        ),
        *(_decayed(measure, days) for days in HALF_LIVES if measure in DECAYED),
        Feature(
            name=f"{word}_trend_7d",
            value=ratio(past(measure, 7), before(measure, 7)),
            dimension="intensity",
            form="ratio",
            worse="low",
            cause="DOES_LESS",
            unit="ratio",
            says=f"{{value:more|fewer}} {things} in the last 7 days than in the 7 days before",
            speaks=amount.changes_speak,
            says_zero=f"{none} in the last 7 days, but {amount.some} in the 7 days before",
            says_missing=f"{none} in the week before the last 7 days",
        ),
    )


INTENSITY = (
    *(feature for measure in _AMOUNTS for feature in _general(measure)),
    Feature(
        name="events_per_login_day_30d_to_usual",
        value=ratio(ratio(past("events", 30), past("logins", 30)), ratio(life("events"), life("logins"))),
        dimension="intensity",
        form="ratio",
        worse="low",
        cause="DOES_LESS",
        unit="ratio",
        says="{value:more|fewer} actions per visit in the last 30 days than on average",
        says_missing="no actions so far",
    ),
    Feature(
        name="events_per_minute_30d",
        value=pl.when(past("seconds", 30) > 0).then(past("events", 30) / (past("seconds", 30) / 60 + 1)),
        dimension="intensity",
        form="rate",
        worse="low",
        cause="DOES_LESS",
        unit="actions per minute",
        says="{value:.1f} actions per minute of use in the last 30 days, usually {own:.1f}",
        says_missing="less than a minute of use in the last 30 days",
        speaks=False,  # nobody leaves for doing less in a minute
    ),
)
