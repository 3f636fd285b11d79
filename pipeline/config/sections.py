"""The sections of params.yaml as frozen models: the file holds every value, the models hold none.

A stage gets only the sections that its `run` names.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.config.business import Business
from pipeline.config.campaign import Campaign
from pipeline.config.external import External
from pipeline.config.import_lists import ImportLists
from pipeline.config.section import Days, Section, Seed, Share, SnakeName


class Log(Section):
    path: str
    files: str
    contract: str
    ends_on: date | None
    warm_up_days: int = Field(ge=0, le=3650)


class FetchLog(Section):
    url: str | None


class Simulate(Section):
    users: int = Field(ge=50, le=20_000_000)
    days: int = Field(ge=30, le=3650)
    seed: Seed


class Rates(Section):
    path: str
    base: str = Field(pattern="^[A-Z]{3}$")
    max_age_days: int = Field(ge=1, le=366)


class Ingest(Section):
    max_quarantined: float = Field(ge=0, le=1)
    chunk_rows: int = Field(ge=1_000, le=50_000_000)


class Engine(Section):
    kind: Literal["local"]
    buckets: int = Field(ge=1, le=4096)


class NewcomersLabel(Section):
    logins: int | None = Field(ge=1, le=1000)
    days: int | None = Field(ge=0, le=3650)
    horizon_days: Days


class DropLabel(Section):
    share: Share
    usual_days: Days


class CancelLabel(Section):
    grace_days: int = Field(ge=0, le=365)


class PersonalLabel(Section):
    times: float = Field(ge=0.1, le=20)
    quantile: Share
    least_days: Days
    most_days: Days

    @model_validator(mode="after")
    def _in_order(self) -> "PersonalLabel":
        if self.least_days > self.most_days:
            raise ValueError(f"least_days must not lie above most_days = {self.most_days}")
        return self


class Features(Section):
    only: Annotated[tuple[str, ...], Field(min_length=1)] | None
    drop: tuple[str, ...]


class Label(Section):
    kind: Literal["inactivity", "drop", "cancel", "personal"]
    horizon_days: Days
    lead_days: int = Field(ge=0, le=365)
    newcomers: NewcomersLabel
    drop: DropLabel
    personal: PersonalLabel
    cancel: CancelLabel

    @model_validator(mode="after")
    def _usual_seen_for_a_horizon(self) -> "Label":
        told_apart = self.newcomers.logins is not None or self.newcomers.days is not None
        longest = max(self.horizon_days, self.newcomers.horizon_days if told_apart else 0)
        if self.kind == "drop" and self.drop.usual_days < longest:
            raise ValueError(f"drop.usual_days must not lie below the longest horizon, {longest} days")
        return self


class Define(Section):
    newcomer_logins: int = Field(ge=1, le=1000)
    false_churn_cost: float = Field(ge=0, le=1e9)
    waiting_cost_per_day: float = Field(ge=0, le=1e9)


class Readiness(Section):
    warn_rows: int = Field(ge=0, le=1_000_000)
    stop_rows: int = Field(ge=0, le=1_000_000)
    outage_spreads: float = Field(ge=1, le=1000)
    bot_spreads: float = Field(ge=1, le=1000)
    most_one_visit: float = Field(ge=0, le=1)
    leak_auc: float = Field(ge=0.5, le=1)
    left_out: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Readiness":
        if self.stop_rows > self.warn_rows:
            raise ValueError(f"stop_rows must not lie above warn_rows = {self.warn_rows}")
        return self


class Split(Section):
    test_from: date | None
    test_share: Share
    origins: int = Field(ge=1, le=12)
    min_rows: int = Field(ge=10, le=1_000_000)


class Train(Section):
    seed: Seed
    threads: int = Field(ge=1, le=256)
    learning_rate: float = Field(gt=0, le=1)
    leaves: int = Field(ge=2, le=1024)
    feature_fraction: float = Field(gt=0, le=1)
    l2: float = Field(ge=0, le=10_000)
    max_rounds: int = Field(ge=10, le=20_000)
    patience_rounds: int = Field(ge=5, le=2_000)


class Evaluate(Section):
    bootstrap: int = Field(ge=20, le=10_000)
    seed: Seed
    origins: int = Field(ge=1, le=6)
    by: tuple[str, ...]
    least_rows: int = Field(ge=2, le=1_000_000)
    early_rows: int = Field(ge=0, le=1_000_000)


class Costs(Section):
    user_value: float = Field(gt=0)
    offer_cost: float = Field(ge=0)
    contact_cost: float = Field(ge=0)
    success_alpha: float = Field(gt=0)
    success_beta: float = Field(gt=0)

    @model_validator(mode="after")
    def _worth_while(self) -> "Costs":
        if self.offer_cost + self.contact_cost >= self.user_value:
            raise ValueError("offer_cost and contact_cost together must lie below user_value")
        return self


class RiskBands(Section):
    high_from: Share
    medium_from: Share

    @model_validator(mode="after")
    def _in_order(self) -> "RiskBands":
        if self.medium_from >= self.high_from:
            raise ValueError(f"medium_from must lie below high_from = {self.high_from}")
        return self

    def begins(self, band: str) -> float:
        """The probability above which a user is in `band` or a higher one."""
        return {"low": 0.0, "medium": self.medium_from, "high": self.high_from}[band]


class Holdout(Section):
    share: float = Field(ge=0, le=0.9)
    period: Literal["month", "quarter", "year", "never"]
    strata: tuple[Literal["risk_band", "population", "play", "style", "cause"], ...]
    key: str = Field(min_length=1)


class List(Section):
    max_stale_days: int = Field(ge=0, le=365)
    least_points: float = Field(ge=0, le=100)
    least_grade: Literal["A", "B", "C"]
    play_from: Literal["low", "medium", "high"]
    carry: list[str]
    csv_ids: Literal["safe", "plain"]


class Policy(Section):
    rule: Literal["auto", "profit", "capacity", "budget"]
    capacity_share: float = Field(gt=0, le=1)
    capacity_users: int | None = Field(ge=1)
    budget: float | None = Field(ge=0)
    contact_cost: float = Field(ge=0)
    margin: float = Field(ge=0, le=1)
    stayers_take_offer: float = Field(ge=0, le=1)
    half_life_gaps: float = Field(gt=0, le=1000)
    effects: str | None
    scorer: Literal["model", "baseline", "better"]

    @model_validator(mode="after")
    def _has_budget(self) -> "Policy":
        if self.rule == "budget" and self.budget is None:
            raise ValueError("rule is budget, so budget must be a number")
        return self


class Plays(Section):
    path: str
    language: str = Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    answer_days: int = Field(ge=0, le=365)


class FileRule(Section):
    """A rule of `never_contact`: the users whom a file names."""

    name: SnakeName
    path: str
    column: str
    until: str | None


class ConditionRule(Section):
    """A rule of `never_contact`: the users for whom a condition holds."""

    name: SnakeName
    when: str = Field(min_length=1)


class NeverContact(Section):
    rules: tuple[FileRule | ConditionRule, ...]


class Contacts(Section):
    path: str | None


class Guard(Section):
    size_ratio: float = Field(gt=1, le=1e6)
    mean_probability_points: float = Field(gt=0, le=100)
    action_share_points: float = Field(gt=0, le=100)


class Styles(Section):
    seed: Seed
    least: int = Field(ge=2, le=30)
    most: int = Field(ge=2, le=30)
    bootstrap: int = Field(ge=1, le=1000)
    least_stability: float = Field(ge=0, le=1)
    former: str | None
    most_apart: float = Field(gt=0, le=10)
    segment_depth: int = Field(ge=1, le=5)
    segment_share: float = Field(gt=0, le=0.5)

    @model_validator(mode="after")
    def _in_order(self) -> "Styles":
        if self.least > self.most:
            raise ValueError(f"least must not lie above most = {self.most}")
        return self


class Value(Section):
    horizon_days: Days


class Judge(Section):
    decide_at: Share


class Drift(Section):
    psi_warn: float = Field(gt=0, le=100)
    psi_stop: float = Field(gt=0, le=100)
    unseen_warn: float = Field(ge=0, le=1)
    unseen_stop: float = Field(ge=0, le=1)
    gone_stop: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Drift":
        for name in ("psi", "unseen"):
            if getattr(self, f"{name}_warn") > getattr(self, f"{name}_stop"):
                raise ValueError(f"{name}_warn must not lie above {name}_stop")
        return self


class Tracking(Section):
    uri: str | None
    experiment: str = Field(min_length=1)
    model_name: str = Field(min_length=1)
    user_ids: Literal["hashed", "plain"]
    id_key_file: str | None


class Params(Section):
    """All of params.yaml."""

    log: Log
    fetch_log: FetchLog
    simulate: Simulate
    campaign: Campaign
    rates: Rates
    external: External
    ingest: Ingest
    engine: Engine
    features: Features
    label: Label
    define: Define
    readiness: Readiness
    split: Split
    train: Train
    evaluate: Evaluate
    costs: Costs
    risk_bands: RiskBands
    holdout: Holdout
    list: List
    policy: Policy
    plays: Plays
    import_lists: ImportLists
    never_contact: NeverContact
    contacts: Contacts
    guard: Guard
    styles: Styles
    value: Value
    judge: Judge
    business: Business
    drift: Drift
    tracking: Tracking
