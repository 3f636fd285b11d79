"""Benefits: what a user has come for, by dimension of the profile, and the features that show it.

The words stand in the file of plays.
"""

from collections.abc import Mapping

from features.define import Dimension

BENEFITS: Mapping[Dimension, Mapping[str, float]] = {
    "rhythm": {"logins_life": 5},
    "progress": {"days_since_goal": 0, "days_since_level_gain": 0},
    "social": {"days_since_contact": 0},
    "spending": {"revenue_life": 0.01},
    "breadth": {"kinds_used_30d": 3},
}
"""By dimension: the features that show the benefit, each from a value on. A user has come for that dimension if it
lowers the user's risk."""
