"""The engagement of each user of the list, and how it has changed in 28 days, from the files of a bucket of users."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from features.aggregation.landmarks import as_of_days, landmark_rows, with_gaps
from features.catalogue.roles import ACTIVE_SHARE
from features.define import past
from models.health.engagement import Reference, engagement
from pipeline.learning.landmarks import MOST_WINDOWS, LandmarkSources
from pipeline.log.external_data import users_in
from pipeline.storage.frames import read_bucket

CHANGE_DAYS, SHARE_DAYS = 28, 30
_KEYS = ("user_id", "as_of", "login_number")
_EARLIER = "earlier"


def engagement_of_bucket(bucket: int, of: LandmarkSources, reference: Reference | None) -> pl.DataFrame:
    """`user_id, as_of, engagement, engagement_change_28d` of the users of a bucket, as of the log's last day.

    Then come the components. A user whose silence has exceeded three horizons is not there. The change is null if
    the user had no engagement 28 days before.
    """
    names = () if reference is None else reference.names
    now, before = of.sources.log_end, of.sources.log_end - timedelta(days=CHANGE_DAYS)
    logins = read_bucket(of.logins, bucket)
    visitors = read_bucket(of.anonymous, bucket, ["user_id"])
    logins = logins.join(visitors, on="user_id", how="anti", maintain_order="left")
    horizon = pl.col("window_days") - of.churn.lead_days
    spans = with_gaps(logins.select("user_id", "login_day", "login_number", "window_days")).with_columns(
        most_silent_days=MOST_WINDOWS * horizon
    )
    points = as_of_days(spans, now, [before, now])
    made = _components(bucket, of, points, logins, names)
    known = made.select(*_KEYS, engagement(made, reference), *names)
    last = known.filter(pl.col("as_of") == now)
    earlier = known.filter(pl.col("as_of") == before).select("user_id", pl.col("engagement").alias(_EARLIER))
    return (
        last.join(earlier, on="user_id", how="left", maintain_order="left")
        .with_columns(engagement_change_28d=(pl.col("engagement") - pl.col(_EARLIER)).round(1))
        .select("user_id", "as_of", "engagement", "engagement_change_28d", *names)
    )


def _components(
    bucket: int, of: LandmarkSources, points: pl.DataFrame, logins: pl.DataFrame, names: Sequence[str]
) -> pl.DataFrame:
    """`points` with the components as they were at the end of `as_of`, even if the last login was earlier."""
    if not names or points.is_empty():
        return points.with_columns(pl.lit(None, pl.Float32).alias(name) for name in names)
    known = {feature.name: feature for feature in of.features}
    moving = [replace(known[name], moves=True) for name in names]
    if ACTIVE_SHARE in names:  # on the day of a login it is a share of the time until the login
        at = names.index(ACTIVE_SHARE)
        moving[at] = replace(moving[at], value=past("logins", SHARE_DAYS).cast(pl.Float64))
    days = read_bucket(of.activity, bucket)
    made = landmark_rows(points, logins, days, moving, of.service, users_in(of.external, bucket), of.sources)
    if ACTIVE_SHARE in names:
        came = days.filter(pl.col("logins") == 1).group_by("user_id").agg(pl.col("day").min())
        since = (pl.col("as_of") - pl.col("day")).dt.total_days() + 1
        share = pl.col(ACTIVE_SHARE) / pl.min_horizontal(since, SHARE_DAYS)
        made = made.join(came, on="user_id", how="left", maintain_order="left").with_columns(
            share.cast(pl.Float32).alias(ACTIVE_SHARE)
        )
    return made.select(*_KEYS, *names)
