"""Honest reasons: how often the reasons name what drove a user of the demo log away. Read by `evaluate` alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue.roles import PAID
from features.define import Dimension, Feature
from models.explanation.peers import peers_of
from models.learning.trained_model import TrainedModel
from models.thinning import step_to_at_most
from pipeline.explanation.explain import among_each_other, explain
from pipeline.storage.frames import read_table

DIMENSIONS_OF: Mapping[str, frozenset[Dimension]] = {
    "stuck": frozenset({"progress"}),
    "friends_gone": frozenset({"social"}),
    "price_shock": frozenset({"context", "spending"}),
    "bad_support": frozenset({"satisfaction"}),
    "boredom": frozenset({"breadth", "intensity"}),
}
"""Where each planted cause shows. A price shock is the currency's change (context) and what is bought less for it; the
bored leave whole kinds of play alone (breadth) and play less when they come (intensity): the simulator does both."""
_MOST_ROWS = 100_000
Flags = NDArray[np.bool_]


def reasons_found(
    truth: Path, test: pl.DataFrame, trained: TrainedModel, features: Sequence[Feature]
) -> dict[str, Any]:
    """`reasons` of metrics.json: over test rows after which a user left for a planted cause that the log shows, how
    often the first reason (`top1`) or one of the first two (`top2`) is of a dimension of that cause.

    A cause is drawn in proportion to the rates. The log shows it where its rate was the highest of the planted ones;
    where a weaker one was drawn, the log shows another more, and no reader of the log could name it. `all`: the same
    with those leavers too; leaves whose cause is `other` have none that the log could show. `by_cause`: the same for
    each, and with `leavers`. `test`: login rows of the test period; their peers are those of the profiles, among the
    test rows, 100,000 at most beside the leavers.
    """
    known = read_table(truth, columns=["user_id", "login_day", "left", "cause", "strongest"])
    rows = test.join(known, on=["user_id", "login_day"], how="left", maintain_order="left")
    left = pl.col("left").fill_null(value=False) & pl.col("cause").is_in(list(DIMENSIONS_OF))
    step = step_to_at_most(rows.height, _MOST_ROWS)
    rows = rows.filter(left | (pl.int_range(pl.len()) % step == 0))
    found = explain(rows, trained, features)
    pays = rows[PAID] > 0 if PAID in rows.columns else None
    among = among_each_other(rows, found, features, peers_of(rows["login_number"], pays))
    places = found.ranked(among)
    leavers = rows.select(left).to_series().to_numpy()
    named = np.array([*found.raised.dimensions, ""])[places[leavers]]  # NO_REASON is the last: no dimension
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
    """Nothing but the number where there is no leaver."""
    if not len(hits):
        return {"leavers": 0}
    return {
        "top1": float(hits[:, 0].mean()),
        "top2": float(hits[:, :2].any(axis=1).mean()),
        "leavers": len(hits),
    }
