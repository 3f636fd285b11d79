"""The landmark rows of a bucket of users, from the files of the stages `activity`, `logins` and `external`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from features.aggregation.from_events import RowSources
from features.aggregation.landmarks import KEYS, SILENT_DAYS, landmark_rows, with_gaps, with_landmarks
from features.aggregation.payments import payments_so_far, tells_payments
from features.aggregation.service import service_life, service_part
from features.catalogue.roles import GAP_MEAN, LOGIN_NUMBER, RECENT_LOGINS
from features.catalogue.silence import SILENCE
from features.define import Feature
from models.labels.churn import Churn
from models.labels.label import revenue_ahead, with_list_label
from models.labels.outages import meets_outage, without_outages
from models.labels.under_contract import contract_ends, under_contract
from models.learning.silent_training import Columns
from models.value.rows import AHEAD
from pipeline.learning.dataset import features_of_rows
from pipeline.log.external_data import users_in
from pipeline.storage.frames import buckets_in, read_bucket

MOST_WINDOWS = 3
"""A user is followed for this number of label windows after the last login."""

_RECENCY_AND_FREQUENCY = (
    SILENT_DAYS, "silent_to_mean_gap", "gap_last_days", LOGIN_NUMBER, GAP_MEAN, "tenure_days"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LandmarkSources:
    """What landmark rows are made from: folders, and values that are the same for all buckets.

    `features`: those of the login rows. `service`: the activity of the whole service by day. `recent_days`: payments
    of so many days are recent. `ahead_days`: revenue is looked at over so many days ahead; None: over none.
    """

    activity: Path
    visits: Path
    logins: Path
    anonymous: Path
    external: Path
    features: tuple[Feature, ...]
    sources: RowSources
    churn: Churn
    service: pl.DataFrame
    recent_days: int
    ahead_days: int | None

    @property
    def list_features(self) -> tuple[Feature, ...]:
        """The features of landmark rows."""
        return list_features(self.features)


def list_features(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features of the list: those of the login rows, and those of the silence since the login."""
    return (*features, *SILENCE)


def forms_of(names: Sequence[str], totals: Sequence[str] = ()) -> Columns:
    """The features of each form of the model of silent users. `names`: those of landmark rows.

    `totals`: those that count events or money, for the baseline.
    """
    silence = tuple(feature.name for feature in SILENCE)
    known = tuple(name for name in (LOGIN_NUMBER, GAP_MEAN, RECENT_LOGINS) if name in names)
    number = tuple(name for name in known if name == LOGIN_NUMBER)
    rfm = tuple(name for name in (*_RECENCY_AND_FREQUENCY, *totals) if name in names)
    return Columns(trees=tuple(names), logistic=(*silence, *known), rates=(SILENT_DAYS, *number), rfm=rfm)


def landmark_sources(
    activity: Path,
    visits: Path,
    logins: Path,
    anonymous: Path,
    external: Path,
    sources: RowSources,
    churn: Churn,
    recent_days: int,
    ahead_days: int | None,
) -> LandmarkSources:
    """The sources of the landmark rows of the log in these folders: with its features, and its service by day."""
    features, service = features_of_rows(logins), service_of(activity, sources)
    return LandmarkSources(
        activity,
        visits,
        logins,
        anonymous,
        external,
        features,
        sources,
        churn,
        service,
        recent_days,
        ahead_days,
    )


def read_visits(visits: Path, bucket: int) -> pl.DataFrame | None:
    """The days on which the users of a bucket really came; None where logins tell them, as no line arrives late."""
    days = read_bucket(visits, bucket)
    return None if days.is_empty() else days


def service_of(activity: Path, sources: RowSources) -> pl.DataFrame:
    """The activity of the whole service by day, counted over all buckets."""
    columns = ["user_id", "day", "logins", "gap_days"]
    counts = [service_part(read_bucket(activity, bucket, columns)) for bucket in buckets_in(activity)]
    return service_life(counts, sources.log_start, sources.log_end)


def landmarks_of_bucket(
    bucket: int, of: LandmarkSources, chosen: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """`KEYS`, `window_days`, `churned`, `ripe` and the list's features of the landmarks that `chosen` gives.

    If the log has amounts, `PAYMENTS` and `AHEAD` are there, too.

    `chosen` gets the login rows of the bucket (`user_id, login_day, login_number, window_days`, gaps so far, and
    `most_silent_days`) and returns some of them with `as_of` and `silent_days`. Anonymous visitors are left out. For
    the kind `cancel` only users with a running subscription at the end of `as_of` are kept.
    """
    logins, days = read_bucket(of.logins, bucket), read_bucket(of.activity, bucket)
    visitors = read_bucket(of.anonymous, bucket)
    logins = logins.join(visitors, on="user_id", how="anti", maintain_order="left")
    horizon = pl.col("window_days") - of.churn.lead_days
    rows = with_gaps(logins.select("user_id", "login_day", "login_number", "window_days")).with_columns(
        most_silent_days=MOST_WINDOWS * horizon
    )
    landmarks = chosen(rows)
    ends = None
    if of.churn.kind == "cancel":
        ends = contract_ends(days, of.churn.cancel.grace_days)
        landmarks = landmarks.join(
            _with_contract(days, landmarks), on=["user_id", "as_of"], how="semi", maintain_order="left"
        )
    made = landmark_rows(
        landmarks, logins, days, of.list_features, of.service, users_in(of.external, bucket), of.sources
    )
    labelled = without_outages(
        with_list_label(
            landmarks, logins, of.sources.log_end, of.churn, ends, read_visits(of.visits, bucket)
        ),
        "as_of",
        of.sources.contract.outages,
    )
    others = [name for name in labelled.columns if name not in made.columns and name in _KEPT]
    names = [name for name in made.columns if name not in KEYS]
    known = made.select(KEYS).hstack(labelled.select(others)).hstack(_payments(landmarks, days, of))
    return known.hstack(made.select(names))


def _payments(landmarks: pl.DataFrame, days: pl.DataFrame, of: LandmarkSources) -> pl.DataFrame:
    """`PAYMENTS` and `AHEAD` of the landmarks; no column if the log has no amounts."""
    if not tells_payments(days.columns):
        return pl.DataFrame()
    so_far = payments_so_far(landmarks, days, of.sources.log_start, of.recent_days)
    if of.ahead_days is None:
        return so_far.with_columns(pl.lit(None, pl.Int64).alias(AHEAD))
    ahead = landmarks.select("as_of").with_columns(
        revenue_ahead(landmarks, days, of.sources.log_end, of.ahead_days).alias(AHEAD)
    )
    met = meets_outage("as_of", pl.lit(of.ahead_days), of.sources.contract.outages)
    return so_far.hstack(ahead.select(pl.when(~met).then(AHEAD)))


_KEPT = ("window_days", "churned", "ripe", "drawn", "listed")


def _with_contract(days: pl.DataFrame, landmarks: pl.DataFrame) -> pl.DataFrame:
    """`user_id, as_of` of the landmarks on whose day a subscription runs."""
    marked = with_landmarks(days, landmarks)
    running = marked.filter(under_contract(marked) & pl.col("landmark"))
    return running.select("user_id", as_of="day")
