"""The map of users by what moves their risk, and which of them a chart draws.

Promise: no chart names a user, and a sample is the same each time.
"""

from collections.abc import Sequence

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from features.define import DIMENSIONS
from pipeline.chart_style import LOWERS, RAISES, Figure, finished

_DRAWN_USERS = 2_000
_COLUMNS = ("login_probability", "style")
_STYLES = 10  # colours that can be told apart


def style_map(people: pl.DataFrame) -> Figure | None:
    """Users by their dimensions in two directions (principal components of the standardised log-odds).

    Coloured by `style` where the profiles have it, else by risk. None when there is nothing to tell users apart.
    """
    used = [name for name in DIMENSIONS if people[name].n_unique() > 1]
    if people.height <= 2 or len(used) < 2:
        return None
    scores = StandardScaler().fit_transform(people.select(used).to_numpy())
    found = PCA(n_components=2, svd_solver="full").fit(scores)
    signs = np.sign(found.components_[range(2), np.abs(found.components_).argmax(axis=1)])  # one way round
    places = found.transform(scores) * signs
    rows = people.select(name for name in _COLUMNS if name in people.columns).with_columns(
        pl.Series("first", places[:, 0].round(3)), pl.Series("second", places[:, 1].round(3))
    )
    axes = [
        _towards(component * sign, used) for component, sign in zip(found.components_, signs, strict=True)
    ]
    shown = float(found.explained_variance_ratio_.sum())
    drawn = evenly(rows, _DRAWN_USERS)
    points = (
        alt.Chart(drawn)
        .mark_circle(size=22, opacity=0.65)
        .encode(
            x=alt.X("first:Q", title=axes[0]),
            y=alt.Y("second:Q", title=axes[1]),
            color=_colour(drawn),
            tooltip=[name for name in drawn.columns if name in _COLUMNS],
        )
    )
    title = f"Two directions hold {shown:.0%} of what sets users apart"
    return finished(
        points, title, f"{drawn.height:,} of {people.height:,} users at their last login", height=360
    )


def _colour(rows: pl.DataFrame) -> alt.Color:
    if "style" in rows.columns:
        styles = rows["style"].drop_nulls().unique().sort().to_list()
        colours = alt.Scale(scheme="tableau10") if len(styles) <= _STYLES else alt.Scale(scheme="tableau20")
        return alt.Color("style:N", sort=styles, scale=colours, legend=alt.Legend(title=None))
    return alt.Color(
        "login_probability:Q",
        title="risk",
        scale=alt.Scale(range=[LOWERS, "#e8dcd6", RAISES]),
        legend=alt.Legend(format=".0%"),
    )


def _towards(component: NDArray[np.float64], names: Sequence[str]) -> str:
    """The dimensions that make a direction, the strongest two: "spending up, rhythm down"."""
    strongest = np.argsort(-np.abs(component), kind="stable")[:2]
    return ", ".join(f"{names[i]} {'raises' if component[i] > 0 else 'lowers'} the risk" for i in strongest)


def evenly(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many of `rows`, evenly spread."""
    return rows[places_evenly(rows.height, most)]


def places_evenly(count: int, most: int) -> list[int]:
    """At most so many row numbers below `count`, evenly spread."""
    found: list[int] = np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(int)).tolist()
    return found
