"""Features that other parts rely on by what they mean. A test holds each to the catalogue."""

from typing import Final

LOGIN_NUMBER: Final = "logins_life"
"""How many logins the user has had; where the log begins in the middle of a life, those seen."""
EVENTS: Final = "events_life"
"""How many events the user has had so far."""
PAID: Final = "revenue_life"
"""What the user has paid so far; absent where the log has no amounts."""

ROLES: Final = (LOGIN_NUMBER, EVENTS, PAID)
