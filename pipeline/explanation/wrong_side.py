"""Which values may be told as a reason: those on the wrong side of what is usual, as they are told.

Promise: a sentence with a value, the user's usual value and that of peers shows by itself why it is a reason.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.define import Feature, Form
from features.totals import totals_of
from features.wording.sentences import as_read
from features.wording.template import template_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_UNCHANGED = 1.0
_HALF = 0.5
_TRIFLE = 0.1
_OF_PRICES = "higher|lower"  # the format of a ratio of prices: a few percent matter
_TRIFLE_OF_SHARES = 0.0199  # less than two points of percent, as rounded
_AMOUNTS = frozenset[Form]({"count", "duration", "money", "share", "rate", "days_since"})


def wrong_side(
    features: Sequence[Feature], values: Floats, usual: Floats, peers: Floats, known: Floats
) -> Flags:
    """(rows, features) whether the value lies on the worse side of the usual value of peers and of the user's own.

    Values are compared as rounded in a sentence. What is not known is not compared: the first logins have no usual
    value. All arrays are (rows, features): `values`; `usual`, of the user; `peers`, the mean of peers; `known`, the
    share of peers that have a value. Special cases:

    - A ratio tells of a change, so it must also lie on the worse side of 1.
    - A trend or a ratio of intensity without an earlier amount shows no fall, so it is no reason.
    - An amount must also differ from that of peers, and from the usual one, by a tenth: less is a trifle. So must
      a ratio, but one of prices, differ from 1.
    - A share must differ by two points of percent: "1%, usually less than 1%" is a trifle too.
    - A missing value is on the wrong side where most peers have one, unless the feature has a goal that any value is
      short of ("no complaint is open"), or is a clock that is worse when it is young, as that of the last refund: then
      it never happened.
    - A value from the feature's `stands_out_below` on is not: a subscription that is due in three weeks.
    - A feature with a goal: any other value than the goal is short of it. A clock that a goal sets runs on
      afterwards, so it must also be late.
    - A feature without a worse side has no wrong one, but a flag does: "country is TR", where most peers are not.
    """
    columns = [
        _of_feature(feature, values[:, i], usual[:, i], peers[:, i], known[:, i])
        for i, feature in enumerate(features)
    ]
    return np.column_stack(columns) if columns else np.zeros(values.shape, dtype=np.bool_)


def _of_feature(feature: Feature, value: Floats, usual: Floats, peers: Floats, known: Floats) -> Flags:
    missing = np.isnan(value)
    if feature.worse == "either":
        return np.asarray(
            (value > _HALF) & (peers < _HALF) if feature.form == "flag" else np.zeros_like(missing)
        )
    template = template_of(feature)
    rounded, of_peers, own = (as_read(feature, numbers) for numbers in (value, peers, usual))
    sign = 1.0 if feature.worse == "high" else -1.0
    beyond = np.asarray((np.isnan(own) | (sign * (rounded - own) > 0)) & ~(sign * (rounded - of_peers) <= 0))
    if feature.form in _AMOUNTS:
        beyond &= ~(abs(value - of_peers) < _TRIFLE * abs(of_peers)) & ~(
            abs(value - own) < _TRIFLE * abs(own)
        )
    if template.is_percentage:
        beyond &= ~(abs(rounded - of_peers) < _TRIFLE_OF_SHARES) & ~(abs(rounded - own) < _TRIFLE_OF_SHARES)
    if feature.form == "ratio":
        beyond &= sign * (rounded - _UNCHANGED) > 0
        if template.spec != _OF_PRICES:
            beyond &= abs(value - _UNCHANGED) >= _TRIFLE
    if feature.stands_out_below is not None:
        beyond &= value < feature.stands_out_below
    if feature.goal_value is None:
        never_is_best = feature.form == "days_since" and feature.worse == "low"
        tells = not never_is_best and not _compares_with_before(feature)
        return np.asarray(np.where(missing, (known > _HALF) & tells, beyond))
    short = ~missing & (value != feature.goal_value)
    is_clock = feature.form in ("days_since", "days_to") and not math.isnan(feature.goal_value)
    return np.asarray(short & beyond if is_clock else short)


def _compares_with_before(feature: Feature) -> bool:
    """Whether `feature` compares an amount with an earlier one; a trend does, with windows of n and 2n days."""
    if feature.form != "ratio":
        return False
    if feature.dimension == "intensity":
        return True
    windows = {total.days for total in totals_of(feature.value)}
    return any(2 * days in windows for days in windows - {0})
