"""Figure of the choice: what contacts are expected to bring by their number, in three orders."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from pipeline.reporting.charts.style import ACCENT, INK, LOWERS, QUIET, Figure, finished

_ORDERS = {
    "policy": "this choice",
    "risk": "highest risk first",
    "random": "in any order",
}
_WIDE, _HIGH = 720, 240


def choice_figures(report: Mapping[str, Any]) -> dict[str, Figure]:
    """`choice` by name, if anybody could be contacted. `report`: `reports/policy.json`."""
    if len(report["curve"]) < 2:
        return {}
    return {"choice": choice_by_depth(report)}


def choice_by_depth(report: Mapping[str, Any]) -> Figure:
    """The expected profit, or users kept, of contacting the first users of each order; a mark at the chosen number."""
    unit = report["unit"] + (
        f" in {report['currency']}" if report["currency"] and report["unit"] == "profit" else ""
    )
    rows = pl.DataFrame(
        [
            {"users": point["users"], "brings": point[order], "order": says}
            for point in report["curve"]
            for order, says in _ORDERS.items()
        ]
    )
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("users:Q", title="users contacted or held out", scale=alt.Scale(nice=False)),
            y=alt.Y("brings:Q", title=f"expected {unit}"),
            color=alt.Color(
                "order:N",
                scale=alt.Scale(domain=list(_ORDERS.values()), range=[ACCENT, LOWERS, QUIET]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["order:N", "users:Q", alt.Tooltip("brings:Q", format=",.1f")],
        )
    )
    chosen = pl.DataFrame({"users": [report["chosen"]]})
    mark = alt.Chart(chosen).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="users:Q")
    nearest = min(report["curve"], key=lambda point: abs(point["users"] - report["chosen"]))
    title = (
        f"The {report['chosen']:,} chosen users: {nearest['policy']:,.0f} expected {unit}, "
        f"{nearest['risk']:,.0f} if chosen by risk, {nearest['random']:,.0f} in any order"
    )
    subtitle = "Users with a play whom no rule excludes. The dashed line is the choice"
    return finished(lines + mark, title, subtitle, width=_WIDE, height=_HIGH)
