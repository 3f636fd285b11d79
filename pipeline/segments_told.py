"""Segments with explanation: which plain conditions part the users by risk, and who lies where."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from features.conditions import Asked, condition
from features.define import Feature, life
from models.segment_tree import Leaf, segment_tree
from pipeline.params import Styles

_NUMBER = Feature("login_number", life("logins"), "rhythm", "logins", "logins so far: {value:.0f}")


def segments_told(
    users: pl.DataFrame, probability: pl.Series, features: Sequence[Feature], asked: Styles
) -> tuple[dict[str, Any], pl.DataFrame]:
    """`reports/segments.json`, and `user_id, segment` of each of `users`: the position of a segment there, from 0.

    The tree is fitted to the calibrated probabilities at the last login, so it tells where the model sees risk.
    """
    asked_of = [
        _NUMBER,
        *(feature for feature in features if feature.name != "logins_life"),
    ]  # one and the same
    names = [feature.name for feature in asked_of]
    values = users.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    leaves, place = segment_tree(
        values,
        probability.to_numpy(),
        lambda feature, between: condition(asked_of[feature], Asked(**asdict(between))),
        depth=asked.segment_depth,
        least_share=asked.segment_share,
        seed=asked.seed,
    )
    told = {
        "users": users.height,
        "mean_risk": probability.mean(),
        "segments": [{"segment": number, **_told(leaf)} for number, leaf in enumerate(leaves)],
    }
    return told, users.select("user_id", pl.Series("segment", place, dtype=pl.Int32))


def _told(leaf: Leaf) -> dict[str, Any]:
    text = f"{leaf.says}: {leaf.users:,} users, mean risk {100 * leaf.mean_risk:.0f} %"
    return {"says": leaf.says, "text": text, "users": leaf.users, "mean_risk": leaf.mean_risk}
