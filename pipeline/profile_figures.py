"""What moves the risk of all users, as charts: all features, and the first of them alone.

Promise: no chart names a user, and a sample is the same each time.
"""

from dataclasses import dataclass
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.contributions import contributions
from models.trained import TrainedModel
from pipeline.chart_style import ACCENT, LOWERS, QUIET, RAISES, Figure, finished, styled
from pipeline.storage import buckets_in, read_bucket
from pipeline.style_map import evenly, places_evenly

SAMPLE_USERS = 2_000
_STRIP_FEATURES, _STRIP_USERS = 12, 400  # Altair draws at most 5,000 rows
_SHOWN_ALONE, _ALONE_USERS = 4, 1_000
_KEYS = ["user_id", "login_day"]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Login rows of a sample of users: values and contributions (rows, features), features in the model's order."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    told: NDArray[np.float64]

    @property
    def order(self) -> list[int]:
        """Features that move the risk at all, most first: by mean absolute contribution."""
        weight = np.abs(self.told).mean(axis=0)
        found = np.argsort(-weight, kind="stable")
        return [int(i) for i in found if weight[i] > 0]


def explained_sample(people: pl.DataFrame, logins: Path, trained: TrainedModel) -> Sampled:
    """Values and contributions at the last logins of at most 2,000 of `people` (profiles), evenly drawn.

    `logins`: the folder of the login rows.
    """
    keys = evenly(people, SAMPLE_USERS).select(_KEYS)
    parts = [
        read_bucket(logins, bucket, [*_KEYS, *trained.features]).join(keys, on=_KEYS, how="semi")
        for bucket in buckets_in(logins)
    ]
    rows = pl.concat(parts).sort("user_id").select(pl.col(trained.features).cast(pl.Float64))
    told, _ = contributions(trained.booster, rows)
    return Sampled(trained.features, rows.to_numpy(), told)


def feature_figures(sampled: Sampled) -> dict[str, Figure]:
    """`features` (a strip for each of the top 12) and `dependence` (the top 4); none when nothing moves the risk."""
    if not sampled.order or not len(sampled.values):
        return {}
    return {"features": feature_strips(sampled), "dependence": feature_dependence(sampled)}


def feature_strips(sampled: Sampled) -> Figure:
    """Each user's contribution of the features that move the risk most, coloured by the rank of the value."""
    top = sampled.order[:_STRIP_FEATURES]
    at = places_evenly(len(sampled.values), _STRIP_USERS)
    spread = np.random.default_rng(1).uniform(-1, 1, size=(len(at), len(top)))
    rows = pl.concat(
        pl.DataFrame(
            {
                "feature": [sampled.names[i]] * len(at),
                "contribution": sampled.told[at, i],
                "value_rank": _rank(sampled.values[:, i])[at],
                "spread": spread[:, place],
            }
        )
        for place, i in enumerate(top)
    )
    points = (
        alt.Chart(rows.with_columns(pl.col("contribution", "value_rank").round(4), pl.col("spread").round(2)))
        .mark_circle(size=14, opacity=0.7, invalid=None)
        .encode(
            x=alt.X("contribution:Q", title="contribution (log-odds)"),
            y=alt.Y("feature:N", sort=[sampled.names[i] for i in top], title=None, axis=alt.Axis(grid=False)),
            yOffset=alt.YOffset("spread:Q", scale=alt.Scale(domain=[-1.6, 1.6])),
            color=alt.Color(
                "value_rank:Q",
                title="value, by rank (grey: missing)",
                scale=alt.Scale(domain=[0, 0.5, 1], range=[LOWERS, "#e8dcd6", RAISES]),
                legend=alt.Legend(orient="top", format=".0%", gradientLength=200),
            ),
            tooltip=[
                "feature:N",
                alt.Tooltip("contribution:Q", format="+.2f"),
                alt.Tooltip("value_rank:Q", format=".0%"),
            ],
        )
    )
    points = points.encode(
        color=alt.condition("isValid(datum.value_rank)", points.encoding.color, alt.value(QUIET))
    )
    title = f"{sampled.names[top[0]].replace('_', ' ')} moves the risk most of all features"
    subtitle = f"{len(at):,} of the users at their last login; right of 0 it raises the risk"
    return finished(points, title, subtitle, height=26 * len(top))


def feature_dependence(sampled: Sampled) -> Figure:
    """What the features that move the risk most add, by their value; users without a value are not drawn."""
    top = sampled.order[:_SHOWN_ALONE]
    at = places_evenly(len(sampled.values), _ALONE_USERS)
    names = [sampled.names[i] for i in top]
    rows = pl.concat(
        pl.DataFrame({"feature": name, "value": sampled.values[at, i], "contribution": sampled.told[at, i]})
        for name, i in zip(names, top, strict=True)
    )
    drawn = rows.filter(pl.col("value").is_finite()).with_columns(pl.col("contribution").round(4))
    points = (
        alt.Chart(drawn)
        .mark_circle(size=16, opacity=0.45, color=ACCENT)
        .encode(
            x=alt.X("value:Q", title=None, scale=alt.Scale(zero=False)),
            y=alt.Y("contribution:Q", title="log-odds"),
            tooltip=["feature:N", "value:Q", alt.Tooltip("contribution:Q", format="+.2f")],
        )
        .properties(width=250, height=170)
    )
    header = alt.Header(title=None, labelFontSize=12, labelFontWeight="bold", labelAnchor="start")
    faceted = points.facet(facet=alt.Facet("feature:N", header=header, sort=names), columns=2)
    faceted = faceted.resolve_scale(x="independent", y="independent")
    subtitle = f"{len(at):,} of the users at their last login; other features make the scatter"
    return styled(faceted, "What the value of a feature adds to the risk", subtitle)


def _rank(values: NDArray[np.float64]) -> pl.Series:
    """Where each value stands among all that are there, 0 to 1; null where missing."""
    known = pl.Series(values).fill_nan(None)
    return (known.rank("average") - 1) / max(1, known.count() - 1)
