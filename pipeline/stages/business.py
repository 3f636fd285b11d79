"""Stage `business`: the figures a business runs on, by period, with intervals and alarms; cohorts; the fade curve.

Promise: it changes no list. A figure of a period depends only on what was known when the period ended.
"""

from pipeline.business.report import write_figures
from pipeline.business.sources import Folders, sources_of
from pipeline.business.whole import business_figures
from pipeline.config.business import Business
from pipeline.config.sections import Label, Log, Rates
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    BUSINESS_REPORT,
    BUSINESS_ROWS,
    BUSINESS_TABLE,
    COHORTS_TABLE,
    CRM_TABLE,
    EVENTS,
    EXTERNAL_CHECKED,
    FADE_TABLE,
    LOG_FACTS,
    RATES,
    VISITS,
)
from pipeline.storage.frames import read_table

_OF_LIST = ["churn_probability", "value_at_risk"]


def run(
    business: Business,
    log: Log,
    label: Label,
    rates: Rates,
    activity: In = ACTIVITY.path,
    visits: In = VISITS.path,
    anonymous: In = ANONYMOUS.path,
    events: In = EVENTS.path,
    external: In = EXTERNAL_CHECKED.path,
    rates_table: In = RATES.path,
    facts_file: In = LOG_FACTS.path,
    listed: In = CRM_TABLE.path,
    report: Out = BUSINESS_REPORT.path,
    table: Out = BUSINESS_TABLE.path,
    rows: Out = BUSINESS_ROWS.path,
    cohorts: Out = COHORTS_TABLE.path,
    fade: Out = FADE_TABLE.path,
) -> None:
    """Write the figures as JSON, CSV and Parquet, the cohorts and the fade curve.

    Raises InputError when the spend table, an attribute of `business.cohorts_by` or a subscription cannot be used.
    """
    folders = Folders(activity, visits, anonymous, events, external, rates_table, facts_file)
    sources = sources_of(business, log, label, rates, folders)
    made = business_figures(sources, read_table(listed, _OF_LIST))
    write_figures(made, sources, report=report, table=table, rows=rows, cohorts=cohorts, fade=fade)


if __name__ == "__main__":
    main(run)
