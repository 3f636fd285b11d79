"""Stage `activity`: events to one row per user and day."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import polars as pl

from features.aggregation.from_events import RowSources, in_company, user_days_of
from features.aggregation.gone import ABSENCES, absences_of, all_absences
from features.aggregation.late_visits import late_visits
from pipeline.config.sections import Log, Rates
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import ACTIVITY, ACTIVITY_REPORT, EVENTS, LOG_FACTS, RATES, VISITS
from pipeline.storage.files import write_json
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet

_CURRENCY = "currency "
"""Before the name of a currency among the counts of a bucket."""


def run(
    log: Log,
    rates: Rates,
    events: In = EVENTS.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    days: Out = ACTIVITY.path,
    report: Out = ACTIVITY_REPORT.path,
    visits: Out = VISITS.path,
) -> None:
    """Write one file of user-days per bucket of users, and a report on days dropped and amounts not converted.

    Where lines arrive late, write the days on which users really came, too.
    """
    in_use = read_log_in_use(log, facts_file)
    sources = in_use.row_sources(rates, rates_table)
    task = partial(_bucket, sources=sources, events=events, days=days, visits=visits)
    parts = list(over_buckets(task, buckets_in(events), "activity"))
    counts = sum((part.counts for part in parts), Counter())
    if sources.knows_company:
        absences = all_absences(part.absences for part in parts)
        task_of_company = partial(_company, sources=sources, events=events, days=days, absences=absences)
        list(over_buckets(task_of_company, buckets_in(events), "activity: company"))
    totals = {name: counts.pop(name, 0) for name in ("user_days", "login_days", "amounts")}
    currencies = {name: counts.pop(name) for name in list(counts) if name.startswith(_CURRENCY)}
    if counts:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common())
        sys.stderr.write(f"activity: amounts left out, because no rate is known: {reasons}\n")
    write_json(
        {
            **totals,
            "dropped_by_presence": totals["user_days"] - totals["login_days"],
            "presence": in_use.contract.presence.model_dump(),
            "amounts_not_converted": dict(sorted(counts.items())),
            "currencies_not_converted": {
                name.removeprefix(_CURRENCY): count
                for name, count in sorted(currencies.items(), key=lambda item: (-item[1], item[0]))
            },
        },
        report,
    )


class _Part(NamedTuple):
    """Of a bucket: counts for the report, and the absences of its users if others are to know of them."""

    counts: Counter[str]
    absences: pl.DataFrame


def _bucket(bucket: int, *, sources: RowSources, events: Path, days: Path, visits: Path) -> _Part:
    of_bucket = read_bucket(events, bucket)
    user_days = user_days_of(of_bucket, sources)
    write_parquet(user_days.days, bucket_file(days, bucket))
    write_parquet(late_visits(of_bucket, sources), bucket_file(visits, bucket))
    acted = int((user_days.days["events"] > 0).sum())  # on the other days the user only received
    totals = {"user_days": acted, "login_days": int(user_days.days["logins"].sum())}
    currencies = {f"{_CURRENCY}{name}": count for name, count in user_days.unconverted.items()}
    counts = user_days.amount_problems + Counter(totals | {"amounts": user_days.amounts} | currencies)
    absences = absences_of(user_days.days) if sources.knows_company else pl.DataFrame(schema=ABSENCES)
    return _Part(counts, absences)


def _company(bucket: int, *, sources: RowSources, events: Path, days: Path, absences: pl.DataFrame) -> None:
    """Add to the user-days of one bucket what the absence of others tells of them."""
    alone = read_bucket(days, bucket)
    contacts = read_bucket(events, bucket, ["user_id", "at", "counterpart"])
    known = in_company(alone, contacts, absences, sources)
    write_parquet(known, bucket_file(days, bucket))


if __name__ == "__main__":
    main(run)
