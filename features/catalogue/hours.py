"""At which hours a user is active, by the local clock.

The hour says whom the product meets and in which mood: a first visit at night leads less often to a second one than a
visit in the evening. Nobody leaves for the hour, so these features give no reasons.
"""

import math
from typing import Final

import polars as pl

from features.define import Feature, life, past, ratio, today

_HOUR: Final = 3600
_ANGLE: Final = 2 * math.pi / 24
_TODAY: Final = ratio(today("clock_total"), today("events") * _HOUR)


def _share(name: str, part: str, value: pl.Expr, of: pl.Expr, when: str) -> Feature:
    return Feature(
        name=name,
        value=ratio(value, of),
        dimension="rhythm",
        form="share",
        worse="either",
        cause="NO_HABIT",
        unit="share",
        says=f"{{value:.0%}} of the activity {when} was {part}",
        speaks=False,
    )


def _hour(name: str, value: pl.Expr, says: str, unit: str = "hour of the day") -> Feature:
    return Feature(
        name=name,
        value=value,
        dimension="rhythm",
        form="number",
        worse="either",
        cause="NO_HABIT",
        unit=unit,
        says=says,
        speaks=False,
    )


HOURS = (
    _hour("hour_today", _TODAY, "was active around {value:.1f} h on the login day, usually {own:.1f}"),
    _hour("hour_life", ratio(life("clock_total"), life("events") * _HOUR), "is mostly active around {value:.1f} h"),
    _hour("hour_today_sine", (_TODAY * _ANGLE).sin(), "was active at hours whose sine is {value:.2f}", "number"),
    _hour("hour_today_cosine", (_TODAY * _ANGLE).cos(), "was active at hours whose cosine is {value:.2f}", "number"),
    _share("night_share_today", "at night", today("night_events"), today("events"), "of the login day"),
    _share("night_share_30d", "at night", past("night_events", 30), past("events", 30), "of the last 30 days"),
    _share(
        "working_hours_share_30d", "in working hours", past("working_events", 30), past("events", 30),
        "of the last 30 days",
    ),
)  # fmt: skip
"""Night: from 22 to 6. Working hours: from 9 to 17, Monday to Friday."""
