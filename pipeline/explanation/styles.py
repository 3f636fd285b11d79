"""The styles of a day's profiles: their names, their match with former styles, and what is typical of their users.

Promise: a style that matches a former one keeps its name. A style without a match is marked as new.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import BY_CODE
from models.segmentation.style_matching import NO_MATCH, matched
from models.segmentation.style_names import style_names, style_says, unlike
from models.segmentation.styles import LARGEST, NamedStyles, Styles, shapes_of

_LEAST_SHARE = 0.05  # of a style's users
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


def styled_profiles(
    people: pl.DataFrame,
    known: pl.DataFrame,
    z_scores: Floats,
    told: Flags,
    styles: Styles,
    former: NamedStyles | None,
    most_apart: float,
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """`people` (profiles) with `style` and `style_before`, and the content of `styles.json`.

    `known`: `churned` of each user, and `expected_revenue` if the log has amounts. `z_scores`: (users, DIMENSIONS)
    standard scores among peers. `told`: (users, DIMENSIONS) whether the user has a reason in it that can be told.
    """
    shapes = shapes_of(z_scores)
    index = styles.of(shapes)
    scores = mean_scores(styles, z_scores, index)
    shares = mean_scores(styles, told.astype(np.float64), index)
    names, new = names_of(styles, scores, shares, former, most_apart)
    before = moved(shapes, [names[i] for i in index], former)
    styled = people.with_columns(
        pl.Series("style", [names[i] for i in index], dtype=pl.String),
        pl.Series("style_before", before, dtype=pl.String),
    )
    return styled, as_json(styles, names, new, scores, shares, styled.hstack(known))


def mean_scores(styles: Styles, z_scores: Floats, style: Ints) -> Floats:
    """(styles, DIMENSIONS) the mean scores of their users against peers, the level of risk included.

    `z_scores`: (users, DIMENSIONS) standard scores among peers; `style`: (users,) the position of each user's style.
    """
    cut = np.clip(z_scores, -LARGEST, LARGEST)
    count = len(styles.centres)
    total = np.stack([np.bincount(style, weights=column, minlength=count) for column in cut.T], axis=1)
    return total / np.maximum(np.bincount(style, minlength=count), 1)[:, None]


def names_of(
    styles: Styles, scores: Floats, told: Floats, former: NamedStyles | None, most_apart: float
) -> tuple[list[str], list[bool]]:
    """The name of each style, by the `mean_scores` of its users, and whether it is new: it matches no `former` style.

    `told`: (styles, DIMENSIONS) the share of its users who have a reason in it. Without former styles all are new.
    """
    fresh = style_names(scores, styles.dimensions, told)
    if former is None:
        return fresh, [True] * len(fresh)
    match = matched(styles.centres, former.styles.centres, most_apart)
    kept = [None if i == NO_MATCH else former.names[i] for i in match]
    taken, names = list(former.names), []
    for old, new in zip(kept, fresh, strict=True):
        if old is None:  # the name of a former style is never reused, even when that style is gone
            taken = unlike([*taken, new])
        names.append(taken[-1] if old is None else old)
    return names, [name is None for name in kept]


def moved(shapes: Floats, now: Sequence[str], former: NamedStyles | None) -> list[str | None]:
    """For each row its style among the former ones, if that is not its style `now`; else None."""
    if former is None:
        return [None] * len(now)
    before = [former.names[i] for i in former.styles.of(shapes)]
    return [old if old != new else None for old, new in zip(before, now, strict=True)]


def as_json(
    styles: Styles,
    names: Sequence[str],
    new: Sequence[bool],
    scores: Floats,
    told: Floats,
    people: pl.DataFrame,
) -> dict[str, Any]:
    """The content of `styles.json`.

    `scores`: the `mean_scores`; `told`: as for `names_of`; `people`: profiles with `style` and `churned`, and
    with `expected_revenue` if the log has amounts.
    """
    return {
        "dimensions": list(styles.dimensions),
        "scores": "contribution of each dimension, standardised among peers, cut at 3, less the user's mean",
        "criterion": "of the numbers of styles that are stable, the one with the largest mean silhouette",
        "silhouette": {str(k): value for k, value in styles.silhouette.items()},
        "stability": styles.stability,
        "unstable": {str(k): value for k, value in styles.unstable.items()},
        "styles": [
            {
                "name": name,
                "says": f"{style_says(of_style, styles.dimensions, share)} {_left(people.filter(style=name))}".rstrip(),
                "new": is_new,
                "centre": centre.tolist(),
                **_of_style(people.filter(style=name)),
            }
            for name, is_new, centre, of_style, share in zip(
                names, new, styles.centres, scores, told, strict=True
            )
        ],
    }


def _of_style(people: pl.DataFrame) -> dict[str, Any]:
    """Size, risk, value, and what is typical of `people` of one style, by code and in words."""
    causes, play = _most_frequent(people["cause_1"]), next(iter(_most_frequent(people["play"], 1)), None)
    summary: dict[str, Any] = {
        "users": people.height,
        "mean_probability": people["login_probability"].mean(),
        "churned_share": people["churned"].fill_null(value=False).cast(pl.Float64).mean(),
        "reasons": _most_frequent(people["reason_1"]),
        "causes": causes,
        "causes_text": _in_words(causes, people["cause_1"]),
        "play": play,
        "next_step": next(iter(_most_frequent(people.filter(play=play)["next_step"], 1)), None),
        "moved_here": int(people["style_before"].count()),
    }
    if "expected_revenue" in people.columns:
        summary["mean_expected_revenue"] = people["expected_revenue"].mean()
    return summary


def _left(people: pl.DataFrame) -> str:
    """The share of `people` who have left, as a sentence; "" for nobody."""
    share = people["churned"].fill_null(value=False).cast(pl.Float64).mean()
    return f"{100 * share:.0f}% of them have left." if isinstance(share, float) else ""


def _in_words(causes: Sequence[str], of_users: pl.Series) -> list[str]:
    """ "makes no progress (39 %)": the text of each of `causes` and its share of users, if 5 % at least."""
    shares = {cause: (of_users == cause).sum() / of_users.len() for cause in causes}
    says = {code: cause.says for code, cause in BY_CODE.items()}
    return [f"{says[cause]} ({100 * share:.0f}%)" for cause, share in shares.items() if share >= _LEAST_SHARE]


def _most_frequent(values: pl.Series, most: int = 3) -> list[str]:
    counted = (
        values.drop_nulls().alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    )
    return counted["value"].head(most).to_list()
