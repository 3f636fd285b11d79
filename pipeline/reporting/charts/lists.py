"""Figures of the list's quality: predicted against observed churn, and quality by the time of the score.

Promise: each title states the result. What was not measured has no figure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import (
    ACCENT,
    HALF,
    LOWERS,
    QUIET,
    RAISES,
    Figure,
    finished,
    share_y,
    styled,
)
from pipeline.reporting.moments import WITHIN_DAY, silence

_SAME_LOGINS, _LISTED = "within the day: the same logins", "days of silence: users on lists"
_WIDE, _UPPER, _LOWER = 720, 200, 110
_PANELS = {"auc": ("AUC", _UPPER), "calibration_error": ("calibration error", _LOWER)}
_COLUMNS: dict[str, type[pl.String | pl.Float64]] = {
    **dict.fromkeys(("moment", "of", "quality"), pl.String),
    **dict.fromkeys(("value", "low", "high"), pl.Float64),
}


def list_figures(metrics: Mapping[str, Any]) -> dict[str, Figure]:
    """`list_calibration` and `earliness` by name, if `metrics` (metrics.json) has them."""
    groups, figures = metrics["list"].get("by_silent_days"), {}
    if groups:
        figures["list_calibration"] = list_calibration(groups)
    early = metrics["earliness"]
    within_day = {says: early["within_day"].get(name) for name, says in WITHIN_DAY.items()}
    moments = _rows({says: part for says, part in within_day.items() if part}, _SAME_LOGINS)
    moments += _rows({silence(name): part for name, part in early["silence"].items()}, _LISTED)
    if any(row["quality"] == "auc" for row in moments):
        figures["earliness"] = earliness(moments)
    return figures


def list_calibration(groups: Sequence[Mapping[str, Any]]) -> Figure:
    """Share of churn by silent days on the list's day, observed and predicted.

    `groups`: `list.by_silent_days` of metrics.json.
    """
    rows = pl.DataFrame([{**group, "group": silence(group["group"]).split(" silent")[0]} for group in groups])
    gaps = (group["rows"] * abs(group["predicted"] - group["observed"]) for group in groups)
    off = sum(gaps) / sum(group["rows"] for group in groups)
    x = alt.X("group:N", sort=None, title="silent days on the list's day", axis=alt.Axis(labelAngle=0))
    bars = (
        alt.Chart(rows)
        .mark_bar(color=LOWERS)
        .encode(
            x=x,
            y=share_y("observed", "share that churned"),
            tooltip=[
                "group:N", "rows:Q", *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("predicted", "observed"))
            ],
        )
    )  # fmt: skip
    marks = (
        alt.Chart(rows).mark_tick(color=RAISES, thickness=3, width=22, opacity=1).encode(x=x, y="predicted:Q")
    )
    title = f"Predicted and observed churn differ by {100 * off:.1f} points on average"
    subtitle = "By silent days, all lists. Bars: observed. Marks: predicted"
    return finished(bars + marks, title, subtitle, width=HALF, height=_UPPER)


def earliness(moments: Sequence[Mapping[str, Any]]) -> Figure:
    """AUC and calibration error by the moment of the score, with intervals.

    `moments`: rows of `moment`, `of`, `quality` (a key of `_PANELS`), `value`, `low` and `high`, in order of time.
    """
    rows = pl.DataFrame(moments, schema=_COLUMNS)
    order = rows["moment"].unique(maintain_order=True).to_list()
    panels = [_panel(rows.filter(quality=name), order, last=name == "calibration_error") for name in _PANELS]
    joined = alt.concat(*panels, columns=1, spacing=14)
    subtitle = "Lines: 95 % intervals. Each group of silent days has its own users: compare only figures within the day"
    return styled(joined, f"AUC by the time of the score: {_told(moments)}", subtitle)


def _told(moments: Sequence[Mapping[str, Any]]) -> str:
    """The AUC of each moment within the day, and the range of those after silence."""
    aucs = [row for row in moments if row["quality"] == "auc"]
    same = [f"{row['value']:.3f} ({row['moment']})" for row in aucs if row["of"] == _SAME_LOGINS]
    listed = [row["value"] for row in aucs if row["of"] == _LISTED]
    silent = [f"after silence {min(listed):.3f} to {max(listed):.3f}"] if listed else []
    return "; ".join([*([", ".join(same)] if same else []), *silent])


def _rows(parts: Mapping[str, Mapping[str, Any]], of: str) -> list[dict[str, Any]]:
    """The measured qualities of `_PANELS` of each moment."""
    return [
        {"moment": moment, "of": of, "quality": name, **part[name]}
        for moment, part in parts.items()
        for name in _PANELS
        if part.get(name) and part[name]["value"] is not None
    ]


def _panel(rows: pl.DataFrame, order: list[str], *, last: bool) -> alt.LayerChart:
    name = "calibration_error" if last else "auc"
    called, height = _PANELS[name]
    axis = alt.Axis(labelAngle=-25, labels=last, ticks=last)
    base = alt.Chart(rows).encode(
        x=alt.X("moment:N", sort=order, scale=alt.Scale(domain=order), title=None, axis=axis),
        color=alt.Color(
            "of:N",
            scale=alt.Scale(domain=[_SAME_LOGINS, _LISTED], range=[QUIET, ACCENT]),
            legend=None if last else alt.Legend(title=None, orient="top"),
        ),
        tooltip=["moment:N", *(alt.Tooltip(f"{end}:Q", format=".3f") for end in ("value", "low", "high"))],
    )
    along = alt.Y(
        "low:Q",
        scale=alt.Scale(zero=last, padding=0 if last else 12),
        title=called,
        axis=alt.Axis(tickCount=5),
    )
    drawn = base.mark_rule(strokeWidth=2.5).encode(y=along, y2="high:Q")
    points = base.mark_point(filled=True, size=90, opacity=1).encode(y="value:Q")
    sized: alt.LayerChart = alt.LayerChart(layer=[drawn, points]).properties(width=_WIDE, height=height)
    return sized
