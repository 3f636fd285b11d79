"""Earliness: how good a score is minutes after a login, and at the end of its day. Lists continue the curve.

Promise: a score uses only what was known at its moment. The model is the evaluated one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.aggregation.from_events import RowSources, login_rows_from_events
from features.aggregation.gone import absences_of, all_absences
from features.aggregation.service import service_life, service_part
from features.define import Feature
from features.events.received import OWN, ROLE
from models.learning.trained_model import TrainedModel
from models.metrics.bootstrap import Bootstrap, Interval, qualities
from models.rows import labels
from pipeline.log.external_data import users_in
from pipeline.storage.frames import buckets_in, read_bucket

Floats = NDArray[np.float64]
CUTS = {"5_minutes": timedelta(minutes=5), "1_hour": timedelta(hours=1)}
_DAY = timedelta(days=1)
_SHOWN = ("auc", "average_precision", "log_loss", "calibration_error", "base_rate", "rows")
STAND_IN = "stand_in"


@dataclass(frozen=True, slots=True)
class LogFiles:
    """The folders of a log's data sets: events and user-days by bucket, and external data."""

    events: Path
    activity: Path
    external: Path


def within_the_day(
    test: pl.DataFrame,
    files: LogFiles,
    sources: RowSources,
    trained: TrainedModel,
    features: Sequence[Feature],
    most_rows: int,
    bootstrap: Bootstrap,
) -> dict[str, Any]:
    """Quality of the scores made 5 minutes and 1 hour after the day's first event that counts as presence, and at
    the end of the day, on the same rows: at most `most_rows` of `test` (with `probability`), drawn at random.

    `features`: the model's. A row that is no login yet at the earliest moment is left out and counted in
    `not_yet_logins`. For a log without times of day only `because` is given.
    """
    if "clock" not in sources.tells:
        return {"because": "the log tells days, not times of day"}
    if most_rows == 0:
        return {"because": "evaluate.early_rows is 0"}
    chosen = np.random.default_rng(bootstrap.seed).permutation(test.height)[:most_rows]
    sample = test[np.sort(chosen).tolist()]
    scores = {
        name: scores_at(sample, files, sources, trained, features, after) for name, after in CUTS.items()
    }
    scores["end_of_day"] = sample["probability"]
    scored = scores[next(iter(CUTS))].is_not_null()
    logins = sample.filter(scored)
    quality = {
        name: _quality(logins, score.filter(scored).to_numpy(), bootstrap) for name, score in scores.items()
    }
    return {**quality, "not_yet_logins": sample.height - logins.height}


def scores_at(
    sample: pl.DataFrame,
    files: LogFiles,
    sources: RowSources,
    trained: TrainedModel,
    features: Sequence[Feature],
    after: timedelta | None,
) -> pl.Series:
    """Per row of `sample` (`user_id`, `login_day`) the probability known `after` the login's first event.

    Null: no login yet. `after` None: at the end of the day.
    """
    logins = sample.select("user_id", "login_day", stand_in())
    known = sources if after is None else sources.known_in_the_day
    service, absences = _service(files, sources, after), _absences(files, sources, after)
    scores = []
    for bucket, events in _events_until(logins, files, sources, after):
        users = _users_of(logins, users_in(files.external, bucket), after)
        rows = login_rows_from_events(events, features, service, users, known, absences)
        latest = rows.join(logins, left_on=["user_id", "login_day"], right_on=[STAND_IN, "login_day"])
        scores.append(
            latest.select(pl.col("user_id").alias(STAND_IN), pl.Series("score", trained.predict(latest)))
        )
    return logins.join(pl.concat(scores), on=STAND_IN, how="left", maintain_order="left")["score"]


def stand_in() -> pl.Expr:
    """The id of the user who stands in for a login row: the row's user, with the events until that login.

    With stand-ins one user may have several rows in a sample, each made from the events until its moment.
    """
    return pl.format("{} until {}", "user_id", "login_day").alias(STAND_IN)


def _service(files: LogFiles, sources: RowSources, after: timedelta | None) -> pl.DataFrame:
    """The service's recent life by day. Within a day only that of the day before is known."""
    columns = ["user_id", "day", "logins", "gap_days"]
    buckets = buckets_in(files.activity)
    counts = [service_part(read_bucket(files.activity, bucket, columns)) for bucket in buckets]
    life = service_life(counts, sources.log_start, sources.log_end)
    return life if after is None else life.with_columns(pl.col("day") + _DAY)


def _absences(files: LogFiles, sources: RowSources, after: timedelta | None) -> pl.DataFrame:
    """The absences of all users. Within a day only those of the day before are known."""
    if not sources.knows_company:
        return all_absences(())
    columns = ["user_id", "day", "logins"]
    parts = (absences_of(read_bucket(files.activity, one, columns)) for one in buckets_in(files.activity))
    absences = all_absences(parts)
    return absences if after is None else absences.with_columns(pl.col("gone_from", "back_on") + _DAY)


def _users_of(
    logins: pl.DataFrame, users: pl.DataFrame | None, after: timedelta | None
) -> pl.DataFrame | None:
    """The users table, once for each stand-in. Within a day only the rows of the day before are known."""
    if users is None:
        return None
    known = users if after is None else users.with_columns(pl.col("from_day") + _DAY)
    joined = _by_stand_in(known.join(logins, on="user_id", maintain_order="left"))
    return joined.sort("user_id", maintain_order=True).select(users.columns)


def _events_until(
    logins: pl.DataFrame, files: LogFiles, sources: RowSources, after: timedelta | None
) -> Iterator[tuple[int, pl.DataFrame]]:
    """The events known at each login's moment, bucket by bucket, as those of its stand-in."""
    contract = sources.contract
    present = pl.lit(value=True)
    if contract.presence.kinds is not None:
        present = pl.col("kind").is_in(list(contract.presence.kinds))
    if contract.has("counterpart"):  # what others did is no login
        present &= pl.col(ROLE) == OWN
    on_the_day = pl.col("day") == pl.col("login_day")
    begun = pl.col("at").filter(on_the_day & present).min().over(STAND_IN)
    for bucket in buckets_in(files.events):
        events = read_bucket(files.events, bucket)
        dated = events.join(logins, on="user_id").with_columns(contract.day_of(pl.col("at")).alias("day"))
        known = dated.filter(pl.col("day") <= pl.col("login_day"))
        if after is not None:
            known = known.filter(~on_the_day | (pl.col("at") <= begun + after))
        if known.height:
            yield (
                bucket,
                _by_stand_in(known).sort("user_id", "at", maintain_order=True).select(events.columns),
            )


def _by_stand_in(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the stand-in as their user."""
    return rows.with_columns(pl.col(STAND_IN).alias("user_id"))


def _quality(rows: pl.DataFrame, probability: Floats, bootstrap: Bootstrap) -> dict[str, Interval]:
    measured = qualities(rows["user_id"], labels(rows), probability, bootstrap)
    return {name: measured[name] for name in _SHOWN}
