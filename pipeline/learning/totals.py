"""The features that an RFM baseline uses.

Promise: counts and money only, as an analyst would take them from the log.
"""

from collections.abc import Sequence

from features.define import Feature

_COUNTS = ("events_30d", "events_life", "orders_90d", "orders_per_30d")


def totals_of_users(features: Sequence[Feature]) -> list[str]:
    """The features that an analyst's RFM table has: counts of events and orders, and amounts of money."""
    return [
        feature.name
        for feature in features
        if feature.name in _COUNTS or (feature.form == "money" and feature.dimension == "spending")
    ]
