"""Stage `report`: one page for people, with the results, their uncertainty and the paths of the files."""

from pipeline.config.sections import Label, Log
from pipeline.reporting.charts.business import business_figures
from pipeline.reporting.charts.choice import choice_figures
from pipeline.reporting.charts.overview import figures_of
from pipeline.reporting.report_page import Contents, report_page
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY_REPORT,
    BUSINESS_REPORT,
    CAUSES_REPORT,
    CRM,
    CRM_SUMMARY,
    DEFINITION_REPORT,
    INGEST_REPORT,
    METRICS_REPORT,
    PLOTS,
    POLICY_REPORT,
    PROFILES,
    READINESS_REPORT,
    REPORT_PAGE,
    RETURN_CURVE,
    SEGMENTS_REPORT,
)
from pipeline.storage.files import read_csv, read_whole_json, write_text
from pipeline.storage.frames import read_table


def run(
    log: Log,
    label: Label,
    ingest_report: In = INGEST_REPORT.path,
    activity_report: In = ACTIVITY_REPORT.path,
    readiness: In = READINESS_REPORT.path,
    definition: In = DEFINITION_REPORT.path,
    curve: In = RETURN_CURVE.path,
    metrics: In = METRICS_REPORT.path,
    plots: In = PLOTS.path,
    profiles: In = PROFILES.path,
    segments: In = SEGMENTS_REPORT.path,
    causes: In = CAUSES_REPORT.path,
    crm: In = CRM.path,
    policy: In = POLICY_REPORT.path,
    business: In = BUSINESS_REPORT.path,
    report: Out = REPORT_PAGE.path,
) -> None:
    """Write the page."""
    measured = read_whole_json(metrics)
    figures_of_business = read_whole_json(business)
    people = read_table(profiles / "profiles.parquet")
    contents = Contents(
        ingested=read_whole_json(ingest_report),
        activity=read_whole_json(activity_report),
        readiness=read_whole_json(readiness),
        definition=read_whole_json(definition),
        metrics=measured,
        styles=read_whole_json(profiles / "styles.json")["styles"],
        play_styles=read_whole_json(profiles / "play_styles.json"),
        segments=read_whole_json(segments)["segments"],
        causes=read_whole_json(causes),
        thresholds=read_csv(plots / "thresholds.csv"),
        tenths=read_csv(plots / "tenths.csv"),
        listed=read_table(crm / "list.parquet"),
        summary=read_whole_json(crm / CRM_SUMMARY.path.name),
        business=figures_of_business,
        figures=figures_of(measured, plots, read_csv(curve), people, label)
        | choice_figures(read_whole_json(policy))
        | business_figures(figures_of_business),
    )
    write_text(report_page(log, label, contents), report)


if __name__ == "__main__":
    main(run)
