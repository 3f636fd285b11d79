"""Logs drawn as small tables, and what the feature side makes of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from features.aggregation.activity import activity
from features.aggregation.gone import absences_of, with_gone
from features.aggregation.login_rows import login_rows
from features.aggregation.service import service_life, service_part
from features.catalogue.available import available
from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.define import Feature, life
from features.events.received import OWN, ROLE, received_events, with_received
from features.external.holidays import holidays_near
from features.external.join import ExternalFrames
from features.external.price_changes import price_changes
from features.names import OF_QUANTITIES

COLUMNS = {
    "amount": pl.Float64,
    "currency": pl.String,
    "counterpart": pl.String,
    "session": pl.String,
    "level": pl.Float64,
    "score": pl.Float64,
    "country": pl.String,
    "quantity_points": pl.Float64,
    "quantity_energy": pl.Float64,
}
QUANTITIES = {
    "points": {"column": "points", "form": "total"},
    "energy": {"column": "energy", "form": "level"},
}
GAME = {
    "format": "csv",
    "columns": {
        "user_id": "user",
        "at": "at",
        "kind": "kind",
        **{name: name for name in COLUMNS if not name.startswith(OF_QUANTITIES)},
    },
    "quantities": QUANTITIES,
    "currency": {"reporting": "EUR"},
    "groups": {
        "access": ["login"],
        "progress": ["quest", "level_up"],
        "social": ["chat"],
        "trade": ["purchase", "refund"],
        "support": ["ticket"],
        "feedback": ["nps"],
    },
    "meaning": {
        "onboarding": ["login", "quest", "level_up", "refund"],
        "goal": ["level_up"],
        "paid_for": ["chat", "purchase", "level_up", "refund"],
        "subscription_start": ["purchase"],
        "subscription_end": ["refund"],
        "complaint": ["ticket"],
        "answer": ["refund"],
        "praise": ["nps"],
        "failure": ["ticket"],
        "renewal_days": 30,
    },
    "presence": {"kinds": ["login", "quest", "level_up", "chat", "purchase", "nps"]},
}
START = date(2024, 3, 1)


def contract(**changes: object) -> Contract:
    """The contract of a game that tells everything a log can tell, with `changes`; other columns have no quantities."""
    quantities = {} if "columns" in changes else QUANTITIES
    return parse_contract({**GAME, "quantities": quantities, **changes}, "game.yaml")


def declared(**changes: Any) -> Feature:
    """A feature of the number of logins, with `changes`."""
    logins = Feature(
        name="logins_so_far", value=life("logins"), dimension="rhythm", form="count", worse="low",
        cause="COMES_LESS", unit="logins", says="logins so far: {value:.0f}",
    )  # fmt: skip
    return replace(logins, **changes)


def drawn(table: str) -> pl.DataFrame:
    """Stored events from a table of own ones with a header line; `-` is null."""
    header, *lines = (line.split() for line in table.strip().splitlines())
    raw = pl.DataFrame([dict(zip(header, line, strict=True)) for line in lines])
    cells = raw.with_columns(pl.when(pl.all() != "-").then(pl.all()).name.keep())
    at = (pl.col("date") + " " + pl.col("time")).str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")
    events = cells.with_columns(at.dt.replace_time_zone("UTC").alias("at"), pl.col("user").alias("user_id"))
    optional = [pl.col(name).cast(kind) for name, kind in COLUMNS.items() if name in header]
    return stored(events.select("user_id", "at", "kind", *optional))


def stored(events: pl.DataFrame) -> pl.DataFrame:
    """`events` as ingest stores them, if they are not so yet: each also with its counterpart, sorted.

    Quantities that are absent are null.
    """
    if "counterpart" in events.columns and ROLE not in events.columns:
        own = events.with_columns(pl.lit(OWN).alias(ROLE))
        events = with_received(own, received_events(own))
    missing = [
        pl.lit(None, kind).alias(name)
        for name, kind in COLUMNS.items()
        if name.startswith(OF_QUANTITIES) and name not in events.columns
    ]
    return events.with_columns(missing).sort("user_id", "at", maintain_order=True)


def rate_table() -> pl.DataFrame:
    """Two weeks of invented rates of the pound, published at 15:00 UTC; it loses a fifth on the 8th of March."""
    days = [date(2024, 2, 26), date(2024, 3, 1), date(2024, 3, 4), date(2024, 3, 8), date(2024, 3, 11)]
    return pl.DataFrame(
        {
            "date": days,
            "currency": ["GBP"] * 5,
            "rate": [0.8, 0.8, 0.8, 1.0, 1.0],
            "known_at": [datetime(day.year, day.month, day.day, 15, tzinfo=UTC) for day in days],
        },
        schema_overrides={"known_at": pl.Datetime("us", "UTC")},
    )


def rows_of(
    events: pl.DataFrame,
    log_end: date,
    of: Contract | None = None,
    log_start: date = START,
    external: ExternalFrames | None = None,
    tells: frozenset[str] | None = None,
) -> pl.DataFrame:
    """Login rows, of own or stored `events`, with every feature that the contract and the external data allow.

    `tells`: what the log has of the contract's promises; all of it without.
    """
    terms = of or contract()
    events = stored(events)
    rates = rate_table()
    tells = terms.tells if tells is None else tells
    days = activity(events, terms, tells, log_start, log_end, rates, "EUR", 10).days
    if "received" in tells:
        dated = events.with_columns(terms.day_of(pl.col("at")).alias("day"))
        days = with_gone(days, dated.filter(pl.col("day") <= log_end), absences_of(days))
    calendar = pl.date_range(log_start, log_end, eager=True).alias("day").to_frame()
    by_country = holidays_near(days["country"], log_start, log_end) if "country" in days.columns else None
    by_currency = None
    if "currency" in days.columns:
        pairs = calendar.join(days.select(pl.col("currency").drop_nulls().unique().sort()), how="cross")
        ends = pairs.with_columns(terms.day_end(pl.col("day")).alias("day_end"))
        by_currency = price_changes(ends, rates, "EUR", "EUR", 10)
    features = available(terms.sources(tells, external=None if external is None else external.external_data))
    service = service_life([service_part(days)], log_start, log_end)
    return login_rows(days, features, by_country, by_currency, service, external)
