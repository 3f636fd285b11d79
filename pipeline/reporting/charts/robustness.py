"""Figures of how a result was evaluated: over earlier periods, by tenth of the logins, and with leaks.

Promise: each title states the result. What was not measured has no figure.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import ACCENT, LOWERS, RAISES, Figure, finished

_WAYS = {"random": "random split", "unpurged": "by time, no gap", "purged": "by time, with a gap"}


def robustness_figures(metrics: Mapping[str, Any], tenths: pl.DataFrame) -> dict[str, Figure]:
    """`origins`, `leak_price` and `lift` by name, if `metrics` (metrics.json) has them."""
    figures = {"lift": lift(tenths)}
    if len(metrics["rolling"]["origins"]) > 1:
        figures["origins"] = origins(metrics["rolling"]["origins"])
    return figures | {"leak_price": leak_price(metrics["leak_price"])}


def origins(periods: list[Mapping[str, Any]]) -> Figure:
    """AUC by test period, the earliest first."""
    rows = pl.DataFrame([{"period": origin["test"], "auc": origin["auc"]} for origin in reversed(periods)])
    aucs = [float(auc) for auc in rows["auc"]]
    title = f"AUC {min(aucs):.3f} to {max(aucs):.3f} over {rows.height} test periods"
    subtitle = "Each period has its own model, fitted before the period"
    return _dots(rows, "period", "auc", title, subtitle, "AUC on the test period")


def leak_price(ways: Mapping[str, Any]) -> Figure:
    """AUC by the way of splitting."""
    rows = pl.DataFrame([{"split": shown, "auc": ways[name]["auc"]} for name, shown in _WAYS.items()])
    gained = max(ways[name]["auc"] for name in ("random", "unpurged")) - ways["purged"]["auc"]
    title = f"A leaky evaluation would change the AUC by {gained:+.3f}"
    return _dots(rows, "split", "auc", title, "The same settings and number of trees", "AUC")


def lift(tenths: pl.DataFrame) -> Figure:
    """Share of churn of each tenth of the logins, predicted and observed."""
    bars = (
        alt.Chart(tenths)
        .mark_bar(color=LOWERS)
        .encode(
            x=alt.X(
                "tenth:O", title="tenth of the test logins, most at risk first", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("observed:Q", title="share that churned", axis=alt.Axis(format=".0%")),
            tooltip=["tenth:O", alt.Tooltip("observed:Q", format=".1%"), alt.Tooltip("lift:Q", format=".2f")],
        )
    )
    ticks = (
        alt.Chart(tenths)
        .mark_tick(color=RAISES, thickness=3, width=18, opacity=1)
        .encode(x="tenth:O", y="predicted:Q")
    )
    title = f"The first tenth churns {tenths['lift'][0]:.1f} times as often as average"
    return finished(bars + ticks, title, "Bars: observed. Marks: predicted")


def _dots(rows: pl.DataFrame, what: str, value: str, title: str, subtitle: str, axis: str) -> Figure:
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{what}:N", sort=None, title=None, axis=alt.Axis(grid=False)),
        x=alt.X(
            f"{value}:Q", scale=alt.Scale(zero=False, padding=24), axis=alt.Axis(title=axis, tickCount=5)
        ),
        tooltip=[f"{what}:N", alt.Tooltip(f"{value}:Q", format=".3f")],
    )
    points = base.mark_point(filled=True, size=110, color=ACCENT, opacity=1)
    return finished(points, title, subtitle, height=44 * rows.height)
