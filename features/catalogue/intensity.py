"""How much a user does: on the day, and relative to the previous login, to windows and to the lifetime."""

from dataclasses import dataclass

import polars as pl

from features.define import Feature, Form, before, life, past, previous, ratio, today


@dataclass(frozen=True, slots=True)
class _Amount:
    """The words for a measure (singular, plural), and the number of its units in one of these."""

    one: str
    several: str
    size: int
    form: Form


_AMOUNTS = {
    "events": _Amount("event", "events", 1, "count"),
    "seconds": _Amount("minute", "minutes", 60, "duration"),
    "sessions": _Amount("session", "sessions", 1, "count"),
}


def _general(measure: str) -> tuple[Feature, ...]:
    """The ratios of current, previous, window and lifetime that carried the signal in the Aion study."""
    amount = _AMOUNTS[measure]
    word, unit_size, form = amount.several, amount.size, amount.form
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
            unit=word,
            says=f"{word} on the day: {{value:.0f}}, usually {{own:.1f}}",
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
            says=f"{{value:.1f}} times as many {word} on the day as on the login day before",
            says_missing=f"no {word} on the login day before",
        ),
        Feature(
            name=f"{word}_today_to_usual",
            value=ratio(today(measure), usual),
            dimension="intensity",
            form="ratio",
            worse="low",
            cause="DOES_LESS",
            unit="ratio",
            says=f"{{value:.1f}} times as many {word} on the day as on the user's usual login day",
            says_missing=f"no {word} so far",
        ),
        Feature(
            name=f"{word}_per_login_day_30d",
            value=per_day,
            dimension="intensity",
            form="rate",
            worse="low",
            cause="DOES_LESS",
            unit=f"{word} per login day",
            says=f"{word} per login day of the last 30 days: {{value:.1f}}, usually {{own:.1f}}",
            actionable=True,
        ),
        *(
            Feature(
                name=f"{word}_{days}d",
                value=past(measure, days) / unit_size,
                dimension="intensity",
                form=form,
                worse="low",
                cause="DOES_LESS",
                unit=word,
                says=f"{word} in the last {days} days: {{value:.0f}}, usually {{own:.0f}}",
                actionable=True,
                goal=f"{{more:{amount.one}|{word}}} {{when}}",
            )
            for days in (7, 30, 90)
        ),
        Feature(
            name=f"{word}_life",
            value=life(measure) / unit_size,
            dimension="intensity",
            form=form,
            worse="low",
            cause="LITTLE_SO_FAR",
            unit=word,
            says=f"{word} in all: {{value:.0f}}",
        ),
        Feature(
            name=f"{word}_trend_7d",
            value=ratio(past(measure, 7), before(measure, 7)),
            dimension="intensity",
            form="ratio",
            worse="low",
            cause="DOES_LESS",
            unit="ratio",
            says=f"{{value:.1f}} times as many {word} in the last 7 days as in the 7 days before",
            says_missing=f"no {word} in the 7 days before the last 7",
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
        says="{value:.1f} times as many events per login day in the last 30 days as over the user's whole time",
        says_missing="no events so far",
    ),
    Feature(
        name="events_per_minute_30d",
        value=pl.when(past("seconds", 30) > 0).then(past("events", 30) / (past("seconds", 30) / 60 + 1)),
        dimension="intensity",
        form="rate",
        worse="low",
        cause="DOES_LESS",
        unit="events per minute",
        says="events per minute of use (plus one minute) in the last 30 days: {value:.1f}, usually {own:.1f}",
        says_missing="no time of use in the last 30 days",
    ),
)
