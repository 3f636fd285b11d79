"""Earliness: how good a score is minutes after a login, at the end of its day, and after days of silence.

Promise: what a score is made from was known at its moment; the model stays the one that is judged elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.aggregation.activity import activity
from features.aggregation.login_rows import login_rows
from features.aggregation.service import service_life, service_part
from features.contract.countries import as_codes
from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.events.received import OWN, ROLE
from features.external.exchange_rates import RateTable
from features.external.join import ExternalFrames, external_values
from models.learning.trained_model import TrainedModel
from models.metrics.bootstrap import Bootstrap, Interval, qualities
from models.rows import labels
from pipeline.config.params import Rates
from pipeline.log.external_data import read_external_frames, users_in
from pipeline.log.facts import LogFacts
from pipeline.log.feature_set import features_of_model
from pipeline.storage.frames import buckets_in, read_bucket

Floats = NDArray[np.float64]
CUTS = {"5_minutes": timedelta(minutes=5), "1_hour": timedelta(hours=1)}
_DAY = timedelta(days=1)
_SILENT_DAYS = (0, 1, 2, 3)
_SHOWN = ("auc", "average_precision", "log_loss", "base_rate", "rows")
_ROW = "row"


@dataclass(frozen=True, slots=True)
class World:
    """What login rows are made from: the log's events and user-days, its contract and facts, what money was worth,
    and what is told from outside.
    """

    events: Path
    activity: Path
    outside: Path
    told: ExternalData
    contract: Contract
    facts: LogFacts
    rates: Rates
    rates_table: pl.DataFrame


def within_the_day(
    test: pl.DataFrame, world: World, trained: TrainedModel, most_rows: int, bootstrap: Bootstrap
) -> dict[str, Any]:
    """Quality of the scores made 5 minutes and 1 hour after the day's first event that counts as presence, and at
    the end of the day, on the same rows: at most `most_rows` of `test` (with `probability`), drawn at random.

    A row that is no login yet at the earliest moment is left out and counted in `not_yet_logins`. Of a log that
    tells days only, `because` is all there is.
    """
    if "clock" not in world.facts.tells:
        return {"because": "the log tells days, not times of day"}
    if most_rows == 0:
        return {"because": "evaluate.early_rows is 0"}
    chosen = np.random.default_rng(bootstrap.seed).permutation(test.height)[:most_rows]
    sample = test[np.sort(chosen).tolist()].with_row_index(_ROW)
    scores = {name: scores_at(sample, world, trained, after) for name, after in CUTS.items()}
    scores["end_of_day"] = sample["probability"]
    scored = scores[next(iter(CUTS))].is_not_null()
    there = sample.filter(scored)
    judged = {
        name: _quality(there, score.filter(scored).to_numpy(), bootstrap) for name, score in scores.items()
    }
    return {**judged, "not_yet_logins": sample.height - there.height}


def scores_at(
    sample: pl.DataFrame, world: World, trained: TrainedModel, after: timedelta | None
) -> pl.Series:
    """Per row of `sample` (`row`, `user_id`, `login_day`) the probability known `after` the login's first event;
    null: no login yet. None: at the end of the day.
    """
    facts, contract = world.facts, world.contract
    wanted = tuple(features_of_model(trained.features, contract, world.told))
    calendar = pl.date_range(facts.log_start, facts.log_end, eager=True).alias("day").to_frame()
    around, service = read_external_frames(world.outside, world.told, contract), _service(world, after)
    rates_table = world.rates_table
    if after is not None:  # what becomes known during a day is not known in its middle
        around, rates_table = of_the_day_before(around), rates_table.with_columns(pl.col("known_at") + _DAY)
    found = []
    for bucket, events in _cut_events(sample, world, after):
        days = activity(
            events, contract, facts.tells, facts.log_start, facts.log_end,
            rates_table, world.rates.base, world.rates.max_age_days,
        ).days  # fmt: skip
        if "country" in days.columns:
            days = days.with_columns(as_codes(days["country"], contract.country.names))
        users = _as_rows(users_in(world.outside, bucket), sample)
        if users is not None and after is not None:
            users = users.with_columns(pl.col("from_day") + _DAY)
        here = replace(around, users=users)
        by_place = external_values(
            days, calendar, contract, RateTable(rates_table, world.rates.base, world.rates.max_age_days), here
        )
        rows = login_rows(days, wanted, *by_place, service, here).with_columns(
            pl.col("user_id").cast(pl.UInt32).alias(_ROW)
        )
        latest = rows.join(sample.select(_ROW, "login_day"), on=[_ROW, "login_day"])
        found.append(latest.select(_ROW, pl.Series("score", trained.predict(latest))))
    return sample.join(pl.concat(found), on=_ROW, how="left", maintain_order="left")["score"]


def of_the_day_before(around: ExternalFrames) -> ExternalFrames:
    """`around` with each published row known a day later."""
    tables, calendars = (
        {name: frame.with_columns(pl.col("known_day") + _DAY) for name, frame in frames.items()}
        for frames in (around.tables, around.calendars)
    )
    return replace(around, tables=tables, calendars=calendars)


def _service(world: World, after: timedelta | None) -> pl.DataFrame:
    """The service's recent life by day: within a day only that of the day before is known."""
    columns = ["user_id", "day", "logins", "gap_days"]
    parts = [service_part(read_bucket(world.activity, b, columns)) for b in buckets_in(world.activity)]
    life = service_life(parts, world.facts.log_start, world.facts.log_end)
    return life if after is None else life.with_columns(pl.col("day") + timedelta(days=1))


def _as_rows(users: pl.DataFrame | None, sample: pl.DataFrame) -> pl.DataFrame | None:
    """The users' attributes once for each of their rows in `sample`."""
    if users is None:
        return None
    joined = users.join(sample.select("user_id", _ROW), on="user_id", maintain_order="left")
    return joined.with_columns(_name()).sort("user_id", maintain_order=True).select(users.columns)


def _name() -> pl.Expr:
    """A row as a user of its own."""
    return pl.col(_ROW).cast(pl.String).str.zfill(10).alias("user_id")


def _cut_events(
    sample: pl.DataFrame, world: World, after: timedelta | None
) -> Iterator[tuple[int, pl.DataFrame]]:
    """The events known at each row's moment, bucket by bucket, as if each row were a user of its own."""
    wanted = sample.select("user_id", "login_day", _ROW)
    present = pl.lit(value=True)
    if world.contract.presence.kinds is not None:
        present = pl.col("kind").is_in(list(world.contract.presence.kinds))
    if world.contract.has("counterpart"):  # what others did is no login
        present &= pl.col(ROLE) == OWN
    on_the_day = pl.col("day") == pl.col("login_day")
    begun = pl.col("at").filter(on_the_day & present).min().over(_ROW)
    for bucket in buckets_in(world.events):
        events = read_bucket(world.events, bucket)
        names = events.columns
        told = events.join(wanted, on="user_id").with_columns(
            world.contract.day_of(pl.col("at")).alias("day")
        )
        known = told.filter(pl.col("day") <= pl.col("login_day"))
        if after is not None:
            known = known.filter(~on_the_day | (pl.col("at") <= begun + after))
        if known.height:
            apart = known.with_columns(_name())
            yield bucket, apart.sort("user_id", "at", maintain_order=True).select(names)


def after_silence(
    test: pl.DataFrame, return_days: pl.Series, trained: TrainedModel, bootstrap: Bootstrap
) -> dict[str, Any]:
    """Quality of the scores made 0, 1, 2, 3 days of silence after the login day, on the rows still silent then.

    `test`: rows with `login_number`, `window_days`, `probability`; `return_days`: days to the next login, null: none.
    `log_loss_at_login`: that of the login's own probability on the same rows, that knows nothing of the silence.
    """
    found = {}
    for silent in _SILENT_DAYS:
        still = test.filter((return_days > silent).fill_null(value=True))
        own, number = still["probability"].to_numpy(), still["login_number"].to_numpy()
        windows = still["window_days"].to_numpy()
        known = trained.given_silence(own, np.full(still.height, silent), number, windows)
        at_login = _quality(still, own, bootstrap)["log_loss"]
        found[f"{silent}_days"] = {**_quality(still, known, bootstrap), "log_loss_at_login": at_login}
    return found


def _quality(rows: pl.DataFrame, probability: Floats, bootstrap: Bootstrap) -> dict[str, Interval]:
    found = qualities(rows["user_id"], labels(rows), probability, bootstrap)
    return {name: found[name] for name in _SHOWN}
