"""The one composition: from the events of a bucket of users to user-days, and from user-days to login rows.

It is here because it is pure and imports nothing above this room. The stages `activity` and `logins` run one half each
and store the user-days; earliness and any other engine run both in memory. Promise: the rows are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from features.aggregation.activity import Activity, activity
from features.aggregation.gone import with_gone
from features.aggregation.login_rows import LOGINS, login_rows
from features.contract.countries import as_codes
from features.contract.model import Contract
from features.define import Feature
from features.external.exchange_rates import RateTable
from features.external.join import ExternalFrames, external_values

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RowSources:
    """The inputs of rows that are the same for all buckets.

    `tells`: the part of the contract's promises that the log fulfils. `external`: the external frames without `users`,
    which come by bucket.
    """

    contract: Contract
    tells: frozenset[str]
    log_start: date
    log_end: date
    rates: RateTable
    external: ExternalFrames = field(default_factory=ExternalFrames)

    @property
    def knows_company(self) -> bool:
        """Whether the log says which users are in touch with which others."""
        return "received" in self.tells

    @property
    def known_in_the_day(self) -> "RowSources":
        """The sources as known within a login day: values published during a day count from the next day on."""
        rates = self.rates.rates.with_columns(pl.col("known_at") + _DAY)
        return replace(
            self, rates=replace(self.rates, rates=rates), external=published_a_day_later(self.external)
        )


def user_days_of(events: pl.DataFrame, sources: RowSources) -> Activity:
    """The user-days of `events` (canonical, of whole users, sorted by user and time)."""
    return activity(
        events,
        sources.contract,
        sources.tells,
        sources.log_start,
        sources.log_end,
        sources.rates.rates,
        sources.rates.base,
        sources.rates.max_age_days,
    )


def in_company(
    days: pl.DataFrame, events: pl.DataFrame, absences: pl.DataFrame, sources: RowSources
) -> pl.DataFrame:
    """User-days with what the absence of others adds, if the log knows company.

    `events`: those from which `days` were made. `absences`: of all users, as `all_absences` gives them.
    """
    if not sources.knows_company:
        return days
    contacts = events.select("user_id", "counterpart", sources.contract.day_of(pl.col("at")).alias("day"))
    known = pl.col("day").is_between(sources.log_start, sources.log_end)
    return with_gone(days, contacts.filter(known), absences)


def login_rows_of(
    days: pl.DataFrame,
    features: Sequence[Feature],
    service: pl.DataFrame,
    users: pl.DataFrame | None,
    sources: RowSources,
    chosen: pl.Expr = LOGINS,
) -> pl.DataFrame:
    """The login rows of user-days (of whole users, sorted): `user_id, login_day, login_number` and each feature.

    `service`: the activity of the whole service by day (`service_life`). `users`: the attributes of the users of these
    days, with the day from which each is known; None without a table of users.
    """
    if "country" in days.columns:
        days = days.with_columns(as_codes(days["country"], sources.contract.country.names))
    external = replace(sources.external, users=users)
    calendar = pl.date_range(sources.log_start, sources.log_end, eager=True).alias("day").to_frame()
    by_country, by_currency = external_values(days, calendar, sources.contract, sources.rates, external)
    return login_rows(days, features, by_country, by_currency, service, external, chosen)


def login_rows_from_events(
    events: pl.DataFrame,
    features: Sequence[Feature],
    service: pl.DataFrame,
    users: pl.DataFrame | None,
    sources: RowSources,
    absences: pl.DataFrame,
) -> pl.DataFrame:
    """The login rows of `events`: `user_days_of`, `in_company`, then `login_rows_of`."""
    days = in_company(user_days_of(events, sources).days, events, absences, sources)
    return login_rows_of(days, features, service, users, sources)


def published_a_day_later(external: ExternalFrames) -> ExternalFrames:
    """`external` with each row of a table or calendar known a day later."""
    tables, calendars = (
        {name: frame.with_columns(pl.col("known_day") + _DAY) for name, frame in frames.items()}
        for frames in (external.tables, external.calendars)
    )
    return replace(external, tables=tables, calendars=calendars)
