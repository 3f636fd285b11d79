"""The figures of a result, as Altair charts: the same in the report, as PNG and as a page.

Promise: each title states the result with its number. No chart names a user.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from features.define import DIMENSIONS
from pipeline.config.sections import Label
from pipeline.reporting.charts.horizon import definition_figures
from pipeline.reporting.charts.lists import list_figures
from pipeline.reporting.charts.robustness import robustness_figures
from pipeline.reporting.charts.style import (
    ACCENT,
    HALF,
    LOWERS,
    QUIET,
    RAISES,
    SQUARE,
    WIDTH,
    Figure,
    diagonal,
    finished,
    line,
    share_x,
    share_y,
    styled,
)
from pipeline.reporting.charts.style_map import style_map
from pipeline.storage.files import read_csv

_MOST_POINTS = 500  # of one line; Altair draws at most 5,000 rows
_TOP = 0.1
_SAMPLED_PROFILES = 6


def figures_of(
    metrics: Mapping[str, Any], plots: Path, curve: pl.DataFrame, people: pl.DataFrame, label: Label
) -> dict[str, Figure]:
    """All figures by name, without those that the log does not support.

    `metrics`: metrics.json; `plots`: the folder of the curves' tables; `curve`: the return curves by
    group; `people`: the profiles.
    """
    figures = {}
    if curve.height:
        everyone = curve.filter(pl.col("group") == "all")
        figures = {"return_curve": return_curve(everyone, label.horizon_days)}
        figures |= definition_figures(curve, label.horizon_days)
    if "baselines" in metrics["list"]:
        of_list = metrics["list"]
        figures["list_auc"] = auc_comparison(of_list, of_list["baselines"], "AUC on lists", width=HALF)
    figures |= {
        "auc": auc_comparison(metrics["test"], metrics["baselines"], "AUC on the test period"),
        "roc": roc(read_csv(plots / "roc.csv"), metrics["test"]["auc"]["value"]),
        "gains": gains(read_csv(plots / "gains.csv")),
        "reliability": reliability(
            read_csv(plots / "reliability.csv"), metrics["test"]["calibration_error"]["value"]
        ),
    }
    figures |= list_figures(metrics) | robustness_figures(metrics, read_csv(plots / "tenths.csv"))
    if people.height:
        figures |= {"dimensions": dimension_importance(people), "profiles": profile_sample(people)}
        drawn = style_map(people)
        figures |= {} if drawn is None else {"style_map": drawn}
    return figures


def return_curve(curve: pl.DataFrame, horizon_days: int) -> Figure:
    """Share of users still away by days since a login, and of these the share that comes back within the same time."""
    names = {
        "still_away": "still away",
        "come_back_later": "of these, share that comes back within the same time",
    }
    near = curve.filter(pl.col("days") <= 5 * horizon_days)  # beyond, a long log's curve is flat
    drawn = near.gather_every(1 + near.height // _MOST_POINTS)
    rows = drawn.rename(names).unpivot(
        [*names.values()], index="days", variable_name="what", value_name="share"
    )
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("days:Q", title="days since a login"),
            y=share_y("share", "share of users"),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=list(names.values()), range=[ACCENT, RAISES]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["days:Q", "what:N", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    at = curve.filter(pl.col("days") == horizon_days)
    if at.is_empty():
        return finished(
            lines,
            "Users still away after a login",
            f"The log is too short for a horizon of {horizon_days} days",
        )
    horizon = alt.Chart(at).mark_rule(color=QUIET, strokeDash=[5, 4], strokeWidth=1.5).encode(x="days:Q")
    title = (
        f"{at['still_away'][0]:.0%} are still away after {horizon_days} days, "
        f"and {at['come_back_later'][0]:.0%} of them come back within the next {horizon_days} days"
    )
    return finished(horizon + lines, title, f"Dashed: the horizon, {horizon_days} days without a login")


def auc_comparison(
    model: Mapping[str, Any], baselines: Mapping[str, Mapping[str, Any]], called: str, *, width: int = WIDTH
) -> Figure:
    """AUC of the model and of each baseline on the same rows, with their 95 % intervals; `called`: of the axis."""
    compared = {"model": model, **baselines}
    rows = pl.DataFrame(
        [{"who": name.replace("_", " "), **part["auc"]} for name, part in compared.items()],
        schema={"who": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    ).drop_nulls()
    others = rows.filter(pl.col("who") != "model").sort("value", descending=True)
    title = "AUC of the model and of the baselines"
    if 0 < others.height < rows.height:
        ours = rows["value"][0]
        title = f"AUC {ours:.3f}; the best baseline, {others['who'][0]}, has {others['value'][0]:.3f}"
    base = alt.Chart(rows).encode(
        y=alt.Y("who:N", sort=["model", *others["who"]], title=None, axis=alt.Axis(grid=False)),
        color=alt.condition(alt.datum.who == "model", alt.value(ACCENT), alt.value(QUIET)),
        tooltip=["who:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high"))],
    )
    along = alt.X(
        "low:Q",
        scale=alt.Scale(zero=False, padding=12),
        axis=alt.Axis(title=f"{called} (0.5: chance, 1: perfect)", tickCount=5),
    )
    intervals = base.mark_rule(strokeWidth=2.5).encode(x=along, x2="high:Q")
    points = base.mark_point(filled=True, size=110, opacity=1).encode(x="value:Q")
    return finished(
        intervals + points,
        title,
        "Lines: 95 % intervals; users are resampled",
        width=width,
        height=36 * rows.height,
    )


def roc(curve: pl.DataFrame, auc: float | None) -> Figure:
    """The ROC curve of the test period."""
    x, y = "false_positive_rate", "true_positive_rate"
    along = share_x(x, "share of the other logins found (false positive rate)")
    drawn = line(curve, along, share_y(y, "share of the last logins found (true positive rate)"), order=y)
    title = "ROC curve" if auc is None else f"A last login has the higher score in {auc:.0%} of pairs"
    return finished(
        diagonal(x, y) + drawn, title, "ROC curve of the test period. Dashed: chance", width=SQUARE
    )


def gains(curve: pl.DataFrame) -> Figure:
    """Share of the last logins found by share of logins contacted, most at risk first."""
    x, y = "contacted_share", "found_share"
    found_share = float(np.interp(_TOP, curve[x].to_numpy(), curve[y].to_numpy()))
    along = share_x(x, "share of logins contacted, most at risk first")
    drawn = line(curve, along, share_y(y, "share of the last logins found"), order=x)
    mark = pl.DataFrame({x: [_TOP], y: [found_share]})
    point = (
        alt.Chart(mark)
        .mark_point(filled=True, size=110, color=RAISES, opacity=1)
        .encode(x=f"{x}:Q", y=f"{y}:Q")
    )
    title = f"The {_TOP:.0%} most at risk contain {found_share:.0%} of the last logins"
    subtitle = "Cumulative gains in the test period. Dashed: at random"
    return finished(diagonal(x, y) + drawn + point, title, subtitle, width=SQUARE)


def reliability(bins: pl.DataFrame, error: float | None) -> Figure:
    """Predicted against observed share of churn in bins of equally many rows."""
    x, y = "predicted", "observed"
    top = max((value for name in (x, y) for value in bins[name]), default=1.0)
    domain = (0.0, min(1.0, float(np.ceil(10 * top + 0.2)) / 10))
    along = share_x(x, "predicted probability, mean of the bin", domain)
    drawn = line(bins, along, share_y(y, "share that churned", domain), order=x)
    points = drawn.mark_point(filled=True, size=70, color=ACCENT, opacity=1).encode(
        tooltip=[*(alt.Tooltip(f"{name}:Q", format=".1%") for name in (x, y)), "rows:Q"]
    )
    title = "Predicted and observed churn"
    if error is not None:
        title = f"Prediction and outcome differ by {100 * error:.1f} points on average"
    subtitle = f"{bins.height} bins with the same number of test logins. Dashed: perfect"
    return finished(diagonal(x, y, domain[1]) + drawn + points, title, subtitle, width=SQUARE)


def dimension_importance(people: pl.DataFrame) -> Figure:
    """How much each dimension moves the risk, over all users' last logins."""
    means = people.select(pl.col(name).abs().mean() for name in DIMENSIONS)
    rows = means.unpivot(variable_name="dimension", value_name="effect").filter(pl.col("effect") > 0)
    rows = rows.sort(["effect", "dimension"], descending=[True, False])
    bars = (
        alt.Chart(rows)
        .mark_bar(color=ACCENT, height=alt.RelativeBandSize(0.7))
        .encode(
            x=alt.X("effect:Q", title="mean absolute contribution (log-odds)"),
            y=alt.Y("dimension:N", sort=None, title=None, axis=alt.Axis(grid=False)),
            tooltip=["dimension:N", alt.Tooltip("effect:Q", format=".3f")],
        )
    )
    title = (
        f"{rows['dimension'][0].capitalize()} moves the risk most"
        if rows.height
        else "Nothing moves the risk"
    )
    return finished(
        bars,
        title,
        f"{people.height:,} users at their last login. 0.7 about doubles or halves the odds",
        height=30 * max(1, rows.height),
    )


def profile_sample(people: pl.DataFrame) -> Figure:
    """The profiles of six users, from the most to the least at risk."""
    ordered = people.sort(["login_probability", "user_id"], descending=[True, False])
    at = np.unique(np.linspace(0, ordered.height - 1, _SAMPLED_PROFILES).astype(int))
    used = [name for name in DIMENSIONS if (people[name] != 0).any()]
    percent = (100 * pl.col("login_probability")).round().cast(pl.Int64)
    style = pl.format("|{}", "style") if "style" in people.columns else pl.lit("")  # | breaks the line
    called = pl.format("{}: {} % risk, login {}{}", "place", percent, "login_number", style)
    rows = (
        ordered[at.tolist()]
        .with_row_index("place", offset=1)
        .select(called.alias("user"), *used)
        .unpivot(index="user", variable_name="dimension", value_name="contribution")
    )
    bars = (
        alt.Chart(rows)
        .mark_bar(height=alt.RelativeBandSize(0.7))
        .encode(
            x=alt.X("contribution:Q", title="log-odds", axis=alt.Axis(tickCount=4)),
            y=alt.Y("dimension:N", sort=used, title=None, axis=alt.Axis(grid=False)),
            color=alt.condition(alt.datum.contribution > 0, alt.value(RAISES), alt.value(LOWERS)),
            tooltip=["user:N", "dimension:N", alt.Tooltip("contribution:Q", format="+.2f")],
        )
        .properties(width=205, height=18 * max(1, len(used)))
    )
    header = alt.Header(
        title=None,
        labelFontSize=12,
        labelFontWeight="bold",
        labelAnchor="start",
        labelExpr="split(datum.value, '|')",
        labelLimit=240,
    )
    faceted = bars.facet(facet=alt.Facet("user:N", header=header), columns=3)
    title = "What raises (red) and lowers (blue) the risk of six users"
    return styled(
        faceted,
        title,
        "At their last login, from the highest to the lowest risk. A style compares the user with peers",
    )
