"""The map of users by their dimensions of risk, and the sample of users that a chart draws.

Promise: no chart names a user, and a sample is the same each time.
"""

from collections.abc import Sequence

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import DIMENSIONS
from models.explanation.peers import Peers, standardised
from models.segmentation.styles import shapes_of
from pipeline.reporting.charts.style import INK, LOWERS, RAISES, Figure, finished

Floats = NDArray[np.float64]
_DRAWN_USERS = 2_000
_STYLES = 10  # colours of the palette
_LEAST_STYLES = 3  # needed for two directions


def style_map(people: pl.DataFrame) -> Figure | None:
    """Users by their dimensions, standardised among peers, in the two directions that separate styles best.

    Coloured by `style` if the profiles have it, with a number in the middle of each; else by risk, in the directions
    of largest variance. None when all users are alike.
    """
    used = [name for name in DIMENSIONS if people[name].n_unique() > 1]
    if people.height <= 2 or len(used) < 2:
        return None
    scores = shapes_of(standardised(people.select(used).to_numpy(), _peers(people)))
    styles = _largest_first(people["style"]) if "style" in people.columns else []
    of_style = people["style"].to_numpy() if len(styles) >= _LEAST_STYLES else None
    directions, held = _directions(scores, of_style)
    places = scores @ directions.T
    drawn = evenly(
        people.select(
            "login_probability",
            *([pl.col("style").replace_strict(_numbered(styles))] if styles else []),
            first=pl.Series(places[:, 0].round(3)),
            second=pl.Series(places[:, 1].round(3)),
        ),
        _DRAWN_USERS,
    )
    blank = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    points = (
        alt.Chart(drawn)
        .mark_circle(size=22, opacity=0.55)
        .encode(
            x=alt.X("first:Q", title=f"→ {_raised(directions[0], used)}", axis=blank),
            y=alt.Y("second:Q", title=f"→ {_raised(directions[1], used)}", axis=blank),
            color=_colour(_numbered(styles)),
            tooltip=[name for name in ("login_probability", "style") if name in drawn.columns],
        )
    )
    who = "styles" if of_style is not None else "users"
    title = f"Two directions explain {held:.0%} of the differences between {who}"
    subtitle = f"{drawn.height:,} of {people.height:,} users at their last login, compared with their peers"
    layers = alt.layer(points, *_middles(places, people, styles)) if styles else points
    return finished(layers, title, subtitle, height=380)


def _largest_first(style: pl.Series) -> list[str]:
    counted = style.alias("style").value_counts().sort(["count", "style"], descending=[True, False])
    return counted["style"].to_list()


def _peers(people: pl.DataFrame) -> Peers:
    if "peers" not in people.columns:
        return Peers(("all",), np.zeros(people.height, dtype=np.int64))
    names = people["peers"].unique().sort()
    group = people["peers"].replace_strict(names, pl.int_range(len(names), eager=True), return_dtype=pl.Int64)
    return Peers(tuple(names), group.to_numpy())


def _directions(scores: Floats, of_style: NDArray[np.object_] | None) -> tuple[Floats, float]:
    """(2, dimensions) two directions, and their share of the variance: of the styles' means, or else of all rows."""
    centred = scores - scores.mean(axis=0)
    if of_style is not None:
        names, index, count = np.unique(of_style, return_inverse=True, return_counts=True)
        means = np.array([centred[index == i].mean(axis=0) for i in range(len(names))])
        centred = means * np.sqrt(count)[:, None]
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(axes[range(2), np.abs(axes[:2]).argmax(axis=1)])  # a fixed sign
    held = float((size[:2] ** 2).sum() / max((size**2).sum(), 1e-12))
    return np.asarray(axes[:2] * signs[:, None], dtype=np.float64), held


def _middles(places: Floats, people: pl.DataFrame, styles: Sequence[str]) -> list[alt.Chart]:
    """The number of each style at the middle of its users."""
    rows = (
        pl.DataFrame({"style": people["style"], "first": places[:, 0], "second": places[:, 1]})
        .group_by("style")
        .agg(pl.col("first", "second").median().round(3))
        .with_columns(number=pl.col("style").replace_strict(styles, range(1, len(styles) + 1)))
        .sort("number")
        .with_columns(pl.col("number").cast(pl.String))
    )
    base = alt.Chart(rows).encode(x="first:Q", y="second:Q")
    disc = base.mark_circle(size=340, color="white", opacity=0.92, stroke=INK, strokeWidth=1)
    return [disc, base.mark_text(fontSize=12, fontWeight="bold", color=INK).encode(text="number:N")]


def _numbered(styles: Sequence[str]) -> dict[str, str]:
    return {style: f"{number}  {style}" for number, style in enumerate(styles, 1)}


def _colour(styles: dict[str, str]) -> alt.Color:
    if styles:
        colours = alt.Scale(
            domain=[*styles.values()], scheme="tableau10" if len(styles) <= _STYLES else "tableau20"
        )
        return alt.Color("style:N", scale=colours, legend=alt.Legend(title=None, symbolOpacity=1))
    return alt.Color(
        "login_probability:Q",
        title="risk",
        scale=alt.Scale(range=[LOWERS, "#e8dcd6", RAISES]),
        legend=alt.Legend(format=".0%"),
    )


def _raised(direction: Floats, names: Sequence[str]) -> str:
    """The two dimensions that make a direction: "social raises the risk, progress lowers it"."""
    one, other = np.argsort(-np.abs(direction), kind="stable")[:2]
    if direction[one] * direction[other] > 0:
        return f"{names[one]} and {names[other]} {'raise' if direction[one] > 0 else 'lower'} the risk"
    up, down = (one, other) if direction[one] > 0 else (other, one)
    return f"{names[up]} raises the risk, {names[down]} lowers it"


def evenly(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most `most` of `rows`, evenly spread."""
    return rows[places_evenly(rows.height, most)]


def places_evenly(count: int, most: int) -> list[int]:
    """At most `most` row numbers below `count`, evenly spread."""
    positions: list[int] = np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(int)).tolist()
    return positions
