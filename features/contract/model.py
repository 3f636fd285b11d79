"""The contract of a log: what its columns, times, kinds and currency mean.

Promise: the import checks and reads nothing; `features.contract.parse` makes a whole contract.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from features.contract.columns import Columns, Csv
from features.contract.derived_columns import sql_of
from features.contract.external_data import Calendar, ExternalData, Table
from features.contract.identity import Identity
from features.contract.quantities import QuantityGiven
from features.contract.sources import Sources
from features.contract.time import Time
from features.contract.users import Country, Users
from features.contract.values import PLACEHOLDER_IDS, Currency, Numbers
from features.dated import External
from features.names import Nouns, Words, braceless, quantity_column, several
from features.timestamps import EARLIEST_ZONE, has_clock, local_day, local_day_end

OPTIONAL_COLUMNS = (
    "amount",
    "currency",
    "counterpart",
    "session",
    "level",
    "score",
    "country",
    "city",
    "paid_until",
    "account",
)
COLUMNS = ("user_id", "at", "kind", "event_id", *OPTIONAL_COLUMNS)

OF_NO_KIND = frozenset({"renewal_days", "plans", "limit"})
"""Keys of `meaning` that are no list of kinds."""
OF_PLANS = frozenset({"plans", "limit"})
"""Keys of `meaning` that no feature is made of."""

_Text = Annotated[str, Field(pattern=r"\S")]


_PlanDays = Annotated[int, Field(ge=1, le=3650)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Forms(_Part):
    """The words for one event of a kind, and for many."""

    one: _Text
    many: _Text


class NounsGiven(_Part):
    """What people call one event of the log, one session, and one day on which a user came; null: as it stands."""

    action: _Text | Forms | None = None
    """One event: item, contribution."""
    session: _Text | Forms | None = None
    """One session: order, game."""
    visit: _Text | Forms | None = None
    """One day on which a user came: order, active day."""


class Presence(_Part):
    """The conditions of a login day; `kinds` null: any kind."""

    kinds: tuple[str, ...] | None = None
    """The kinds that are the user's own doing; null: any."""
    least_minutes: float = Field(default=0, ge=0, le=1440)
    """Fewer minutes from the first to the last event of a day are no login."""
    least_events: int = Field(default=1, ge=1, le=1_000_000)
    """Fewer events of these kinds on a day are no login."""


class Limit(_Part):
    """How often a plan allows some kinds of event within `days` days; `most`: by plan."""

    kinds: tuple[str, ...] = Field(min_length=1)
    days: int = Field(ge=1, le=366)
    most: dict[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)


class Meaning(_Part):
    """Meanings of kinds, independent of their group; null if the log has no such kind."""

    onboarding: tuple[str, ...] | None = None
    """The steps a newcomer takes, in their order."""
    goal: tuple[str, ...] | None = None
    """What users come to reach: a finished quest, a published report."""
    paid_for: tuple[str, ...] | None = None
    """Uses of functions that cost extra."""
    subscription_start: tuple[str, ...] | None = None
    """A subscription begins or is renewed."""
    subscription_end: tuple[str, ...] | None = None
    """A subscription ends."""
    complaint: tuple[str, ...] | None = None
    """A user asks for help, or complains."""
    answer: tuple[str, ...] | None = None
    """Staff answers a complaint."""
    praise: tuple[str, ...] | None = None
    """A user says something good."""
    refund: tuple[str, ...] | None = None
    """Money is paid back."""
    failure: tuple[str, ...] | None = None
    """The user tried, and failed."""
    renewal_days: _PlanDays | dict[str, _PlanDays] | None = None
    """Days from one `subscription_start` to the next; by kind where plans have several lengths."""
    plans: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The values of the attribute `plan`, the lowest first."""
    limit: Limit | None = None
    """How often each plan allows some kinds of event within so many days."""

    @property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Each meaning that the contract names, with its kinds."""
        named = {name: getattr(self, name) for name in type(self).model_fields if name not in OF_NO_KIND}
        return {name: kinds for name, kinds in named.items() if kinds is not None}


class Contract(_Part):
    """The checked content of `data/contracts/NAME.yaml`; `name` is the file, for messages."""

    name: str
    format: Literal["parquet", "csv", "jsonl"]
    """How the log is stored; `jsonl` is a JSON object a line, or one array of them. All may be compressed."""
    columns: Columns = Columns()
    derive: dict[str, str] = {}
    """Columns of an event as SQL over the columns of the log, each computed from its own line."""
    exclude: str | None = None
    """A condition on raw columns: lines for which it holds are nobody's doing, such as those of staff."""
    null_values: tuple[str, ...] = ()
    """Texts that mean that there is no value, in any column of an event."""
    placeholder_ids: tuple[str, ...] = PLACEHOLDER_IDS
    """Ids that name nobody, whatever their case."""
    users_may_be_missing: bool = False
    """Lines without a user belong to this log by nature, such as sales to guests: no check warns of them."""
    trusted_ids: tuple[str, ...] = ()
    """Ids that are users though they look like placeholders or have a large share of all events."""
    numbers: Numbers = Numbers()
    csv: Csv = Csv()
    time: Time = Time()
    currency: Currency = Currency()
    duplicates: Literal["event_id", "whole_line", "keep"] | tuple[_Text, ...] = "keep"
    """Which lines of a user are copies: by `event_id`, by the `whole_line`, or by equal values of raw columns."""
    groups: dict[str, tuple[str, ...]]
    """Every kind of event by its group. A kind in no group counts as `other`."""
    quantities: dict[str, QuantityGiven] = {}
    """Numbers of an event that are no money, by name: points, seconds watched, megabytes."""
    meaning: Meaning = Meaning()
    names: dict[str, _Text | Forms] = {}
    """The words for a kind, a group or a quantity in sentences; without them its name, with spaces for underscores."""
    nouns: NounsGiven = NounsGiven()
    presence: Presence = Presence()
    outages: tuple[tuple[date, date], ...] = ()
    """First and last day of each time in which the log lost its events."""
    identity: Identity | None = None
    country: Country = Country()
    users: Users | None = None
    external: External = External()

    @property
    def kind_groups(self) -> dict[str, str]:
        """Kind to group, in the contract's order."""
        return {kind: group for group, kinds in self.groups.items() for kind in kinds}

    @property
    def only_kind(self) -> str | None:
        """The kind of every event if no column has it; otherwise null."""
        return None if self.has("kind") else next(iter(self.kind_groups))

    @property
    def quantity_columns(self) -> dict[str, str]:
        """By canonical column of a quantity its name."""
        return {quantity_column(name): name for name in self.quantities}

    @property
    def optional_columns(self) -> tuple[str, ...]:
        """The canonical columns that an event may have beside user, time and kind."""
        return (*OPTIONAL_COLUMNS, *self.quantity_columns)

    def raw_of(self, column: str) -> str | None:
        """The raw column that is the canonical `column`; None if the log has none, or if it is derived."""
        if column in self.derive:
            return None
        if (name := self.quantity_columns.get(column)) is not None:
            return self.quantities[name].column
        raw: str | None = getattr(self.columns, column)
        return raw

    def has(self, column: str) -> bool:
        """Whether the log has the canonical `column`, or it follows from others."""
        if column in self.quantity_columns:
            return True
        if column == "user_id" and self.identity is not None and self.identity.in_log:
            return True
        if column == "paid_until":
            plans = isinstance(self.meaning.renewal_days, dict) or self.has("plan_days")
            return plans or column in self.derive or self.columns.paid_until is not None
        return column in self.derive or getattr(self.columns, column) is not None

    @property
    def raw_columns(self) -> dict[str, str]:
        """By raw column of an event the contract's key that names it."""
        keys = {}
        for name, raw in self.columns.model_dump().items():
            if raw is not None and name not in self.derive:
                keys[raw] = f"columns.{name}"
        named = ((name, one.column) for name, one in self.quantities.items() if one.column is not None)
        keys |= {raw: f"quantities.{name}" for name, raw in named if raw not in keys}
        for key, sql in self.expressions.items():
            keys.update(dict.fromkeys(sql_of(self.name, key, sql).meta.root_names(), key))
        if isinstance(self.duplicates, tuple):
            keys.update(dict.fromkeys(self.duplicates, "duplicates"))
        if self.identity is not None and self.identity.in_log:
            keys |= {self.identity.anonymous: "identity.from", self.identity.known: "identity.to"}
        return keys

    @property
    def expressions(self) -> dict[str, str]:
        """The SQL expressions over raw columns, by the contract's key."""
        made = {f"derive.{name}": sql for name, sql in self.derive.items()}
        made |= {f"quantities.{name}.sql": one.sql for name, one in self.quantities.items() if one.sql}
        return made if self.exclude is None else {**made, "exclude": self.exclude}

    @property
    def tells(self) -> frozenset[str]:
        """The optional content of the log: columns, `clock`, `group:…`, `kind:…`, `meaning:…`, and `received` if
        counterparts may be users.
        """
        columns = {name for name in self.optional_columns if self.has(name)}
        received = {"received"} if self.has("counterpart") else set()
        clock = {"clock"} if has_clock(self.time.formats) else set()
        groups = {f"group:{name}" for name in self.groups}
        kinds = {f"kind:{kind}" for kind in self.kind_groups}
        meaning = {
            f"meaning:{name}" for name, value in self.meaning if value is not None and name not in OF_PLANS
        }
        return frozenset(columns | received | clock | groups | kinds | meaning)

    @property
    def promises_external_data(self) -> ExternalData:
        """The external data that the contract promises, before any table is read."""
        dated = ExternalData(
            tables=tuple(map(Table.of, self.external.tables)),
            calendars=tuple(map(Calendar.of, self.external.calendars)),
            fills=frozenset({"country"} if self.country.fixed else ()),
        )
        if self.users is None:
            return dated
        return replace(dated, sign_up=self.users.sign_up, fills=dated.fills | self.users.fills)

    def sources(
        self,
        tells: Iterable[str] | None = None,
        external: ExternalData | None = None,
        log_days: int | None = None,
    ) -> Sources:
        """The sources of features.

        `tells`: the content that the log really has; `external`: the external data that exist. Without them: as the
        contract promises. `log_days`: the number of days from the log's first day to its last, both included.
        """
        kept = self.tells if tells is None else frozenset(tells)
        return Sources(
            kept,
            self.groups,
            self.meaning.kinds,
            None if isinstance(self.meaning.renewal_days, dict) else self.meaning.renewal_days,
            external=self.promises_external_data if external is None else external,
            log_days=log_days,
            names=self.words,
            nouns=self.said_nouns,
            currency=self.currency.reporting,
            visits_are_payments=self._visits_are_payments,
            quantities=self.quantities,
        )

    @property
    def words(self) -> dict[str, Words]:
        """The words that the contract gives for kinds and groups. A group's are for many events, so they stay."""
        return {name: self._words(name, given) for name, given in self.names.items()}

    @property
    def said_nouns(self) -> Nouns:
        """The words for actions, sessions and visits in sentence templates."""
        given = {name: getattr(self.nouns, name) for name in type(self.nouns).model_fields}
        said = {name: self._words(name, words) for name, words in given.items() if words is not None}
        return Nouns(**{name: Words(braceless(one.one), braceless(one.many)) for name, one in said.items()})

    def _words(self, name: str, given: "str | Forms") -> Words:
        if isinstance(given, Forms):
            return Words(given.one, given.many)
        return Words(given, given if name in self.groups else several(given))

    @property
    def _visits_are_payments(self) -> bool:
        """Whether every visit is a payment or a refund: then who pays less often comes less often."""
        visits = self.presence.kinds
        if not self.has("amount"):
            return False
        if visits is None:
            return len(self.kind_groups) == 1
        money = {
            *self.groups.get("trade", ()),
            *(self.meaning.refund or ()),
            *(self.meaning.subscription_start or ()),
        }
        return len(self.kind_groups) == 1 or set(visits) <= money

    def day_of(self, at: pl.Expr) -> pl.Expr:
        """The local day (Date) of the UTC instants `at`, by `time.timezone` and `time.day_starts_at`."""
        return local_day(at, self.time.timezone, self.time.starts_at)

    def day_end(self, day: pl.Expr) -> pl.Expr:
        """The UTC instant at which the local `day` ends."""
        return local_day_end(day, self.time.timezone, self.time.starts_at)

    def known_day_of(self, at: pl.Expr) -> pl.Expr:
        """The first local day at whose end a value that became known at `at` was known to every user."""
        return local_day(at, self._first_to_end, self.time.starts_at)

    def known_until(self, day: pl.Expr) -> pl.Expr:
        """The UTC instant at which the local `day` ends first: values known before are known on this day."""
        return local_day_end(day, self._first_to_end, self.time.starts_at)

    @property
    def _first_to_end(self) -> str:
        """The zone where days end first: that of the contract, or any if lines have their own."""
        return EARLIEST_ZONE if self.has("timezone") else self.time.timezone
