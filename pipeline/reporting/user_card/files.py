"""A user's card as a page and as a picture.

Promise: neither needs a network. Both name the user, so they are for internal use.
"""

import base64
import errno
from pathlib import Path
from textwrap import wrap

import altair as alt
import polars as pl
import vl_convert

from pipeline.errors import InputError
from pipeline.reporting.charts.style import (
    INK,
    LOWERS,
    QUIET,
    RAISES,
    SOFT,
    Figure,
    finished,
    share_y,
    svg_of,
)
from pipeline.reporting.templates import render
from pipeline.reporting.user_card.card import UserCard

TEMPLATE = "user_card.html.jinja"
_FORECAST, _FITTED, _LIST = "forecast", "not a forecast (fitted on)", "the list's number"
_LINE = 96  # characters of a line of the picture
_SIDE, _NARROW, _LOW = 380, 290, 220
_PNG_SCALE = 2.0


def write_html(card: UserCard, path: Path) -> None:
    """Write the card as one page to `path`. Raises InputError when it cannot be written."""
    figures = [dimension_bars(card), *([score_history(card)] if card.history else [])]
    drawn = [base64.b64encode(svg_of(figure).encode()).decode() for figure in figures]
    page = render(
        TEMPLATE,
        card=card,
        figures=[f"data:image/svg+xml;base64,{svg}" for svg in drawn],
        titles=[figure.to_dict()["title"]["text"] for figure in figures],
    )
    _write(page.encode(), path)


def write_png(card: UserCard, path: Path) -> None:
    """Write the card as one picture to `path`. Raises InputError when it cannot be written."""
    _write(vl_convert.vegalite_to_png(picture(card).to_dict(), scale=_PNG_SCALE), path)


def picture(card: UserCard) -> alt.HConcatChart:
    """The card as one chart: the reasons as its subtitle, then dimensions and scores side by side."""
    texts = [
        f"login {card.login_number} on {card.login_day}: {card.login_probability:.1%} at the end of that day",
        *(f"{rank}. {text}" for rank, text in enumerate(card.reasons, 1)),
        *(f"{name}: {text}" for name, text in card.words.items()),
        *([f"causes: {'; '.join(card.causes)}"] if card.causes else []),
    ]
    title = alt.TitleParams(
        f"User {card.user_id}: {card.headline}", subtitle=[line for text in texts for line in wrap(text, _LINE)],
        anchor="start", fontSize=17, color=INK, subtitleColor=SOFT, subtitleFontSize=12, subtitlePadding=7, offset=16,
    )  # fmt: skip
    parts = [_bars(card), *([_line(card)] if card.history else [])]
    sided = [part.properties(width=_SIDE, height=240) for part in parts]
    joined: alt.HConcatChart = (
        alt.hconcat(*sided, spacing=36)
        .resolve_legend(color="independent")
        .resolve_scale(color="independent")
        .properties(title=title, background="white", padding=16)
        .configure(font="Liberation Sans, Arial, Helvetica, sans-serif")
        .configure_axis(gridColor="#e6eaed", labelColor=INK, titleColor=SOFT, titleFontWeight="normal")
        .configure_view(stroke=None)
        .configure_legend(labelColor=INK, labelLimit=300)
    )
    return joined


def dimension_bars(card: UserCard) -> Figure:
    """What each dimension adds to the user's log-odds."""
    most = max(card.bars, key=lambda bar: bar.log_odds, default=None)
    raised = most is not None and most.log_odds > 0
    title = f"{most.name.capitalize()} raises the risk most" if raised and most else "Nothing raises the risk"
    subtitle = (
        f"Points of probability {card.moment}, by dimension"
        if _in_points(card)
        else f"Log-odds {card.moment}, by dimension: 0.7 about doubles the odds"
    )
    return finished(_bars(card), title, subtitle, width=_NARROW, height=_LOW)


def score_history(card: UserCard) -> Figure:
    """The user's scores, login by login."""
    first, last = card.history[0], card.history[-1]
    logins = len(card.history)
    moved = f"From {first.probability:.0%} to {last.probability:.0%} in {logins} logins"
    title = moved if logins > 1 else f"{last.probability:.0%} at the only login of these days"
    if card.on_list is not None:
        title += f", {card.percent} on the list"
    return finished(
        _line(card),
        title,
        f"{card.history_note[0].upper()}{card.history_note[1:]}",
        width=_NARROW,
        height=_LOW,
    )


def _in_points(card: UserCard) -> bool:
    return all(bar.points is not None for bar in card.bars)


def _bars(card: UserCard) -> alt.Chart:
    points = _in_points(card)
    rows = pl.DataFrame(
        [
            {
                "dimension": bar.name,
                "log_odds": bar.log_odds,
                "moved": 100 * (bar.points or 0.0) if points else bar.log_odds,
            }
            for bar in card.bars
        ],
        schema={"dimension": pl.String, "log_odds": pl.Float64, "moved": pl.Float64},
    )
    unit = "points of probability" if points else "log-odds"
    drawn: alt.Chart = (
        alt.Chart(rows.sort(["log_odds", "dimension"], descending=[True, False]))
        .mark_bar(height=alt.RelativeBandSize(0.7))
        .encode(
            x=alt.X("moved:Q", title=unit, axis=alt.Axis(tickCount=5)),
            y=alt.Y("dimension:N", sort=None, title=None, axis=alt.Axis(grid=False)),
            color=alt.condition(alt.datum.log_odds > 0, alt.value(RAISES), alt.value(LOWERS)),
            tooltip=[
                "dimension:N",
                alt.Tooltip("moved:Q", title=unit, format="+.1f"),
                alt.Tooltip("log_odds:Q", format="+.2f"),
            ],
        )
    )
    return drawn


def _line(card: UserCard) -> alt.LayerChart:
    rows = pl.DataFrame(
        [
            {
                "login_day": scored.login_day,
                "probability": scored.probability,
                "score": _FORECAST if scored.forecast else _FITTED,
            }
            for scored in card.history
        ]
        + (
            []
            if card.on_list is None
            else [{"login_day": card.on_list[0], "probability": card.on_list[1], "score": _LIST}]
        )
    )
    base = alt.Chart(rows).encode(
        x=alt.X("login_day:T", title="login day", axis=alt.Axis(format="%d %b %y", tickCount=5, grid=False)),
        y=share_y("probability", "probability of leaving"),
    )
    points = base.mark_point(filled=True, size=46, opacity=1).encode(
        color=alt.Color(
            "score:N",
            scale=alt.Scale(domain=[_FORECAST, _FITTED, _LIST], range=[RAISES, QUIET, INK]),
            legend=alt.Legend(title=None, orient="bottom", offset=4),
        ),
        tooltip=["login_day:T", alt.Tooltip("probability:Q", format=".1%"), "score:N"],
    )
    drawn: alt.LayerChart = base.mark_line(color=QUIET, strokeWidth=1.5) + points
    return drawn


def _write(content: bytes, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # it may work later
        raise InputError(
            f"{path}: cannot be written: {error.strerror}.\nName a file in a folder of yours."
        ) from error
