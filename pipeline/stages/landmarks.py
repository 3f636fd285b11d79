"""Stage `landmarks`: users as known at the end of drawn days and of list days, to train and judge the list model."""

from datetime import date
from functools import partial

import polars as pl

from features.aggregation.landmarks import as_of_days, drawn_days
from models.learning.as_of import days_between_draws, list_days
from models.learning.split import ripe_range, test_begin
from models.value.rows import judged_days
from pipeline.config.sections import Label, Log, Rates, Split, Value
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.landmarks import landmark_sources, landmarks_of_bucket
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    LANDMARKS,
    LOG_FACTS,
    LOGINS,
    RATES,
    VISITS,
)
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets, write_parquet
from pipeline.storage.partitioning import bucket_of

_BEYOND = 3
"""Of the drawn days after a silence as long as the horizon, one in this number is kept: little happens there."""


def run(
    log: Log,
    label: Label,
    rates: Rates,
    split: Split,
    value: Value,
    activity: In = ACTIVITY.path,
    visits: In = VISITS.path,
    logins: In = LOGINS.path,
    anonymous: In = ANONYMOUS.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    external: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    landmarks: Out = LANDMARKS.path,
) -> None:
    """Write one file of landmark rows per bucket of users, and `features.json`.

    If the log has amounts, a row has what the user has paid so far, and the revenue of the judged days ahead.
    """
    in_use, churn = read_log_in_use(log, facts_file, external, external_report), churn_of(label)
    sources = in_use.row_sources(rates, rates_table)
    ahead = judged_days(value.horizon_days, in_use.facts.log_days)
    of = landmark_sources(
        activity, visits, logins, anonymous, external, sources, churn, value.horizon_days, ahead
    )
    rows = read_buckets(logins, columns=("user_id", "login_day", "login_number", "window_days", "ripe"))
    longest = churn.longest_days - churn.lead_days
    choose = partial(
        _chosen,
        log_end=sources.log_end,
        every=_days_between_draws(rows, sources.log_end, churn.lead_days),
        lists=_list_days(rows, split, sources.log_end, longest, churn.lead_days),
        lead_days=churn.lead_days,
    )

    def write(bucket: int) -> None:
        write_parquet(landmarks_of_bucket(bucket, of, choose), bucket_file(landmarks, bucket))

    over_buckets(write, buckets_in(logins), "landmarks")
    write_features(of.list_features, landmarks / FEATURES_FILE)


def _days_between_draws(rows: pl.DataFrame, log_end: date, lead_days: int) -> int:
    until = pl.col("login_day").shift(-1).over("user_id").fill_null(log_end) - pl.col("login_day")
    silent = pl.min_horizontal(until.dt.total_days(), pl.col("window_days") - lead_days) - 1
    return days_between_draws(int(rows.select(silent.clip(lower_bound=0).sum()).item()), rows.height)


def _list_days(
    rows: pl.DataFrame, split: Split, log_end: date, horizon_days: int, lead_days: int
) -> tuple[date, ...]:
    if not rows["ripe"].any():
        return ()
    begin = split.test_from or test_begin(ripe_range(rows), split.test_share)
    return list_days(begin, log_end, horizon_days, lead_days)


def _chosen(
    rows: pl.DataFrame, *, log_end: date, every: int, lists: tuple[date, ...], lead_days: int
) -> pl.DataFrame:
    """The landmarks of `rows` on each user's drawn days (`drawn`) and on the days of `lists` (`listed`)."""
    within = pl.col("silent_days") < pl.col("window_days") - lead_days
    offset = bucket_of(rows["user_id"], every).alias("offset")
    drawn = drawn_days(rows.with_columns(offset), log_end, every).drop("offset")
    thinned = pl.col("as_of").to_physical() // every % _BEYOND == 0
    both = pl.concat(
        [
            drawn.filter(within | thinned).with_columns(drawn=pl.lit(value=True), listed=pl.lit(value=False)),
            as_of_days(rows, log_end, lists)
            .filter(within)
            .with_columns(drawn=pl.lit(value=False), listed=pl.lit(value=True)),
        ]
    )
    flags = ("drawn", "listed")
    keys = ["user_id", "as_of"]
    return (
        both.sort(keys)
        .group_by(keys, maintain_order=True)
        .agg(pl.exclude(*flags).first(), pl.col(flags).any())
    )


if __name__ == "__main__":
    main(run)
