"""Segments with explanation: which plain conditions part the users by risk, and who lies where."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from features.define import Feature
from features.wording import label
from models.segment_tree import segment_tree
from pipeline.params import Styles


def segments_told(
    users: pl.DataFrame, probability: pl.Series, features: Sequence[Feature], asked: Styles
) -> tuple[dict[str, Any], pl.DataFrame]:
    """`reports/segments.json`, and `user_id, segment` of each of `users`: the position of a segment there, from 0.

    The tree is fitted to the calibrated probabilities at the last login, so it tells where the model sees risk.
    """
    names = [
        feature.name for feature in features if feature.name != "logins_life"
    ]  # that is the login number
    labels = ["login number", *(label(feature) for feature in features if feature.name in set(names))]
    values = users.select(pl.col("login_number", *names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    leaves, place = segment_tree(
        values,
        probability.to_numpy(),
        labels,
        depth=asked.segment_depth,
        least_share=asked.segment_share,
        seed=asked.seed,
    )
    told = {
        "users": users.height,
        "mean_risk": probability.mean(),
        "segments": [
            {"segment": number, "says": leaf.says, "users": leaf.users, "mean_risk": leaf.mean_risk}
            for number, leaf in enumerate(leaves)
        ],
    }
    return told, users.select("user_id", pl.Series("segment", place, dtype=pl.Int32))
