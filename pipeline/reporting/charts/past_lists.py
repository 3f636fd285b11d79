"""Figures of past lists: effects with their intervals, and predicted against observed churn."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import ACCENT, INK, QUIET, RAISES, Figure, finished

_WIDE, _ROW = 620, 22
_DECIDED, _OPEN = "verdict", "not yet"
_ALL = "all episodes"


def past_list_figures(report: Mapping[str, Any]) -> dict[str, Figure]:
    """`effects` and `predictions` by name, those for which there is something to show. `report`: `judge.json`."""
    figures = {}
    rows = effect_rows(report)
    if rows:
        figures["effects"] = effects(rows, report["churn"]["verdict"])
    lists = [
        {"as_of": day, "kind": kind, "share": quality["quality"][key], **_ends(quality, key)}
        for day, quality in report["predictions"]["lists"].items()
        if quality is not None
        for key, kind in (("predicted", "predicted"), ("observed", "observed"))
    ]
    if lists:
        figures["predictions"] = predictions(pl.DataFrame(lists))
    return figures


def _ends(quality: Mapping[str, Any], figure: str) -> dict[str, float | None]:
    """The ends of the interval of a figure; what was predicted has none."""
    interval = quality["intervals"].get(figure, {})
    return {end: interval.get(end) for end in ("low", "high")}


def effect_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`group, value, low, high, says` of all episodes, and of each group that has an effect."""
    churn = report["churn"]
    if churn is None or churn["effect"] is None:
        return []
    rows = [_row(_ALL, churn["effect"], churn["verdict"])]
    for group in report["groups"]:
        if group["shrunk"] is not None:
            name = f"{group['dimension'].replace('_', ' ')}: {group['group']}"
            rows.append(_row(name, group["shrunk"], group["verdict"]["says"]))
    return rows


def _row(group: str, effect: Mapping[str, float], verdict: str) -> dict[str, Any]:
    says = _OPEN if verdict == _OPEN else _DECIDED
    return {"group": group, **{key: effect[key] for key in ("value", "low", "high")}, "says": says}


def effects(rows: list[dict[str, Any]], verdict: str) -> Figure:
    """Points less churn with contact, by group; grey where there is no verdict yet."""
    table = pl.DataFrame(rows)
    first = rows[0]
    order = alt.Y("group:N", title=None, sort=table["group"].to_list(), axis=alt.Axis(labelLimit=320))
    color = alt.Color(
        "says:N",
        scale=alt.Scale(domain=[_DECIDED, _OPEN], range=[ACCENT, QUIET]),
        legend=alt.Legend(title=None, orient="top"),
    )
    percent = alt.Axis(format=".0%", tickCount=7)
    base = alt.Chart(table)
    bars = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", title="share of churn less with contact", axis=percent),
        x2="high:Q",
        y=order,
        color=color,
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x="value:Q", y=order, color=color)
    zero = alt.Chart(pl.DataFrame({"at": [0.0]})).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="at:Q")
    title = (
        f"{verdict[0].upper()}{verdict[1:]}: {100 * first['value']:.1f} points less churn "
        f"({100 * first['low']:.1f} to {100 * first['high']:.1f})"
    )
    subtitle = "95 % intervals. Groups are drawn towards the mean of their kind; grey: too few held out for a verdict"
    return finished(zero + bars + points, title, subtitle, width=_WIDE, height=_ROW * max(len(rows), 3))


def predictions(lists: pl.DataFrame) -> Figure:
    """The predicted and the observed share of churn of each list, among users whom nobody treated."""
    means = {
        kind: float(lists.filter(pl.col("kind") == kind)["share"].to_numpy().mean())
        for kind in ("predicted", "observed")
    }
    color = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(means), range=[ACCENT, RAISES]),
        legend=alt.Legend(title=None, orient="top"),
    )
    share = alt.Y("share:Q", title="share of churn", axis=alt.Axis(format=".0%"), scale=alt.Scale(zero=False))
    days = lists.with_columns(pl.col("as_of").str.to_date(), pl.col("low", "high").cast(pl.Float64))
    at = alt.X(
        "as_of:T",
        title="list as of",
        axis=alt.Axis(format="%-d %b %Y", tickCount=min(days["as_of"].n_unique(), 6)),
    )
    base = alt.Chart(days)
    lines = base.mark_line(point=True, strokeWidth=2.5).encode(x=at, y=share, color=color)
    intervals = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule()
        .encode(x=at, y=alt.Y("low:Q"), y2="high:Q", color=color)
    )
    title = f"The lists predicted {means['predicted']:.1%} churn; {means['observed']:.1%} churned"
    return finished(
        intervals + lines,
        title,
        "Users whom nobody treated; the held out stand for all who were chosen. 95 % intervals",
        width=_WIDE,
        height=220,
    )
