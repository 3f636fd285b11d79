"""External data for the log of `tests.support.tables`: a users table, dated tables and calendars, drawn small."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from features.contract.external_data import Attribute, Calendar, ExternalData, Table
from features.external.join import ExternalFrames

EXTERNAL_DATA = ExternalData(
    tables=(
        Table("weather", "city", ("rain",), 3),
        Table("people", "country", ("gdp", "births"), 400),
        Table("index", "date", ("price",), 30),
    ),
    calendars=(Calendar("season", "all"), Calendar("plan", "course"), Calendar("school", "country")),
    attributes=(
        Attribute("course", "text", ("piano", "violin")),
        Attribute("seats", "number"),
        Attribute("trial", "flag"),
        Attribute("contract ends", "date"),
        Attribute("born", "date", constant=True),
        Attribute("country", "text", ("DE", "FR")),
        Attribute("city", "text", ("Berlin", "Paris")),
    ),
    sign_up=True,
    fills=frozenset({"country", "city"}),
)


def march(day: int) -> date:
    return date(2024, 2, 29) + timedelta(days=day)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def published(rows: list[tuple[object, ...]], *columns: str) -> pl.DataFrame:
    """A dated table whose rows are `date, known_day, …`, known at noon."""
    frame = pl.DataFrame(rows, schema=["date", "known_day", *columns], orient="row")
    known = pl.Series("known_at", [noon(row[1]) for row in rows], dtype=pl.Datetime("us", "UTC"))  # type: ignore[arg-type]
    return frame.with_columns(known)


def users() -> pl.DataFrame:
    """Ann moves from piano to violin on the 5th; Bob signs up on the 8th."""
    columns = [
        "user_id",
        "from_day",
        "course",
        "seats",
        "trial",
        "contract ends",
        "born",
        "country",
        "city",
        "signed_up_at",
    ]
    always = (date(1990, 3, 8), "FR", "Berlin")
    rows = [
        ("ann", march(1), "piano", 2.0, True, march(20), *always, date(2024, 2, 20)),
        ("ann", march(5), "violin", 3.0, False, march(30), *always, date(2024, 2, 20)),
        ("bob", date(1, 1, 1), None, None, None, None, None, None, None, march(8)),
    ]
    return pl.DataFrame(rows, schema=columns, orient="row")


def external_frames() -> ExternalFrames:
    return ExternalFrames(
        external_data=EXTERNAL_DATA,
        users=users(),
        tables={
            "weather": published(
                [(march(7), march(7), "berlin", 5.0), (march(8), march(9), "berlin", 9.0)], "key", "rain"
            ),
            "people": published(
                [
                    (date(2023, 12, 31), date(2024, 1, 31), "DE", 50.0, 1.0),
                    (date(2023, 12, 31), march(6), "DE", 60.0, None),
                    (date(2023, 12, 31), march(9), "DE", 70.0, 2.0),
                ],
                "key", "gdp", "births",
            ),
            "index": published([(march(8), march(1), 1.5), (march(9), march(1), 2.5)], "price"),
        },
        calendars={
            "season": pl.DataFrame({"date": [march(1), march(6), march(21)], "known_day": [None, None, march(9)]}),
            "plan": pl.DataFrame(
                {
                    "group": ["piano", "violin", "violin"],
                    "date": [march(7), march(4), march(12)],
                    "known_day": [None] * 3,
                },
                schema_overrides={"known_day": pl.Date},
            ),
            "school": pl.DataFrame(
                {"group": ["FR"], "date": [march(8)], "known_day": [None]}, schema_overrides={"known_day": pl.Date}
            ),
        },
    )  # fmt: skip
