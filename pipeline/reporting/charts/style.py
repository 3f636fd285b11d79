"""The style of all charts, and how they are written: one palette, quiet axes, a title that states the result.

Promise: the same chart gives the same bytes. A chart needs no network.
"""

from collections.abc import Mapping
from pathlib import Path

import altair as alt
import polars as pl
import vl_convert

Figure = alt.Chart | alt.LayerChart | alt.FacetChart | alt.ConcatChart

ACCENT, RAISES, LOWERS, QUIET = "#1f5a7a", "#c4512d", "#5b9bc0", "#8f9aa3"
INK, SOFT, GRID = "#22303a", "#5d6b75", "#e6eaed"
WIDTH, HEIGHT, SQUARE = 440, 270, 300
HALF = 370  # width of one of two side by side on the report's page
_PNG_SCALE = 2.0
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_ALL = (0.0, 1.0)


def finished(chart: Figure, title: str, subtitle: str, *, width: int = WIDTH, height: int = HEIGHT) -> Figure:
    """`chart` with its size, its title and the style of all."""
    return styled(chart.properties(width=width, height=height), title, subtitle)


def styled(chart: Figure, title: str, subtitle: str) -> Figure:
    """`chart` with its title and the style of all."""
    dressed: Figure = (
        chart.properties(title=alt.TitleParams(title, subtitle=subtitle), background="white", padding=12)
        .configure(font=_FONT)
        .configure_title(
            anchor="start", fontSize=14, color=INK, subtitleColor=SOFT, subtitleFontSize=12, subtitlePadding=5,
            offset=12,
        )
        .configure_axis(
            gridColor=GRID, domainColor=QUIET, tickColor=QUIET, labelColor=INK, titleColor=SOFT, labelFontSize=11.5,
            titleFontSize=12, titleFontWeight="normal", titlePadding=8, labelLimit=220,
        )
        .configure_view(stroke=None)
        .configure_legend(labelColor=INK, labelFontSize=12, symbolStrokeWidth=2.5, labelLimit=300)
    )  # fmt: skip
    return dressed


def share_x(column: str, title: str, domain: tuple[float, float] = _ALL) -> alt.X:
    """`column`, a share, along the x axis."""
    return alt.X(f"{column}:Q", title=title, scale=alt.Scale(domain=list(domain)), axis=_share_axis())


def share_y(column: str, title: str, domain: tuple[float, float] = _ALL) -> alt.Y:
    """`column`, a share, along the y axis."""
    return alt.Y(f"{column}:Q", title=title, scale=alt.Scale(domain=list(domain)), axis=_share_axis())


def diagonal(x: str, y: str, highest: float = 1.0) -> alt.Chart:
    """A dashed line from 0 to `highest` over the columns `x` and `y` of the chart it lies under."""
    ends = alt.Chart(pl.DataFrame({x: [0.0, highest], y: [0.0, highest]}))
    drawn: alt.Chart = ends.mark_line(strokeDash=[5, 4], color=QUIET, strokeWidth=1.5).encode(
        x=f"{x}:Q", y=f"{y}:Q"
    )
    return drawn


def line(rows: pl.DataFrame, x: alt.X, y: alt.Y, order: str) -> alt.Chart:
    """One line through `rows`, joined by rising `order`."""
    drawn: alt.Chart = (
        alt.Chart(rows).mark_line(strokeWidth=2.5, color=ACCENT).encode(x, y, order=f"{order}:Q")
    )
    return drawn


def svg_of(figure: Figure) -> str:
    """The figure as SVG."""
    return str(vl_convert.vegalite_to_svg(figure.to_dict()))


def save_figures(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write NAME.png and NAME.html (a page that needs no network) of each figure into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        spec = figure.to_dict()
        (folder / f"{name}.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=_PNG_SCALE))
        (folder / f"{name}.html").write_text(vl_convert.vegalite_to_html(spec, bundle=True), "utf-8")


def _share_axis() -> alt.Axis:
    return alt.Axis(format=".0%", tickCount=5)
