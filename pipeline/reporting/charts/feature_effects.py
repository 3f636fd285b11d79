"""Charts of how features move the risk: all of them together, and the strongest ones alone.

Promise: no chart names a user, and a sample is the same each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.explanation.contributions import contributions
from models.learning.trained_model import TrainedModel
from pipeline.reporting.charts.style import ACCENT, QUIET, SOFT, Figure, finished, styled
from pipeline.reporting.charts.style_map import evenly, places_evenly
from pipeline.storage.frames import buckets_in, read_bucket

SAMPLE_USERS = 2_000
_STRIP_FEATURES, _STRIP_USERS = 12, 400  # Altair draws at most 5,000 rows
_SHOWN_ALONE, _ALONE_USERS = 4, 1_000
_SHOWN_SHARE = 0.99
_TITLE = 48  # characters of a line
_LOW_TO_HIGH = ["#f0c24b", "#8fb09a", "#2b4a7f"]  # other than the colours of what raises and lowers the risk
_KEYS = ["user_id", "login_day"]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Login rows of a sample of users: values and contributions (rows, features), features in the model's order."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    contributions: NDArray[np.float64]

    @property
    def order(self) -> list[int]:
        """The features that move the risk, by mean absolute contribution, the largest first."""
        weight = np.abs(self.contributions).mean(axis=0)
        order = np.argsort(-weight, kind="stable")
        return [int(i) for i in order if weight[i] > 0]


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
    by_feature, _ = contributions(trained.booster, rows)
    return Sampled(trained.features, rows.to_numpy(), by_feature)


def feature_figures(sampled: Sampled, words: Mapping[str, str] | None = None) -> dict[str, Figure]:
    """`features` (a strip for each of the top 12) and `dependence` (the top 4); empty when nothing moves the risk.

    `words`: feature to its label; others are labelled by their names.
    """
    if not sampled.order or not len(sampled.values):
        return {}
    called = replace(sampled, names=_unlike([(words or {}).get(name, name) for name in sampled.names]))
    return {"features": feature_strips(called), "dependence": feature_dependence(called)}


def feature_strips(sampled: Sampled) -> Figure:
    """Each user's contribution of the features that move the risk most, coloured by the rank of the value."""
    top = sampled.order[:_STRIP_FEATURES]
    at = places_evenly(len(sampled.values), _STRIP_USERS)
    spread = np.random.default_rng(1).uniform(-1, 1, size=(len(at), len(top)))
    rows = pl.concat(
        pl.DataFrame(
            {
                "feature": [sampled.names[i]] * len(at),
                "contribution": sampled.contributions[at, i],
                "value_rank": _rank(sampled.values[:, i])[at],
                "spread": spread[:, position],
            }
        )
        for position, i in enumerate(top)
    ).with_columns(pl.col("contribution", "value_rank").round(4), pl.col("spread").round(2))
    known, missing = rows.drop_nulls("value_rank"), rows.filter(pl.col("value_rank").is_null())
    order = [sampled.names[i] for i in top]
    coloured = _strip(known, order).encode(
        color=alt.Color(
            "value_rank:Q",
            title="value (grey: missing)",
            scale=alt.Scale(domain=[0, 0.5, 1], range=_LOW_TO_HIGH),
            legend=alt.Legend(
                orient="top",
                values=[0, 0.5, 1],
                labelExpr="datum.value == 0 ? 'lowest' : datum.value == 1 ? 'highest' : 'middle'",
                gradientLength=240,
                titleLimit=240,
            ),
        )
    )
    grey = _strip(missing, order).encode(color=alt.value(QUIET))
    zero = alt.Chart(pl.DataFrame({"contribution": [0.0]})).mark_rule(color=SOFT).encode(x="contribution:Q")
    title = f"Strongest feature: {order[0]}"
    subtitle = f"{len(at):,} users at their last login; right of the line, the feature raises the risk"
    return finished(alt.layer(zero, grey, coloured), title, subtitle, height=28 * len(top))


def _strip(rows: pl.DataFrame, order: Sequence[str]) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(rows)
        .mark_circle(size=14, opacity=0.7)
        .encode(
            x=alt.X("contribution:Q", title="contribution to the log-odds"),
            y=alt.Y(
                "feature:N",
                sort=[*order],
                scale=alt.Scale(domain=[*order]),
                title=None,
                axis=alt.Axis(grid=False, labelLimit=360),
            ),
            yOffset=alt.YOffset("spread:Q", scale=alt.Scale(domain=[-1.6, 1.6])),
            tooltip=[
                "feature:N",
                alt.Tooltip("contribution:Q", format="+.2f"),
                alt.Tooltip("value_rank:Q", format=".0%"),
            ],
        )
    )
    return drawn


def feature_dependence(sampled: Sampled) -> Figure:
    """The contribution of the strongest features, by their value.

    Users without a value are not drawn. Nor is the highest hundredth of values, which would press the others together.
    """
    top = sampled.order[:_SHOWN_ALONE]
    at = places_evenly(len(sampled.values), _ALONE_USERS)
    charts = [_alone(sampled.names[i], sampled.values[at, i], sampled.contributions[at, i]) for i in top]
    joined = alt.concat(*charts, columns=2, spacing=28).resolve_scale(y="shared")
    subtitle = (
        f"{len(at):,} users at their last login, without the highest 1 %; other features cause the spread"
    )
    return styled(joined, "Effect of a feature's value on the risk", subtitle)


def _alone(name: str, values: NDArray[np.float64], contribution: NDArray[np.float64]) -> alt.LayerChart:
    rows = pl.DataFrame({"feature": name, "value": values, "contribution": contribution.round(4)})
    rows = rows.filter(pl.col("value").is_finite())
    shown = rows.filter(pl.col("value") <= pl.col("value").quantile(_SHOWN_SHARE, "higher"))
    points = (
        alt.Chart(shown)
        .mark_circle(size=16, opacity=0.45, color=ACCENT)
        .encode(
            x=alt.X("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            y=alt.Y("contribution:Q", title="log-odds"),
            tooltip=["feature:N", "value:Q", alt.Tooltip("contribution:Q", format="+.2f")],
        )
    )
    zero = alt.Chart(pl.DataFrame({"contribution": [0.0]})).mark_rule(color=QUIET).encode(y="contribution:Q")
    drawn = alt.LayerChart(layer=[zero, points])
    title = alt.TitleParams(wrap(name, _TITLE), fontSize=12, anchor="start", offset=6)
    sized: alt.LayerChart = drawn.properties(width=290, height=180, title=title)
    return sized


def _unlike(names: Sequence[str]) -> tuple[str, ...]:
    """`names`, repeated ones with a number: a chart needs a name for each row."""
    return tuple(
        name if name not in names[:i] else f"{name} ({names[:i].count(name) + 1})"
        for i, name in enumerate(names)
    )


def _rank(values: NDArray[np.float64]) -> pl.Series:
    """The rank of each value among all known ones, 0 to 1; null where missing."""
    known = pl.Series(values).fill_nan(None)
    return (known.rank("average") - 1) / max(1, known.count() - 1)
