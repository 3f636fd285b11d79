"""Features that other modules use by their meaning. A test compares each with the catalogue."""

from typing import Final

LOGIN_NUMBER: Final = "logins_life"
"""The number of logins of the user so far, as far as the log goes back."""
EVENTS: Final = "events_life"
"""The number of events of the user so far."""
PAID: Final = "revenue_life"
"""The sum of the user's payments so far; absent if the log has no amounts."""

ROLES: Final = (LOGIN_NUMBER, EVENTS, PAID)
