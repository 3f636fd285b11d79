"""A user's card in the terminal, for Rich."""

from collections.abc import Iterator, Sequence

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pipeline.reporting.user_card.card import Scored, UserCard

_LOWERS, _RAISES = "dodger_blue2", "red3"
_BAND = {"low": "green4", "medium": "dark_orange3", "high": "red3"}
_HALF = 12  # characters of the longest bar
_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_SCORES = 60


def for_terminal(card: UserCard) -> RenderableType:
    """The card as a panel: risk, dimensions, reasons, what to do, scores."""
    return Panel(
        Group(*_parts(card)),
        title=Text(f"user {card.user_id}"),  # as text: an id in brackets is no markup
        subtitle=f"model {card.model_version}",
        padding=(1, 2),
    )


def _parts(card: UserCard) -> Iterator[RenderableType]:
    yield Text(card.headline, style=f"bold {_BAND[card.band]}")
    yield Text(
        f"login {card.login_number} on {card.login_day}: {card.login_probability:.1%} at the end of that day",
        style="dim",
    )
    yield Text(f"\nWhat raises (right) and lowers (left) the risk {card.moment}", style="bold")
    yield _bars(card)
    if card.sum_note:
        yield Text(card.sum_note, style="dim")
    if card.reasons:
        yield Text(f"\nReasons {card.moment}, with the largest difference from peers first", style="bold")
        yield Text("\n".join(f"{rank}. {text}" for rank, text in enumerate(card.reasons, 1)))
    if card.words or card.causes:
        yield Text("")
        yield _words(card)
    if card.history:
        yield Text("\nScores on the days of logins", style="bold")
        yield _scores(card.history)
        if card.on_list is not None:
            yield Text(f"{card.on_list[0]}   {card.percent} on the list")
        yield Text(card.history_note, style="dim")


def _bars(card: UserCard) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    points = any(bar.points is not None for bar in card.bars)
    standing = any(bar.standing is not None for bar in card.bars)
    for heading in ("", "", "", "log-odds"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    if points:
        table.add_column("points", justify="right", no_wrap=True)
    if standing:
        table.add_column("higher than", justify="right", no_wrap=True)
    longest = max((abs(bar.log_odds) for bar in card.bars), default=0.0) or 1.0
    for bar in sorted(card.bars, key=lambda bar: -bar.log_odds):
        share = bar.log_odds / longest
        cells: list[RenderableType] = [
            bar.name,
            Bar(1, 1 + min(share, 0.0), 1, width=_HALF, color=_LOWERS),
            Bar(1, 0, max(share, 0.0), width=_HALF, color=_RAISES),
            f"{bar.log_odds:+.2f}",
        ]
        if points:
            cells.append("" if bar.points is None else f"{100 * bar.points:+.1f}")
        if standing:
            cells.append("" if bar.standing is None else f"{min(bar.standing, 99):.0f}% of peers")
        table.add_row(*cells)
    return table


def _words(card: UserCard) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, text in card.words.items():
        table.add_row(name, text)
    if card.causes:
        table.add_row("causes", "; ".join(card.causes))
    return table


def _scores(history: Sequence[Scored]) -> Text:
    """A block for each of the last scores, dim where it is no forecast."""
    shown = history[-_MOST_SCORES:]
    line = Text(f"{shown[0].login_day} ")
    for scored in shown:
        block = _BLOCKS[min(int(scored.probability * len(_BLOCKS)), len(_BLOCKS) - 1)]
        line.append(block, style=_RAISES if scored.forecast else "grey62")
    scores = [scored.probability for scored in shown]
    low, high = f"{min(scores):.0%}", f"{max(scores):.0%}"
    return line.append(f" {shown[-1].login_day}   {low if low == high else f'{low} to {high}'}")
