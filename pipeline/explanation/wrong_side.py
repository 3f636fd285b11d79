"""Which values may be told as a reason: those on the wrong side of what is usual, as they are told.

Promise: a sentence with a value, the user's usual value and that of peers shows by itself why it is a reason.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import RHYTHM_FROM
from features.aggregation.landmarks import SILENT_DAYS
from features.catalogue.roles import GAP_LAST, LOGIN_NUMBER
from features.define import Feature, Form
from features.totals import Total, totals_of
from features.wording.numbers import OF_PRICES
from features.wording.sentences import as_read
from features.wording.template import template_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_UNCHANGED = 1.0
_HALF = 0.5
_TRIFLE = 0.15
_TRIFLE_OF_RATIOS = 0.1
_HABIT_FROM = 7
_ALL_VISITS = Total("logins", "life")
_MOSTLY_AWAY = 2.0
_RARE = 0.25  # the share of peers with whom a user shares what stands out
_TRIFLE_OF_SHARES = 0.0299  # less than three points of percent, as rounded
_AMOUNTS = frozenset[Form]({"count", "duration", "money", "share", "rate", "days_since"})
_LEAST_OF_FORM: Mapping[Form, float] = {"count": 0.5, "money": 1.0}
_LEAST_OF_UNIT: Mapping[str, float] = {
    "minutes": 5.0, "hours": 3.0, "days": 1.0, "actions": 0.5, "sessions": 0.5, "people": 0.5, "levels": 0.5,
}  # fmt: skip
"""By form, or else by unit, the least difference from what is usual that a person would speak of. The unit of a rate is
that of its amount."""
_LEAST_LEVELS: Mapping[str, float] = {"weekdays": 2.0, "hours": 2.0}
"""By format of a position in words by how many words it must differ; 1 for the other formats."""


@dataclass(frozen=True, slots=True)
class Away:
    """How often the users of some rows came, and for how long they were away, (rows,) each.

    `silent_days`: since the last login. `gap_days`: from the login before to the last one; NaN: there is none before,
    or it is not known. `visits`: the number of logins; NaN: not known.
    """

    silent_days: Floats
    gap_days: Floats
    visits: Floats

    @staticmethod
    def of(rows: pl.DataFrame) -> "Away":
        """That of `rows`: login rows, on whose day nobody is silent, or landmark rows."""
        silent = pl.col(SILENT_DAYS) if SILENT_DAYS in rows.columns else pl.lit(0.0)
        gap = pl.col(GAP_LAST) if GAP_LAST in rows.columns else pl.lit(math.nan)
        visits = pl.col(LOGIN_NUMBER) if LOGIN_NUMBER in rows.columns else pl.lit(math.nan)
        known = rows.with_columns(
            one.cast(pl.Float64).fill_null(math.nan).alias(name)
            for name, one in (("silent", silent), ("gap", gap), ("visits", visits))
        )
        return Away(*(known[name].to_numpy() for name in ("silent", "gap", "visits")))


def wrong_side(
    features: Sequence[Feature],
    away: Away,
    values: Floats,
    usual: Floats,
    peers: Floats,
    known: Floats,
) -> Flags:
    """(rows, features) whether the value lies on the worse side of the usual value of peers and of the user's own.

    Values are compared as rounded in a sentence. What is not known is not compared: the first logins have no usual
    value. All arrays are (rows, features): `values`; `usual`, of the user; `peers`, the mean of peers; `known`, the
    share of peers that have a value. `away`: of the users of the rows. Special cases:

    - A feature that does not speak has no wrong side.
    - A ratio tells of a change, so it must also lie on the worse side of 1.
    - A trend or a ratio of intensity without an earlier amount shows no fall, so it is no reason.
    - An amount must also differ from that of peers, and from the usual one, by 15 percent: less is a trifle. So must
      a ratio, but one of prices, differ from 1, and by ten points of percent from that of peers.
    - It must differ by something that a person would speak of, too: half a thing, a day, five minutes.
    - A share must differ by three points of percent: "1%, usually less than 1%" is a trifle too.
    - A missing value is on the wrong side where most peers have one, unless the feature has a goal that any value is
      short of ("no complaint is open"), or is a clock that is worse when it is young, as that of the last refund: then
      it never happened. Nor is a score: who was not asked has none.
    - A share of the visits, or a mean of the times between them, says nothing before the third visit, and their
      weekdays and hours before the seventh.
    - A clock of what a user did is not late if the user was away for half of the time or more before the last login.
      One that runs on while the user is away was late when the user left.
    - A value from the feature's `stands_out_below` on is not: a subscription that is due in three weeks. Nor is one
      below `stands_out_above`: prices that rose by one percent.
    - A feature with a goal: any other value than the goal is short of it. A clock that a goal sets runs on
      afterwards, so it must also be late.
    - A feature without a worse side has no wrong one, but a flag does: "country is TR", where few peers are.
    """
    columns = [
        _of_feature(feature, values[:, i], usual[:, i], peers[:, i], known[:, i], away)
        for i, feature in enumerate(features)
    ]
    return np.column_stack(columns) if columns else np.zeros(values.shape, dtype=np.bool_)


def _of_feature(
    feature: Feature, value: Floats, usual: Floats, peers: Floats, known: Floats, away: Away
) -> Flags:
    missing = np.isnan(value)
    if not feature.speaks:
        return np.zeros_like(missing)
    if feature.worse == "either":
        return np.asarray(
            (value > _HALF) & (peers < _RARE) if feature.form == "flag" else np.zeros_like(missing)
        )
    beyond = _beyond(feature, value, usual, peers)
    if feature.form == "days_since" and feature.worse == "high" and feature.goal_value is None:
        if feature.moves:
            beyond &= _beyond(feature, value - away.silent_days, usual, peers)
        else:
            beyond &= ~(value <= _MOSTLY_AWAY * away.gap_days)
    if _adds_up_visits(feature):
        beyond &= ~(away.visits < RHYTHM_FROM)
    if template_of(feature).spec in _LEAST_LEVELS:
        beyond &= ~(away.visits < _HABIT_FROM)
    if feature.stands_out_below is not None:
        beyond &= value < feature.stands_out_below
    if feature.stands_out_above is not None:
        beyond &= value >= feature.stands_out_above
    if feature.goal_value is None:
        never_is_best = feature.form == "days_since" and feature.worse == "low"
        tells = not never_is_best and feature.form != "score" and not _compares_with_before(feature)
        return np.asarray(np.where(missing, (known > _HALF) & tells, beyond))
    short = ~missing & (value != feature.goal_value)
    is_clock = feature.form in ("days_since", "days_to") and not math.isnan(feature.goal_value)
    return np.asarray(short & beyond if is_clock else short)


def _adds_up_visits(feature: Feature) -> bool:
    """Whether `feature` is a share of all visits, or adds up times between several of them."""
    totals = totals_of(feature.value)
    gaps = (
        total for total in totals if total.source == "gap_days" and total.window not in ("day", "previous")
    )
    return _ALL_VISITS in totals if feature.form == "share" else feature.form == "duration" and any(gaps)


def _beyond(feature: Feature, value: Floats, usual: Floats, peers: Floats) -> Flags:
    """(rows,) whether the value is worse than both the usual one and that of peers, by more than a trifle."""
    template = template_of(feature)
    rounded, of_peers, own = (as_read(feature, numbers) for numbers in (value, peers, usual))
    sign = 1.0 if feature.worse == "high" else -1.0
    least = _least(feature)
    beyond = np.asarray((np.isnan(own) | (sign * (rounded - own) > 0)) & ~(sign * (rounded - of_peers) <= 0))
    if least:
        beyond &= ~(abs(rounded - own) < least) & ~(abs(rounded - of_peers) < least)
    if feature.form in _AMOUNTS:
        beyond &= ~(abs(value - peers) < _TRIFLE * abs(peers)) & ~(abs(value - usual) < _TRIFLE * abs(usual))
    if feature.form == "ratio":
        beyond &= sign * (rounded - _UNCHANGED) > 0
        if template.spec != OF_PRICES:  # `stands_out_above` is their bound
            beyond &= (abs(value - _UNCHANGED) >= _TRIFLE) & ~(abs(value - peers) < _TRIFLE_OF_RATIOS)
    return beyond


def _least(feature: Feature) -> float:
    """The least difference of two values of `feature`, as they are read, that is no trifle; 0: any."""
    template = template_of(feature)
    if template.is_level:
        return _LEAST_LEVELS.get(template.spec, 1.0)
    if template.is_percentage:
        return _TRIFLE_OF_SHARES
    amount, _, _ = feature.unit.partition(" per ")
    return _LEAST_OF_FORM.get(feature.form, _LEAST_OF_UNIT.get(amount, 0.0))


def _compares_with_before(feature: Feature) -> bool:
    """Whether `feature` compares an amount with an earlier one; a trend does, with windows of n and 2n days."""
    if feature.form != "ratio":
        return False
    if feature.dimension == "intensity":
        return True
    windows = {total.days for total in totals_of(feature.value)}
    return any(2 * days in windows for days in windows - {0})
