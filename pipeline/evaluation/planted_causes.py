"""How often the reasons name the planted cause for which a user of the demo log left. Only `evaluate` reads causes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue.roles import PAID
from features.define import Dimension, Feature
from models.explanation.peers import peers_of
from models.learning.list_model import ListModel
from models.learning.trained_model import TrainedModel
from models.thinning import step_to_at_most
from pipeline.explanation.explain import among_each_other, explain, with_spread
from pipeline.storage.frames import read_table

DIMENSIONS_OF: Mapping[str, frozenset[Dimension]] = {
    "stuck": frozenset({"progress"}),
    "friends_gone": frozenset({"social"}),
    "price_shock": frozenset({"context", "spending"}),
    "bad_support": frozenset({"satisfaction"}),
    "boredom": frozenset({"breadth", "intensity"}),
}
"""The dimensions in which each planted cause shows. A price shock shows in the currency (context) and in purchases
(spending). Bored users give up kinds of play (breadth) and play less (intensity)."""
_MOST_ROWS = 100_000
Flags = NDArray[np.bool_]


def reasons_found(
    truth: Path, test: pl.DataFrame, trained: TrainedModel | ListModel, features: Sequence[Feature]
) -> dict[str, Any]:
    """`reasons` of metrics.json: the shares of leavers whose first reason (`top1`), or one of the first two (`top2`),
    is of a dimension of their planted cause.

    Causes are drawn in proportion to their rates. The shares count leavers whose drawn cause had the highest rate,
    since the log shows the strongest cause. `all` counts the others too. Leavers with the cause `other` are left out.
    `by_cause`: the shares for each cause, with the number of `leavers`. `test`: login rows of the test period, or
    with a list model the rows of its lists. Their peers are among these rows: all leavers, and at most 100,000 others.
    """
    known = read_table(truth, columns=["user_id", "login_day", "left", "cause", "strongest"])
    rows = test.join(known, on=["user_id", "login_day"], how="left", maintain_order="left")
    left = pl.col("left").fill_null(value=False) & pl.col("cause").is_in(list(DIMENSIONS_OF))
    step = step_to_at_most(rows.height, _MOST_ROWS)
    rows = rows.filter(left | (pl.int_range(pl.len()) % step == 0))
    pays = rows[PAID] > 0 if PAID in rows.columns else None
    peers = peers_of(rows["login_number"], pays)
    placement = among_each_other(rows, features, peers)
    explanation = explain(rows, trained, features, placement)
    positions = explanation.ranked(with_spread(placement, explanation, peers))
    leavers = rows.select(left).to_series().to_numpy()
    named = np.array([*explanation.raised.dimensions, ""])[
        positions[leavers]
    ]  # NO_REASON is the last: no dimension
    causes = rows.filter(left)["cause"].to_numpy()
    hits = np.array(
        [[name in DIMENSIONS_OF[cause] for name in row] for row, cause in zip(named, causes, strict=True)]
    ).reshape(named.shape)
    shown = rows.filter(left).select(pl.col("cause") == pl.col("strongest")).to_series().to_numpy()
    return {**_by_cause(hits[shown], causes[shown]), "all": _by_cause(hits, causes)}


def _by_cause(hits: Flags, causes: NDArray[np.object_]) -> dict[str, Any]:
    parts = {cause: _shares(hits[causes == cause]) for cause in DIMENSIONS_OF if cause in causes}
    return {**_shares(hits), "by_cause": parts}


def _shares(hits: Flags) -> dict[str, Any]:
    """The shares and the number of leavers; without leavers only the number."""
    if not len(hits):
        return {"leavers": 0}
    return {
        "top1": float(hits[:, 0].mean()),
        "top2": float(hits[:, :2].any(axis=1).mean()),
        "leavers": len(hits),
    }
