"""The exports of tools for which data/contracts/exports has a ready contract, known by their columns."""

from collections.abc import Iterable

_BY_COLUMNS = {
    "ga4": ("event_timestamp", "event_name", "user_pseudo_id"),
    "amplitude": ("event_type", "event_time", "amplitude_id"),
    "mixpanel": ("event", "properties.distinct_id", "properties.time"),
    "posthog": ("uuid", "event", "distinct_id", "person_id"),
    "segment": ("messageId", "anonymousId", "type"),
    "snowplow": ("event_name", "collector_tstamp", "domain_userid"),
    "matomo": ("idVisit", "visitorId", "firstActionTimestamp"),
    "stripe": ("created", "type", "data.object.id"),
}


def ready_contract(columns: Iterable[str]) -> str | None:
    """The path of the ready contract for a log with these columns or paths; None when it is of no known tool."""
    there = set(columns)
    tool = next((name for name, needed in _BY_COLUMNS.items() if there >= set(needed)), None)
    return None if tool is None else f"data/contracts/exports/{tool}.yaml"
