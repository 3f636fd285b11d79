"""The report: one page for people, with the results, their uncertainty and the paths of the files.

Promise: the page needs no network, has the same bytes for the same inputs, and holds no user id, so it may be passed
on. What the log does not support has no section.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.config.sections import Label, Log
from pipeline.crm.summary_text import choice_in_words
from pipeline.learning.churn_in_use import churn_of
from pipeline.reporting.business_tables import business_tables
from pipeline.reporting.charts.style import Figure, svg_of
from pipeline.reporting.quality_tables import (
    NOT_MEASURED,
    OF_BASELINES,
    OF_SLICES,
    QUALITIES,
    list_tables,
    quality_table,
)
from pipeline.reporting.tables import robustness_tables
from pipeline.reporting.templates import render
from pipeline.reporting.value_tables import value_tables

_TEMPLATE = "report.html.jinja"
_LISTED = 10

_OF_ORACLE = {
    "auc": "AUC of the true probability",
    "gini_ratio": "Gini of the model, as a share of the Gini of the true probability",
    "latent_auc": "AUC of a model that also sees the hidden state of the simulation",
    "latent_gini_ratio": "Gini of the model, as a share of the Gini of that model",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What the page shows: the stages' reports (JSON), their tables, and the figures by name."""

    ingested: Mapping[str, Any]
    activity: Mapping[str, Any]
    readiness: Mapping[str, Any]
    definition: Mapping[str, Any]
    metrics: Mapping[str, Any]
    styles: Sequence[Mapping[str, Any]]
    play_styles: Mapping[str, Any]
    segments: Sequence[Mapping[str, Any]]
    causes: Mapping[str, Any]
    thresholds: pl.DataFrame
    tenths: pl.DataFrame
    listed: pl.DataFrame
    summary: Mapping[str, Any]
    business: Mapping[str, Any]
    figures: Mapping[str, Figure]


def report_page(log: Log, label: Label, contents: Contents) -> str:
    """The page in HTML."""
    metrics = contents.metrics
    return render(
        _TEMPLATE,
        log=log,
        name=Path(log.contract).stem,
        label=label,
        churn=churn_of(label),
        ingested=contents.ingested,
        activity=contents.activity,
        readiness=contents.readiness,
        definition=contents.definition,
        metrics=metrics,
        of_list=list_tables(metrics["list"]),
        of_value=value_tables(metrics["value"]),
        test=quality_table({"test": metrics["test"]})["test"],
        robustness=robustness_tables(metrics, contents.thresholds, contents.tenths),
        baselines=quality_table({"model": metrics["test"], **metrics["baselines"]}, OF_BASELINES),
        slices=quality_table(metrics.get("segments", {}), OF_SLICES),
        styles=contents.styles,
        play_styles=contents.play_styles,
        segments=contents.segments,
        causes=_causes(contents.causes),
        names={key: name for key, (name, _) in QUALITIES.items()},
        not_measured=NOT_MEASURED,
        of_oracle=_OF_ORACLE,
        of_baselines=OF_BASELINES,
        of_slices=OF_SLICES,
        people=_people(contents.listed, contents.summary),
        business=business_tables(contents.business),
        figures={name: embedded(figure) for name, figure in contents.figures.items()},
    )


def _people(listed: pl.DataFrame, summary: Mapping[str, Any]) -> dict[str, Any]:
    """The CRM list on the page: its size, its day, the bands, and the first ten users to be contacted, without ids.

    They stand in the order of the list. `summary`: `summary.json`, in words.
    """
    valued = listed["expected_profit"].null_count() < listed.height
    first = listed.filter(pl.col("action") == "contact")
    reasons = [name for name in listed.columns if name.startswith("reason_") and name.endswith("_text")]
    reasons.append("evidence_text")
    bands = listed["risk_band"].value_counts().sort("risk_band").rows() if listed.height else []
    return {
        "count": listed.height,
        "as_of": listed["as_of"][0] if listed.height else None,
        "bands": dict(bands),
        "valued": valued,
        "contacts": first.height,
        "lines": choice_in_words(summary),
        "rows": [
            {**row, "reasons": [row[name] for name in reasons if row[name]]}
            for row in first.head(_LISTED).drop("user_id").to_dicts()
        ],
    }


def _causes(report: Mapping[str, Any]) -> dict[str, Any]:
    """The causes that stand out for users on the list, the costliest first, and last the users without a cause."""
    known = [cause for cause in report["causes"] if cause["users"]]
    known.sort(key=lambda cause: (-cause.get("value_at_risk", 0.0), -cause["users"]))
    none = {"code": None, "says": "no cause stands out", "managed": None, "also": None, **report["no_cause"]}
    return {
        "rows": [*known, *([none] if none["users"] else [])],
        "currency": report.get("currency"),
        "worth": "value_at_risk" in report["no_cause"],
    }


def embedded(figure: Figure) -> dict[str, str]:
    """The figure as the source of an image, and its title."""
    drawn = base64.b64encode(svg_of(figure).encode()).decode()
    return {"source": f"data:image/svg+xml;base64,{drawn}", "title": figure.to_dict()["title"]["text"]}
