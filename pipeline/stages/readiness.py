"""Stage `readiness`: are the login rows enough to train on, and is the log sound?

Promise: it always writes its report. At the verdict `stop` the stage `train` refuses to run.
"""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from features.external.attributes import is_external
from features.totals import look_back_days
from models.checks.anomalies import check_bots, check_clock, check_outages
from models.checks.check import Check, worst
from models.checks.leakage import check_leak
from models.checks.left_out import check_left_out
from models.checks.sufficiency import check_classes, check_history, check_one_visit
from models.errors import DataError
from pipeline.checks.left_out import left_out_of_log
from pipeline.config.sections import Label, Log, Readiness, Split
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import features_of_rows, periods_of, read_rows
from pipeline.learning.events_per_user import events_per_user
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import LogFacts, read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ACTIVITY_REPORT,
    ANONYMOUS,
    EXTERNAL_CHECKED,
    LOG_FACTS,
    LOGINS,
    READINESS_REPORT,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import scan_buckets


def run(
    log: Log,
    label: Label,
    split: Split,
    readiness: Readiness,
    activity: In = ACTIVITY.path,
    anonymous: In = ANONYMOUS.path,
    activity_report: In = ACTIVITY_REPORT.path,
    external_checked: In = EXTERNAL_CHECKED.path,
    logins: In = LOGINS.path,
    facts_file: In = LOG_FACTS.path,
    report: Out = READINESS_REPORT.path,
) -> None:
    """Write `verdict` and `checks`, and each check that does not pass to stderr."""
    facts, rows = read_facts(facts_file), read_rows(logins)
    features = features_of_rows(logins)
    users, daily = _volumes(activity, facts)
    churn = churn_of(label)
    no_split = _no_split(rows, label, split)
    checks = [
        check_classes(rows, churn, readiness.warn_rows, readiness.stop_rows),
        check_history(
            facts.log_start,
            facts.log_end,
            churn,
            look_back_days(feature.value for feature in features),
            no_split,
        ),
        check_outages(daily, readiness.outage_spreads, load_contract(log.contract).outages),
        check_clock(facts.clock, facts.lines),
        check_left_out(
            left_out_of_log(facts, activity, activity_report, external_checked, anonymous),
            facts.never_seen,
            readiness.left_out,
        ),
        check_bots(users, readiness.bot_spreads),
        check_one_visit(rows, churn, readiness.most_one_visit),
        check_leak(
            rows,
            [feature.name for feature in features],
            {feature.name for feature in features if is_external(feature)},
            readiness.leak_auc,
        ),
    ]
    for line in _lines(checks):
        sys.stderr.write(f"readiness: {line}\n")
    write_json({"verdict": worst(checks), "checks": [check.as_json() for check in checks]}, report)


def _no_split(rows: pl.DataFrame, label: Label, split: Split) -> str | None:
    """Why these rows cannot be split into periods, in one line; None when they can."""
    try:
        periods_of(rows, label, split)
    except DataError as error:
        return " ".join(str(error).splitlines())
    return None


def _volumes(activity: Path, facts: LogFacts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`user_id, events, days` of each user who did anything, and `day, events` of every day of the log."""
    days = pl.concat(scan_buckets(activity))
    counted = days.group_by("day").agg(pl.col("events").sum()).collect()
    return events_per_user(activity), _every_day(counted, facts.log_start, facts.log_end)


def _every_day(counted: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    calendar = pl.date_range(first, last, eager=True).alias("day").to_frame()
    return calendar.join(counted, on="day", how="left", maintain_order="left").with_columns(
        pl.col("events").fill_null(0)
    )


def _lines(checks: list[Check]) -> Iterator[str]:
    for check in checks:
        if check.verdict != "pass":
            yield f"{check.verdict}: {check.name}: {check.sentence}"


if __name__ == "__main__":
    main(run)
