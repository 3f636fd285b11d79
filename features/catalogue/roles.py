"""Features that other modules use by their meaning. A test compares each with the catalogue."""

from collections.abc import Iterable
from typing import Final

from features.define import Feature
from features.names import OF_QUANTITIES

LOGIN_NUMBER: Final = "logins_life"
"""The number of logins of the user so far, as far as the log goes back."""
EVENTS: Final = "events_life"
"""The number of events of the user so far."""
PAID: Final = "revenue_life"
"""The sum of the user's payments so far; absent if the log has no amounts."""
PAID_ON_DAY: Final = "revenue_today"
"""What the user paid on the login day; absent if the log has no amounts."""
GAP_MEAN: Final = "gap_mean_days"
"""The mean time between the user's logins so far."""
GAP_LAST: Final = "gap_last_days"
"""The days from the user's login before to the last one."""
RECENT_LOGINS: Final = "login_days_30d"
"""The user's login days of the last 30 days."""

OPEN_REQUESTS: Final = "open_complaints"
"""The user's requests that nobody has answered; absent if the log has no requests."""
REQUEST_WAITS: Final = "days_complaint_waits"
"""The days since the latest of them; missing if none is open."""

LAST_SCORE: Final = "score_last"
"""The user's answer to the last survey, 0 to 10; absent if the log has no surveys."""
SUBSCRIBED: Final = "subscription_running"
"""1 while a subscription of the user runs; absent if the log has no subscriptions."""
SINCE_GOAL: Final = "days_since_goal"
"""The days since the user reached a goal; absent if the log has no goals."""

ACTIVE_SHARE: Final = "login_share_30d"
"""The share of the last 30 days, or of those since the first login, with a login."""
_ENGAGEMENT: Final = (ACTIVE_SHARE, "kinds_used_30d", "goals_30d", "contacts_30d")
_USE: Final = ("minutes_per_login_day_30d", "events_per_login_day_30d")  # the first that a log has
_OF_QUANTITY: Final = "_per_login_day_30d"

ROLES: Final = (
    LOGIN_NUMBER, EVENTS, PAID, GAP_MEAN, GAP_LAST, RECENT_LOGINS, OPEN_REQUESTS, REQUEST_WAITS, LAST_SCORE, SUBSCRIBED,
    SINCE_GOAL, PAID_ON_DAY, *_ENGAGEMENT, *_USE,
)  # fmt: skip


def engagement_components(features: Iterable[Feature]) -> tuple[str, ...]:
    """The names of those `features` that engagement is made from, over 30 days.

    The share of days with a login; minutes, or without a clock actions, for each of them; kinds used; goals; contacts;
    and for each login day the sum of each quantity of which little speaks for leaving.
    """
    known = {feature.name: feature for feature in features}
    general = [
        name for name in (*_ENGAGEMENT, *[name for name in _USE if name in known][:1]) if name in known
    ]
    return (
        *general,
        *(
            name
            for name, feature in known.items()
            if name.startswith(OF_QUANTITIES) and name.endswith(_OF_QUANTITY) and feature.worse == "low"
        ),
    )
