"""The play styles of a day's profiles: how users use the product, their names, and what is typical of their users.

Promise: a play style that stays, or matches a former one, keeps its name. A user without one gets the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.segmentation.play_names import play_names, play_says
from models.segmentation.play_styles import (
    LEAST_EVENTS,
    LEAST_USES,
    PlayStyles,
    enough,
    names_since,
    play_styles,
    root_shares_of,
    shares_of,
)
from models.segmentation.style_names import unlike
from models.segmentation.styles import NamedStyles, Styles
from pipeline.explanation.goals import OF_PEERS
from pipeline.explanation.styles import moved

Floats = NDArray[np.float64]
PLAY_COLUMNS = ("play_style", "play_style_before", "play_style_text")


@dataclass(frozen=True, slots=True)
class NamedPlay:
    """The play styles of a log with these `uses`, called `words`, over `days` days; `names` and `new` of each style.

    `found`: None if the log has too few uses, or no user enough events.
    """

    uses: tuple[str, ...]
    words: tuple[str, ...]
    days: int
    found: PlayStyles | None
    names: tuple[str, ...]
    new: tuple[bool, ...]

    def of(self, counts: Floats) -> list[str | None]:
        """The play style of users with these `counts` (users, uses) of events; None where there are too few."""
        if self.found is None:
            return [None] * len(counts)
        index = self.found.styles.of(root_shares_of(counts))
        return [self.names[i] if known else None for i, known in zip(index, enough(counts), strict=True)]

    @property
    def why_none(self) -> str:
        """Why a user has no play style."""
        if len(self.uses) < LEAST_USES:
            return "the log has fewer than three groups or kinds of events"
        return f"fewer than {LEAST_EVENTS} events in {self.days} days"


def named_play(
    counts: Floats,
    uses: Sequence[str],
    words: Sequence[str],
    days: int,
    former: NamedStyles | None,
    *,
    most_apart: float,
    least: int,
    most: int,
    bootstrap: int,
    seed: int,
    least_stability: float,
) -> NamedPlay:
    """The play styles of users with these `counts` (users, uses) of events in the `days` days up to the last login."""
    known = counts[enough(counts)]
    if len(uses) < LEAST_USES or not len(known):
        return NamedPlay(tuple(uses), tuple(words), days, None, (), ())
    found = play_styles(
        root_shares_of(known), uses, former, least=least, most=most, bootstrap=bootstrap, seed=seed,
        least_stability=least_stability,
    )  # fmt: skip
    names, new = _named(found, known, words, former, most_apart)
    return NamedPlay(tuple(uses), tuple(words), days, found, tuple(names), tuple(new))


def play_columns(play: NamedPlay, counts: Floats, former: NamedStyles | None) -> pl.DataFrame:
    """`play_style`, `play_style_before` and `play_style_text` of users with these `counts` (users, uses).

    `play_style_before`: the one among the `former` styles, if that is another. `play_style_text`: why there is none.
    """
    now = play.of(counts)
    same_uses = former is not None and former.styles.dimensions == play.uses
    before = moved(root_shares_of(counts), [name or "" for name in now], former if same_uses else None)
    return pl.DataFrame(
        {
            "play_style": now,
            "play_style_before": [
                None if name is None else old for name, old in zip(now, before, strict=True)
            ],
            "play_style_text": [play.why_none if name is None else None for name in now],
        },
        schema=dict.fromkeys(PLAY_COLUMNS, pl.String),
    )


def changed_share(before: Sequence[str | None], now: Sequence[str | None]) -> float | None:
    """The share of users with another play style than `before`, among those with one both times; None for nobody."""
    both = [(old, new) for old, new in zip(before, now, strict=True) if old is not None and new is not None]
    return sum(old != new for old, new in both) / len(both) if both else None


def as_json(play: NamedPlay, counts: Floats, changed: float | None, people: pl.DataFrame) -> dict[str, Any]:
    """The content of `play_styles.json`.

    `changed`: the share of users who came on the last day and have another play style than on the day before.
    `people`: profiles of the users of `counts`, with `PLAY_COLUMNS`, `churned`, `login_probability`, `goal_text`.
    """
    found = play.found
    without = people["play_style_text"].drop_nulls().value_counts(sort=True).rows()
    head: dict[str, Any] = {
        "dimensions": list(play.uses),
        "scores": f"square roots of shares of events in the {play.days} days up to the last login",
        "least_events": LEAST_EVENTS,
        "without": dict(without),
        "changed_since_the_day_before": changed,
    }
    if found is None:
        return {**head, "silhouette": {}, "stability": None, "styles": []}
    shares = shares_of(counts)
    return {
        **head,
        "silhouette": {str(k): value for k, value in found.styles.silhouette.items()},
        "stability": found.styles.stability,
        "unstable": {str(k): value for k, value in found.styles.unstable.items()},
        "kept": found.kept,
        "agreement_with_former": found.agreement,
        "styles": [
            {
                "name": name,
                "new": is_new,
                "centre": centre.tolist(),
                **_of_style(people, shares, play, name),
            }
            for name, is_new, centre in zip(play.names, play.new, found.styles.centres, strict=True)
        ],
    }


def _of_style(people: pl.DataFrame, shares: Floats, play: NamedPlay, name: str) -> dict[str, Any]:
    """Size, uses and risk of the users of one play style, and the most frequent goal that their peers reach."""
    here = (people["play_style"] == name).fill_null(value=False)
    users = people.filter(here)
    mean = shares[here.to_numpy()].mean(axis=0) if users.height else np.zeros(len(play.uses))
    reached = users.filter(pl.col("goal_text").str.contains(OF_PEERS, literal=True))["goal_text"]
    goals = reached.value_counts().sort(["count", "goal_text"], descending=[True, False])
    return {
        "says": play_says(mean, play.words),
        "users": users.height,
        "share": users.height / max(1, people.height),
        "mean_shares": dict(zip(play.uses, mean.tolist(), strict=True)),
        "mean_probability": users["login_probability"].mean(),
        "churned_share": users["churned"].fill_null(value=False).cast(pl.Float64).mean(),
        "advice": goals["goal_text"].first() if goals.height else None,
        "moved_here": int(users["play_style_before"].count()),
    }


def _named(
    found: PlayStyles, counts: Floats, words: Sequence[str], former: NamedStyles | None, most_apart: float
) -> tuple[list[str], list[bool]]:
    """The name of each style, and whether it is new. `counts`: of users with enough events."""
    styles = found.styles
    if found.kept and former is not None:
        return list(former.names), [False] * len(former.names)
    shares, shapes = shares_of(counts), root_shares_of(counts)
    fresh = play_names(_mean_shares(styles, shapes, shares), shares.mean(axis=0), words)
    kept = names_since(styles, former, shapes, most_apart)
    taken = [] if former is None else list(former.names)
    names = []
    for old, own in zip(kept, fresh, strict=True):
        if old is None:  # the name of a former style is never reused, even when that style is gone
            taken = unlike([*taken, own])
        names.append(taken[-1] if old is None else old)
    return names, [old is None for old in kept]


def _mean_shares(styles: Styles, shapes: Floats, shares: Floats) -> Floats:
    """(styles, uses) the mean shares of each style's users."""
    index, count = styles.of(shapes), len(styles.centres)
    total = np.stack([np.bincount(index, weights=column, minlength=count) for column in shares.T], axis=1)
    return total / np.maximum(np.bincount(index, minlength=count), 1)[:, None]
