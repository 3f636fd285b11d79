"""Figures of how a result was evaluated: over earlier periods, minutes and days around a login, and with leaks.

Promise: each title states the result. What was not measured has no figure.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import ACCENT, RAISES, Figure, finished

_MOMENTS = {
    "5_minutes": "5 minutes",
    "1_hour": "1 hour",
    "end_of_day": "end of the day",
    "1_days": "1 silent day",
    "2_days": "2 silent days",
    "3_days": "3 silent days",
}
_TITLE_MOMENTS = 3  # moments in the title: those within the day, which are of the same logins
_WAYS = {"random": "random split", "unpurged": "by time, no gap", "purged": "by time, with a gap"}


def robustness_figures(metrics: Mapping[str, Any], tenths: pl.DataFrame) -> dict[str, Figure]:
    """`origins`, `earliness`, `leak_price` and `lift` by name, if `metrics` (metrics.json) has them."""
    figures = {"lift": lift(tenths)}
    if len(metrics["rolling"]["origins"]) > 1:
        figures["origins"] = origins(metrics["rolling"]["origins"])
    early = {**metrics["earliness"]["silence"], **metrics["earliness"]["within_day"]}
    moments = [(shown, early[name]["auc"]) for name, shown in _MOMENTS.items() if name in early]
    if any(auc["value"] is not None for _, auc in moments):
        figures["earliness"] = earliness(moments)
    return figures | {"leak_price": leak_price(metrics["leak_price"])}


def origins(periods: list[Mapping[str, Any]]) -> Figure:
    """AUC by test period, the earliest first."""
    rows = pl.DataFrame([{"period": origin["test"], "auc": origin["auc"]} for origin in reversed(periods)])
    aucs = [float(auc) for auc in rows["auc"]]
    title = f"AUC {min(aucs):.3f} to {max(aucs):.3f} over {rows.height} test periods"
    subtitle = "Each period has its own model, fitted before the period"
    return _dots(rows, "period", "auc", title, subtitle, "AUC on the test period")


def earliness(moments: list[tuple[str, Mapping[str, float | None]]]) -> Figure:
    """AUC by the moment of the score, with intervals."""
    rows = pl.DataFrame(
        [{"moment": shown, **auc} for shown, auc in moments],
        schema={"moment": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    ).drop_nulls()
    title = ", ".join(f"{row['value']:.3f} ({row['moment']})" for row in rows.head(_TITLE_MOMENTS).to_dicts())
    title = f"AUC by the time of the score: {title}"
    base = alt.Chart(rows).encode(x=alt.X("moment:N", sort=None, title=None, axis=alt.Axis(labelAngle=-25)))
    lines = base.mark_rule(color=ACCENT, strokeWidth=2.5).encode(
        y=alt.Y("low:Q", scale=alt.Scale(zero=False, padding=12), title="AUC"), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, color=ACCENT, opacity=1).encode(y="value:Q")
    subtitle = "Within the day: the same logins. After silence: users still silent. Lines: 95 % intervals"
    return finished(lines + points, title, subtitle)


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
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X(
                "tenth:O", title="tenth of the test logins, most at risk first", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("observed:Q", title="share that churned", axis=alt.Axis(format=".0%")),
            tooltip=["tenth:O", alt.Tooltip("observed:Q", format=".1%"), alt.Tooltip("lift:Q", format=".2f")],
        )
    )
    ticks = (
        alt.Chart(tenths).mark_tick(color=RAISES, thickness=3, width=18).encode(x="tenth:O", y="predicted:Q")
    )
    title = f"The first tenth churns {tenths['lift'][0]:.1f} times as often as average"
    return finished(bars + ticks, title, "Bars: observed. Marks: predicted")


def _dots(rows: pl.DataFrame, what: str, value: str, title: str, subtitle: str, axis: str) -> Figure:
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{what}:N", sort=None, title=None, axis=alt.Axis(grid=False)),
        x=alt.X(f"{value}:Q", scale=alt.Scale(zero=False, padding=24), title=axis),
        tooltip=[f"{what}:N", alt.Tooltip(f"{value}:Q", format=".3f")],
    )
    points = base.mark_point(filled=True, size=110, color=ACCENT, opacity=1)
    return finished(points, title, subtitle, height=44 * rows.height)
