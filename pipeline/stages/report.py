"""Stage `report`: one page for people, that says what was found, how sure that is and where it lies.

Promise: one file that needs no network, the same bytes for the same inputs, and no user id in it, so that
it may be passed on. What a log cannot show has no section.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.config.params import Label, Log
from pipeline.learning.churn_in_use import churn_of
from pipeline.reporting.charts.overview import figures_of
from pipeline.reporting.charts.style import Figure, svg_of
from pipeline.reporting.tables import NOTHING, robustness_tables
from pipeline.reporting.templates import render
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY_REPORT,
    CAUSES_REPORT,
    CRM,
    DEFINITION_REPORT,
    INGEST_REPORT,
    METRICS_REPORT,
    PLOTS,
    PROFILES,
    READINESS_REPORT,
    REPORT_PAGE,
    RETURN_CURVE,
    SEGMENTS_REPORT,
)
from pipeline.storage.files import read_json

TEMPLATE = "report.html.jinja"
LISTED = 10
# Name in metrics.json: what it is called here, and how it is written.
QUALITIES = {
    "auc": ("AUC", "{:.3f}"),
    "average_precision": ("average precision", "{:.3f}"),
    "log_loss": ("log loss", "{:.3f}"),
    "brier": ("Brier score", "{:.3f}"),
    "calibration_error": ("calibration error", "{:.3f}"),
    "lift_at_10pct": ("lift among the 10 % most at risk", "{:.2f}"),
    "lift_at_5pct": ("among the 5 %", "{:.2f}"),
    "lift_at_20pct": ("among the 20 %", "{:.2f}"),
    "ks": ("Kolmogorov-Smirnov", "{:.3f}"),
    "base_rate": ("share of logins that churned", "{:.1%}"),
    "rows": ("logins", "{:,}"),
    "users": ("users", "{:,}"),
}
_OF_ORACLE = {
    "auc": "AUC of the true probability",
    "gini_ratio": "Gini of the model, as a share of its Gini",
    "latent_auc": "AUC of a model that sees the simulation's hidden state too",
    "latent_gini_ratio": "Gini of the model, as a share of that one's",
}
_OF_TEST = tuple(QUALITIES)
_OF_BASELINES = ("auc", "average_precision", "log_loss", "calibration_error", "lift_at_10pct")
_OF_SEGMENTS = ("rows", "base_rate", "auc", "calibration_error")


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
    report: Out = REPORT_PAGE.path,
) -> None:
    """Write the page."""
    judged = read_json(metrics)
    people = pl.read_parquet(profiles / "profiles.parquet")
    figures = figures_of(judged, plots, pl.read_csv(curve), people, label)
    page = render(
        TEMPLATE,
        log=log,
        name=Path(log.contract).stem,
        label=label,
        churn=churn_of(label),
        ingested=read_json(ingest_report),
        activity=read_json(activity_report),
        readiness=read_json(readiness),
        definition=read_json(definition),
        metrics=judged,
        test=_table({"test": judged["test"]}, _OF_TEST)["test"],
        by_user=_table({"by_user": judged["test_by_user"]}, _OF_TEST)["by user"],
        judged=robustness_tables(
            judged, pl.read_csv(plots / "thresholds.csv"), pl.read_csv(plots / "tenths.csv")
        ),
        baselines=_table({"model": judged["test"], **judged["baselines"]}, _OF_BASELINES),
        segments=_table(judged.get("segments", {}), _OF_SEGMENTS),
        styles=read_json(profiles / "styles.json")["styles"],
        alike=read_json(segments)["segments"],
        causes=_causes(read_json(causes)),
        called={name: called for name, (called, _) in QUALITIES.items()},
        of_oracle=_OF_ORACLE,
        of_baselines=_OF_BASELINES,
        of_segments=_OF_SEGMENTS,
        people=_people(pl.read_parquet(crm / "list.parquet")),
        figures={name: _embedded(figure) for name, figure in figures.items()},
    )  # fmt: skip
    report.write_text(page, "utf-8")


def _table(
    parts: Mapping[str, Mapping[str, Any]], names: tuple[str, ...]
) -> dict[str, dict[str, tuple[str, str]]]:
    """Part and quality to its value and its 95 % interval, as text; the interval of a count is empty."""
    return {
        part.replace("_", " "): {
            name: _said(found[name], QUALITIES[name][1]) for name in names if name in found
        }
        for part, found in parts.items()
    }


def _said(quality: Mapping[str, Any], form: str) -> tuple[str, str]:
    value, low, high = quality["value"], quality["low"], quality["high"]
    if value is None:
        return NOTHING, ""
    if low is None or high is None or low == high:
        return form.format(value), ""
    return form.format(value), f"{form.format(low)} to {form.format(high)}"


def _people(listed: pl.DataFrame) -> dict[str, Any]:
    """What the page says of the CRM list: how many, from when, by band, and some to be contacted, without user ids.

    These are the ones with most value at risk, where the log tells what users pay, or else the most likely to leave.
    """
    worth = "value_at_risk" in listed.columns and listed["value_at_risk"].sum() > 0
    first = listed.with_row_index("place", 1).filter(pl.col("arm") == "contact")
    if worth:
        first = first.sort("value_at_risk", descending=True, maintain_order=True, nulls_last=True)
    reasons = [name for name in listed.columns if name.startswith("reason_") and name.endswith("_text")]
    reasons.append("evidence_text")
    bands = listed["risk_band"].value_counts().sort("risk_band").rows() if listed.height else []
    return {
        "count": listed.height,
        "as_of": listed["as_of"][0] if listed.height else None,
        "bands": dict(bands),
        "columns": listed.columns,
        "worth": worth,
        "rows": [
            {**row, "reasons": [row[name] for name in reasons if row[name]]}
            for row in first.head(LISTED).drop("user_id").to_dicts()
        ],
    }


def _causes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Causes that stand out for anybody on the list, the costliest first, and at last those for whom none does."""
    known = [cause for cause in told["causes"] if cause["users"]]
    known.sort(key=lambda cause: (-cause.get("value_at_risk", 0.0), -cause["users"]))
    none = {"code": None, "says": "no cause stands out", "managed": None, "also": None, **told["no_cause"]}
    return {
        "rows": [*known, *([none] if none["users"] else [])],
        "currency": told.get("currency"),
        "worth": "value_at_risk" in told["no_cause"],
    }


def _embedded(figure: Figure) -> dict[str, str]:
    """The figure as the source of an image, and its title."""
    drawn = base64.b64encode(svg_of(figure).encode()).decode()
    return {"source": f"data:image/svg+xml;base64,{drawn}", "title": figure.to_dict()["title"]["text"]}


if __name__ == "__main__":
    main(run)
