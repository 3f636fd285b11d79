"""The styles of a day's profiles as a file: who is alike, what a style is called, and which former style it is.

Promise: a style that matches a former one keeps its name, one that matches none is told as new.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.advice.causes import CAUSES
from features.define import DIMENSIONS
from models.errors import DataError
from models.segmentation.style_matching import NO_MATCH, matched
from models.segmentation.style_names import style_names, style_says, unlike
from models.segmentation.styles import LARGEST, Styles, fit_styles, from_json
from pipeline.config.params import Styles as StyleParams
from pipeline.errors import InputError
from pipeline.storage.frames import read_json

STYLES_FILE = "styles.json"
_LEAST_TOLD = 0.05  # of a style's users
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fitted(shapes: Floats, asked: StyleParams) -> Styles:
    """The styles of `shapes` (rows, DIMENSIONS)."""
    return fit_styles(
        shapes,
        DIMENSIONS,
        least=asked.least,
        most=asked.most,
        bootstrap=asked.bootstrap,
        seed=asked.seed,
        least_stability=asked.least_stability,
    )


def mean_scores(styles: Styles, apart: Floats, style: Ints) -> Floats:
    """(styles, DIMENSIONS): what their users' dimensions are above those of peers, the level of risk included.

    `apart`: (users, DIMENSIONS) standard scores among peers; `style`: (users,) the position of each user's style.
    """
    cut = np.clip(apart, -LARGEST, LARGEST)
    count = len(styles.centres)
    total = np.stack([np.bincount(style, weights=column, minlength=count) for column in cut.T], axis=1)
    return total / np.maximum(np.bincount(style, minlength=count), 1)[:, None]


def names_of(
    styles: Styles, scores: Floats, former: Path | None, most_apart: float
) -> tuple[list[str], list[bool]]:
    """The name of each style, by the `mean_scores` of its users, and whether it is new: not among those of `former`.

    Without former styles all are named anew. Raises InputError when the file cannot be read.
    """
    own = style_names(scores, styles.dimensions)
    if former is None:
        return own, [True] * len(own)
    before, former_names = read_styles(former)
    place = matched(styles.centres, before.centres, most_apart)
    kept = [None if i == NO_MATCH else former_names[i] for i in place]
    taken, names = list(former_names), []
    for old, new in zip(kept, own, strict=True):
        if old is None:  # a former style's name stays its own, even when that style is gone
            taken = unlike([*taken, new])
        names.append(taken[-1] if old is None else old)
    return names, [name is None for name in kept]


def moved(shapes: Floats, now: Sequence[str], former: Path | None) -> list[str | None]:
    """For each row the former style that it would be of, where that is another than `now`; else None."""
    if former is None:
        return [None] * len(now)
    before, names = read_styles(former)
    theirs = [names[i] for i in before.of(shapes)]
    return [old if old != new else None for old, new in zip(theirs, now, strict=True)]


def read_styles(path: Path) -> tuple[Styles, list[str]]:
    """The styles and their names in the file that the stage `profile` wrote.

    Raises InputError when there is no such file, or it is none.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file.\nstyles.former names a styles.json of an earlier run, or null."
        )
    try:
        told = read_json(path)
        styles, names = from_json(told), [str(style["name"]) for style in told["styles"]]
    except (DataError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not the styles of an earlier run: {error}\nstyles.former names such a file, or null."
        ) from error
    if styles.dimensions != DIMENSIONS:
        raise InputError(
            f"{path}: styles of {', '.join(styles.dimensions)}.\nExpected {', '.join(DIMENSIONS)}: make styles anew."
        )
    return styles, names


def as_json(
    styles: Styles, names: Sequence[str], new: Sequence[bool], scores: Floats, people: pl.DataFrame
) -> dict[str, Any]:
    """What `styles.json` says.

    `scores`: the `mean_scores`; `people`: profiles with `style`, and `expected_revenue` where the log tells what users
    pay.
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
                "says": style_says(own, styles.dimensions),
                "new": is_new,
                "centre": centre.tolist(),
                **_of_style(people.filter(style=name)),
            }
            for name, is_new, centre, own in zip(names, new, styles.centres, scores, strict=True)
        ],
    }


def _of_style(people: pl.DataFrame) -> dict[str, Any]:
    """Size, risk, value, and what is typical of `people` of one style, by code and in words."""
    causes, play = _most_frequent(people["cause_1"]), next(iter(_most_frequent(people["play"], 1)), None)
    told: dict[str, Any] = {
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
        told["mean_expected_revenue"] = people["expected_revenue"].mean()
    return told


def _in_words(causes: Sequence[str], of_users: pl.Series) -> list[str]:
    """ "gets no further (39 %)": what each of `causes` says, and for how many it is the first; none of a few."""
    shares = {cause: (of_users == cause).sum() / of_users.len() for cause in causes}
    says = {cause.code: cause.says for cause in CAUSES}
    return [f"{says[cause]} ({100 * share:.0f} %)" for cause, share in shares.items() if share >= _LEAST_TOLD]


def _most_frequent(values: pl.Series, most: int = 3) -> list[str]:
    counted = (
        values.drop_nulls().alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    )
    return counted["value"].head(most).to_list()
