"""The moments at which a score is made, as text: within the day of a login, and after days of silence."""

WITHIN_DAY = {"5_minutes": "5 minutes", "1_hour": "1 hour", "end_of_day": "end of the day"}
"""The keys of `earliness.within_day` in metrics.json, in order of time, and their texts."""


def silence(group: str) -> str:
    """A group of silent days in metrics.json as text: `5_to_6_days` is "5 to 6 silent days"."""
    days = group.removesuffix("_days").replace("_", " ")
    return f"{days} silent day{'' if days == '1' else 's'}"
