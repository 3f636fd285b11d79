"""The figures of the stage `define`: how long users stay away, and the cost of each horizon, by group.

Promise: the title states the result. A group without a curve is not drawn.
"""

import math

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import ACCENT, HALF, INK, QUIET, RAISES, Figure, finished, share_y

GROUPS = {"all": QUIET, "newcomers": RAISES, "veterans": ACCENT}
_MOST_POINTS = 500  # of one line
_BEYOND = 2  # times the longest horizon in question: farther on, the curves are flat


def definition_figures(curve: pl.DataFrame, horizon_days: int) -> dict[str, Figure]:
    """By name: `return_groups`, and `horizon_costs` if some horizon is safe.

    `curve`: the table of `define`, by `group` and `days`; `horizon_days`: the N in use.
    """
    best = curve.filter("recommended")
    until = _BEYOND * max([horizon_days, *best["days"]])
    near = curve.filter(pl.col("days") <= until)
    drawn = near.filter(pl.col("days") % (1 + until // _MOST_POINTS) == 0)
    figures = {"return_groups": return_groups(drawn, best)}
    return figures | ({"horizon_costs": horizon_costs(drawn, best)} if best.height else {})


def return_groups(curve: pl.DataFrame, best: pl.DataFrame) -> Figure:
    """Share still away by days since a login, a line for each group; `best`: the recommended horizons."""
    days = dict(best.select("group", "days").iter_rows())
    title = "Newcomers and veterans still away after a login"
    if {"newcomers", "veterans"} <= set(days):
        title = f"Recommended: {days['newcomers']} days for newcomers, {days['veterans']} for veterans"
    elif "all" in days:
        title = f"Recommended: {days['all']} days without a login"
    subtitle = "Points: the recommended horizons" if days else "The log is too short to recommend a horizon"
    top = math.ceil(10 * max(curve["still_away"], default=1.0)) / 10
    y = share_y("still_away", "share of users still away", (0.0, top))
    return _by_group(curve, best, y, title, subtitle)


def horizon_costs(curve: pl.DataFrame, best: pl.DataFrame) -> Figure:
    """Cost of false churn and of waiting together by horizon, a line for each group."""
    total = (pl.col("false_churn_cost") + pl.col("waiting_cost")).alias("cost")
    rows, marks = curve.with_columns(total), best.with_columns(total)
    top = 3 * float(marks["cost"].max())  # type: ignore[arg-type]  # `best` has a row, costs are numbers
    y = alt.Y(
        "cost:Q",
        title="cost per 1,000 logins, reporting currency",
        scale=alt.Scale(domain=[0, top or 1], clamp=True),
    )
    where = best.filter(pl.col("group") == "all")["days"]
    title = f"{where[0]} days is the safe horizon with the lowest cost" if len(where) else "Cost by horizon"
    return _by_group(
        rows, marks, y, title, "Cost of needless offers and of waiting. Points: the cheapest safe horizon"
    )


def _by_group(rows: pl.DataFrame, marks: pl.DataFrame, y: alt.Y, title: str, subtitle: str) -> Figure:
    present = [name for name in GROUPS if name in rows["group"]]
    colour = alt.Color(
        "group:N",
        scale=alt.Scale(domain=present, range=[GROUPS[name] for name in present]),
        legend=alt.Legend(title=None, orient="top"),
    )
    x = alt.X("days:Q", title="days without a login", axis=alt.Axis(tickMinStep=1))
    tooltips = ["group:N", "days:Q"]
    lines = alt.Chart(rows).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, tooltip=tooltips)
    points = (
        alt.Chart(marks)
        .mark_point(filled=True, size=110, opacity=1, stroke=INK)
        .encode(x=x, y=y, color=colour, tooltip=tooltips)
    )
    return finished(lines + points, title, subtitle, width=HALF)
