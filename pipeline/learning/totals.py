"""The features that an RFM baseline uses.

Promise: counts, money and quantities only, as an analyst would take them from the log.
"""

from collections.abc import Sequence

from features.define import Feature
from features.names import OF_QUANTITIES

_SUMS = ("_30d", "_90d", "_life")
_COUNTS = ("events_30d", "events_life", "orders_90d", "orders_per_30d")


def totals_of_users(features: Sequence[Feature]) -> list[str]:
    """The features that an analyst's RFM table has: counts of events and orders, sums of money and of quantities."""
    return [
        feature.name
        for feature in features
        if feature.name in _COUNTS
        or (feature.form == "money" and feature.dimension == "spending" and "_decayed_" not in feature.name)
        or (
            feature.name.startswith(OF_QUANTITIES)
            and feature.form == "count"
            and feature.name.endswith(_SUMS)
            and "_gain_" not in feature.name
        )
    ]
