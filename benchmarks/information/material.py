"""What the families of candidate columns are made of. Promise: nothing of a row comes from a later day."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.define import Feature
from features.events.received import OWN, ROLE
from models.learning.split import Origin, TimeSplit
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.learning.dataset import features_of_rows, periods_of, read_rows, settings_of
from pipeline.log.contract_file import load_contract
from pipeline.storage.datasets import ACTIVITY, EVENTS, LOGINS
from pipeline.storage.frames import read_buckets

KEYS = ("user_id", "day")
_BREAK_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Material:
    """The login rows of a project, its user-days (`user_id, day`, sorted) and its users' own events (with `day`).

    `split`: the training and test periods. `window_days`: the longest label window.
    """

    name: str
    rows: pl.DataFrame
    features: tuple[Feature, ...]
    days: pl.DataFrame
    events: pl.DataFrame
    split: TimeSplit
    threads: int

    @property
    def clock(self) -> bool:
        """Whether the events have a time of day."""
        return "seconds" in self.days.columns

    @property
    def logins(self) -> pl.DataFrame:
        """The login days among the user-days."""
        return self.days.filter(pl.col("logins") == 1)


def material_of(folder: Path) -> Material:
    """The material of the project in `folder`. Raises InputError without login rows."""
    if not (folder / LOGINS.path).is_dir():
        raise InputError(f"{folder / LOGINS.path}: there are no login rows.\nMake them: dvc repro logins")
    params = load_params(folder / "params.yaml")
    contract = load_contract(folder / params.log.contract)
    rows = read_rows(folder / LOGINS.path)
    return Material(
        Path(params.log.contract).stem,
        rows,
        features_of_rows(folder / LOGINS.path),
        read_buckets(folder / ACTIVITY.path).sort(KEYS),
        _own_events(folder, contract),
        periods_of(rows, params.label, params.split),
        settings_of(params.train).threads,
    )


def _own_events(folder: Path, contract: Contract) -> pl.DataFrame:
    """`user_id, at, kind, day, session` and the counterpart, sorted; a session ends with a pause of half an hour."""
    events = read_buckets(folder / EVENTS.path)
    if ROLE in events.columns:
        events = events.filter(pl.col(ROLE) == OWN)
    kept = [name for name in ("user_id", "at", "kind", "counterpart") if name in events.columns]
    local = pl.col("at").dt.convert_time_zone(contract.time.timezone)
    pause = pl.col("at").diff().dt.total_seconds().over("user_id")
    return (
        events.select(kept)
        .sort("user_id", "at", maintain_order=True)
        .with_columns(
            contract.day_of(pl.col("at")).alias("day"),
            local.dt.hour().alias("hour"),
            (pause.fill_null(_BREAK_SECONDS + 1) > _BREAK_SECONDS).cum_sum().over("user_id").alias("session"),
        )
    )


def origins_of(split: TimeSplit) -> tuple[Origin, ...]:
    """The inner origins, then the test period: each is trained on the days at least one label window before it."""
    return (*split.origins, Origin(split.training, split.test))
