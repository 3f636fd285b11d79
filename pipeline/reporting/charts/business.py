"""Figures of the business: courses with intervals and alarms, movements of recurring revenue, cohorts, the fade curve.

Promise: what the log does not tell has no figure. Provisional figures are hollow points. Periods that the log covers in
part are not drawn: beside whole ones they mislead.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import (
    ACCENT,
    HALF,
    INK,
    LOWERS,
    QUIET,
    RAISES,
    SOFT,
    Figure,
    finished,
    styled,
)

COURSES = {
    "churn_rate": "churn rate",
    "hidden_churn": "hidden churn",
    "arpc": "net revenue per active user",
    "average_check": "average check",
    "gross_mrr_churn": "gross revenue churn",
    "nps": "net promoter score",
}
"""The figures whose course is drawn, with their names."""
_MOVES = {
    "mrr_new": ("New", ACCENT),
    "mrr_reactivation": ("Reactivation", "#3f86ad"),
    "mrr_expansion": ("Expansion", LOWERS),
    "mrr_contraction": ("Contraction", "#e3a08a"),
    "mrr_churn": ("Churn", RAISES),
}
_FORMS = {"share": ".0%", "money": ",.2f", "points": ".0f"}
_PANEL_HIGH, _PANELS = 120, 2
_MOST_PERIODS, _MOST_COHORTS = 53, 14
_LABELS, _FEW_LABELS = 8, 4  # periods named along an axis


def business_figures(report: Mapping[str, Any]) -> dict[str, Figure]:
    """`courses`, `movements`, `cohorts` and `fade` by name. `report`: `reports/business.json`."""
    rows = pl.DataFrame(report["figures"], infer_schema_length=None) if report["figures"] else pl.DataFrame()
    figures: dict[str, Figure | None] = {}
    if rows.height:
        compared = rows.filter(pl.col("grain") == _compared_grain(rows))
        own = rows.filter(pl.col("grain") == report["period"])
        figures = {
            "courses": courses(compared, report["currency"]),
            "movements": movements(own, report["movements_of"], report["currency"]),
        }
    figures |= {"cohorts": cohorts(report["cohorts"], report["period"]), "fade": fade(report["fade"])}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _compared_grain(rows: pl.DataFrame) -> str:
    """The periods that are compared with those before: weeks, if the table has them."""
    return "week" if "week" in set(rows["grain"]) else str(rows["grain"][0])


def courses(rows: pl.DataFrame, currency: str | None) -> Figure | None:
    """The course of each of `COURSES` over the last periods, with its 95 % interval; alarms are marked."""
    rows = rows.filter(~pl.col("partial"))
    periods = rows["period"].unique().sort().to_list()[-_MOST_PERIODS:]
    known = rows.filter(pl.col("period").is_in(periods) & pl.col("value").is_not_null())
    drawn = [name for name in COURSES if known.filter(pl.col("kpi") == name).height > 1]
    if not drawn:
        return None
    shown = known.filter(pl.col("kpi").is_in(drawn))
    panels = [_course(shown.filter(pl.col("kpi") == name), name, periods, currency) for name in drawn]
    found = shown["alarm"].count()
    named = "week" if rows["grain"][0] == "week" else "month"
    title = f"{found} alarm{'' if found == 1 else 's'} of these figures in the last {len(periods)} {named}s"
    subtitle = "Band: 95 % interval. Red: an alarm. Hollow: provisional, and never an alarm"
    together = alt.concat(*panels, columns=_PANELS, bounds="flush", spacing={"row": 66, "column": 62})
    return styled(together, title, subtitle)


def _course(rows: pl.DataFrame, name: str, periods: list[str], currency: str | None) -> alt.LayerChart:
    unit = rows["unit"][0]
    marked = rows.with_columns(
        state=pl.when(pl.col("alarm").is_not_null())
        .then(pl.lit("alarm"))
        .when(pl.col("provisional"))
        .then(pl.lit("open"))
        .otherwise(pl.lit("final"))
    ).select("period", "value", "low", "high", "n", "alarm", "state")
    every = -(-len(periods) // _FEW_LABELS)
    x = alt.X(
        "period:O", title=None, scale=alt.Scale(domain=periods),
        axis=alt.Axis(values=periods[::every], labelAngle=0, labelFontSize=10.5),
    )  # fmt: skip
    says = COURSES[name] + (f", {currency}" if unit == "money" and currency else "")
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(format=_FORMS.get(unit, ".1f"), tickCount=4),
    )
    base = alt.Chart(marked)
    band = base.mark_area(opacity=0.18, color=ACCENT).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y)
    points = base.mark_point(size=42, strokeWidth=1.6, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "state:N",
            scale=alt.Scale(domain=["final", "open", "alarm"], range=[ACCENT, ACCENT, RAISES]),
            legend=None,
        ),
        fill=alt.Fill(
            "state:N",
            scale=alt.Scale(domain=["final", "open", "alarm"], range=[ACCENT, "white", RAISES]),
            legend=None,
        ),
        tooltip=["period:N", alt.Tooltip("value:Q", format=",.4f"), "n:Q", "alarm:N"],
    )
    layers: alt.LayerChart = (band + line + points).properties(
        width=HALF - 40,
        height=_PANEL_HIGH,
        title=alt.TitleParams(says, fontSize=12, fontWeight="normal", color=SOFT),
    )
    return layers


def movements(rows: pl.DataFrame, basis: str | None, currency: str | None) -> Figure | None:
    """The movements of recurring (or net) revenue by period as stacked bars, and their sum."""
    known = rows.filter(pl.col("kpi").is_in(list(_MOVES)) & pl.col("value").is_not_null())
    if known.is_empty():
        return None
    names = {name: says for name, (says, _) in _MOVES.items()}
    order = {name: turn for turn, name in enumerate(_MOVES)}
    parts = known.select(
        "period",
        "value",
        movement=pl.col("kpi").replace_strict(names),
        turn=pl.col("kpi").replace_strict(order, return_dtype=pl.Int64),
    )
    periods = parts["period"].unique().sort().to_list()[-24:]
    parts = parts.filter(pl.col("period").is_in(periods))
    net = parts.group_by("period").agg(pl.col("value").sum()).sort("period")
    axis = alt.Axis(labelAngle=0, values=periods[:: -(-len(periods) // _LABELS)])
    x = alt.X("period:O", title=None, axis=axis, scale=alt.Scale(domain=periods))
    bars = (
        alt.Chart(parts)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("value:Q", title=currency, stack="zero", axis=alt.Axis(format=",.0f")),
            color=alt.Color(
                "movement:N",
                scale=alt.Scale(domain=list(names.values()), range=[colour for _, colour in _MOVES.values()]),
                legend=alt.Legend(title=None, orient="right"),
            ),
            order="turn:Q",
            tooltip=["period:N", "movement:N", alt.Tooltip("value:Q", format=",.2f")],
        )
    )
    total = alt.Chart(net).mark_line(color=INK, point=alt.OverlayMarkDef(color=INK, size=40), strokeWidth=1.5)
    drawn = total.encode(x=x, y="value:Q")
    last, of = net["value"][-1], "net revenue" if basis != "MRR" else "MRR"
    title = f"{of} moved by {last:+,.0f} {currency or ''} in {net['period'][-1]}".replace("  ", " ")
    return finished(
        bars + drawn, f"{title[0].upper()}{title[1:]}", "Black: the sum of all movements", height=220
    )


def cohorts(rows: list[Mapping[str, Any]], period: str) -> Figure | None:
    """The share of each cohort that came in each period since its sign-up, as a heatmap."""
    table = (
        pl.DataFrame(rows, infer_schema_length=None)
        if rows
        else pl.DataFrame(schema={"retained": pl.Float64})
    )
    known = table.filter(pl.col("retained").is_not_null())
    known = known.filter(pl.col("cohort") != "before the log") if known.height else known
    if known.is_empty():
        return None
    latest = known["cohort"].unique().sort().to_list()[-_MOST_COHORTS:]
    cells = known.filter(pl.col("cohort").is_in(latest)).select(
        "cohort", "age", "users", "active", "retained"
    )
    ages = sorted(set(cells["age"]))[:_MOST_COHORTS]
    cells = cells.filter(pl.col("age").is_in(ages))
    base = alt.Chart(cells).encode(
        x=alt.X("age:O", title=f"{period}s since the {period} of the sign-up", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("cohort:O", title=None),
    )
    tiles = base.mark_rect(stroke="white", strokeWidth=1).encode(
        # A legend of shades has another name in each picture of a process: other bytes. The texts say the shares.
        color=alt.Color("retained:Q", scale=alt.Scale(domain=[0, 1], range=["#f3f6f8", ACCENT]), legend=None),
        tooltip=["cohort:N", "age:O", "users:Q", "active:Q", alt.Tooltip("retained:Q", format=".1%")],
    )  # fmt: skip
    texts = base.mark_text(fontSize=10.5).encode(
        text=alt.Text("retained:Q", format=".0%"),
        color=alt.condition(alt.datum.retained > 0.55, alt.value("white"), alt.value(INK)),
    )
    after = cells.filter(pl.col("age") == 1)
    title = "Who comes again, by cohort"
    if after.height:
        share = float(after["active"].sum()) / float(after["users"].sum())
        title = f"{share:.0%} come in the {period} after that of the sign-up"
    subtitle = "Share of each cohort that came in a period; white: not over, or before the log"
    width, height = min(46 * len(ages) + 20, 2 * HALF), max(24 * cells["cohort"].n_unique(), 80)
    return finished(tiles + texts, title, subtitle, width=width, height=height)


def fade(rows: list[Mapping[str, Any]]) -> Figure | None:
    """Login days a week by weeks before the last login, of the lost and of users who stayed."""
    table = pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema={"low": pl.Float64})
    known = table.filter(pl.col("low").is_not_null())
    if known.is_empty() or set(known["who"]) != {"lost", "stayed"}:
        return None
    names = {"lost": "lost", "stayed": "stayed, of the same tenure"}
    drawn = known.with_columns(who=pl.col("who").replace_strict(names))
    x = alt.X(
        "weeks_before:Q", title="weeks before the last login", scale=alt.Scale(reverse=True, nice=False)
    )
    colours = alt.Scale(domain=list(names.values()), range=[RAISES, QUIET])
    colour = alt.Color("who:N", scale=colours, legend=alt.Legend(title=None, orient="top"))
    base = alt.Chart(drawn).encode(x=x)
    band = base.mark_area(opacity=0.16).encode(
        y=alt.Y("low:Q", title="login days a week"), y2="high:Q", detail="who:N",
        color=alt.Color("who:N", scale=colours, legend=None),
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=2.5).encode(
        color=colour,
        y=alt.Y("login_days_per_week:Q", scale=alt.Scale(zero=True)),
        tooltip=["who:N", "weeks_before:Q", alt.Tooltip("login_days_per_week:Q", format=".2f"), "users:Q"],
    )
    first = {
        row["who"]: row["login_days_per_week"] for row in known.filter(pl.col("weeks_before") == 1).to_dicts()
    }
    title = "Use before the last login"
    if len(first) == len(names):
        lost, stayed = first["lost"], first["stayed"]
        title = f"{lost:.1f} login days in the last week of the lost, {stayed:.1f} of those who stayed"
    layers = (band + lines).resolve_scale(color="independent")
    return finished(layers, title, "Means with 95 % intervals. A user counts for weeks after the first login")
