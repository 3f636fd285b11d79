"""What the figures of a business are made from: the log in use, its files, and the settings.

Promise: nothing here was known after the log's last day. A log that is cut at a day gives the figures of that day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from features.contract.model import Contract
from features.external.exchange_rates import RateTable
from models.business.customers import Fall
from models.business.periods import Grain, Periods
from models.labels.churn import Churn
from pipeline.config.business import Business
from pipeline.config.sections import Label, Log, Rates
from pipeline.learning.churn_in_use import churn_of
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import LogFacts, read_facts
from pipeline.storage.frames import read_table

_WEEKS_BELOW_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Folders:
    """The data sets of a run: folders of buckets, and files."""

    activity: Path
    visits: Path
    anonymous: Path
    events: Path
    external: Path
    rates: Path
    facts: Path


@dataclass(frozen=True, slots=True)
class Sources:
    """The log in use for figures. `log`: the section that names it."""

    settings: Business
    log: Log
    contract: Contract
    facts: LogFacts
    churn: Churn
    rates: RateTable
    folders: Folders

    @property
    def log_end(self) -> date:
        """The last day that the figures know."""
        return self.facts.log_end

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The periods of figures: as params.yaml says; in a log of less than a year weeks, too, for the alarms."""
        months = Periods("month", self.facts.log_start, self.facts.log_end)
        if self.settings.period == "month" and len(months) <= _WEEKS_BELOW_MONTHS:
            return ("month", "week")
        return (self.settings.period,)

    def periods(self, grain: Grain) -> Periods:
        """The periods of the log."""
        return Periods(grain, self.facts.log_start, self.facts.log_end)

    @property
    def horizon_days(self) -> int:
        """The longest absence after which a user is still a customer."""
        return self.churn.longest_days - self.churn.lead_days

    @property
    def before_log_until(self) -> date:
        """Users first seen before this day, and without a day of sign-up, count as older than the log."""
        days = self.settings.before_log_days
        return self.facts.log_start + timedelta(days=self.horizon_days if days is None else days)

    @property
    def fall(self) -> Fall:
        """From where on use has fallen: as of churn of the kind `drop`."""
        return Fall(self.churn.drop.share, self.churn.drop.usual_days)

    @property
    def currency(self) -> str | None:
        """The currency of all amounts; None without amounts."""
        if "amount" not in self.facts.tells:
            return None
        return self.contract.currency.reporting or self.contract.currency.fixed

    @property
    def has_subscriptions(self) -> bool:
        """Whether the log tells when a subscription starts, what it costs and for how long it is paid."""
        starts = "subscription_start" in self.contract.meaning.kinds
        lengths = self.contract.meaning.renewal_days is not None or self.contract.has("paid_until")
        return starts and lengths and "amount" in self.facts.tells


def sources_of(settings: Business, log: Log, label: Label, rates: Rates, folders: Folders) -> Sources:
    """The sources of a run. Raises InputError when a file is missing or damaged."""
    return Sources(
        settings,
        log,
        load_contract(log.contract),
        read_facts(folders.facts),
        churn_of(label),
        RateTable(read_table(folders.rates), rates.base, rates.max_age_days),
        folders,
    )
