"""Stage `listed`: all users as known at the end of the log, for the list of that day."""

import polars as pl

from features.aggregation.landmarks import as_of_days
from models.value.rows import AHEAD
from pipeline.config.sections import Label, Log, Rates, Value
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
    LISTED,
    LOG_FACTS,
    LOGINS,
    RATES,
    VISITS,
)
from pipeline.storage.feature_file import FEATURES_FILE, write_features
from pipeline.storage.frames import bucket_file, buckets_in, write_parquet


def run(
    log: Log,
    label: Label,
    rates: Rates,
    value: Value,
    activity: In = ACTIVITY.path,
    visits: In = VISITS.path,
    logins: In = LOGINS.path,
    anonymous: In = ANONYMOUS.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    external: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    listed: Out = LISTED.path,
) -> None:
    """Write one file of rows per bucket of users, as of the log's last day, and `features.json`.

    Users whose silence has reached the horizon are there, too, up to three times the horizon.
    """
    in_use, churn = read_log_in_use(log, facts_file, external, external_report), churn_of(label)
    sources = in_use.row_sources(rates, rates_table)
    of = landmark_sources(
        activity, visits, logins, anonymous, external, sources, churn, value.horizon_days, None
    )

    def last_day(rows: pl.DataFrame) -> pl.DataFrame:
        return as_of_days(rows, sources.log_end, [sources.log_end])

    def write(bucket: int) -> None:
        made = landmarks_of_bucket(bucket, of, last_day).drop("churned", "ripe", AHEAD, strict=False)
        write_parquet(made, bucket_file(listed, bucket))

    over_buckets(write, buckets_in(logins), "listed")
    write_features(of.list_features, listed / FEATURES_FILE)


if __name__ == "__main__":
    main(run)
