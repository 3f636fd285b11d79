"""The one composition from events to login rows: within a day only the external values of the day before are known."""

from datetime import date

import polars as pl

from features.aggregation.from_events import published_a_day_later
from features.external.join import ExternalFrames


def test_what_is_published_on_a_day_counts_early_only_on_the_next_and_a_known_calendar_always() -> None:
    days = pl.DataFrame({"known_day": [date(2024, 3, 1), None]})
    later = published_a_day_later(ExternalFrames(tables={"weather": days}, calendars={"season": days}))
    for frame in (later.tables["weather"], later.calendars["season"]):
        assert frame["known_day"].to_list() == [date(2024, 3, 2), None]
