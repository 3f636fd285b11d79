"""Goals in words: what a user at risk would have to do, within what peers do, for the model to see less risk."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.causes import worse
from features.define import Feature
from features.wording import label
from models.contributions import BATCH_ROWS, contributions
from models.goals import NO_GOAL, Goals, goals, norms_of
from models.peers import Peers
from models.trained import TrainedModel
from pipeline.params import Score

Floats = NDArray[np.float64]
_BETTER = {"low": 1, "high": -1, "either": 0}


def goals_told(
    users: pl.DataFrame,
    probability: Floats,
    trained: TrainedModel,
    features: Sequence[Feature],
    peers: Peers,
    score: Score,
) -> pl.DataFrame:
    """`goal_text` and `goal_probability` of each of `users`, null below `score.medium_from` or where nothing does.

    A goal brings the probability at the login below the edge of its band. Only actionable features are moved. It is
    what the model says of such a user, not a promise of what acting brings.
    """
    names = [feature.name for feature in features]
    better = np.array([_BETTER[worse(f)] if f.actionable else 0 for f in features], dtype=np.int64)
    norms = norms_of(_matrix(users, names), peers.group, len(peers.names), better)
    edge = np.where(probability >= score.high_from, score.high_from, score.medium_from)
    texts: list[str | None] = [None] * users.height
    risk = np.full(users.height, np.nan)
    at_risk = np.flatnonzero(probability >= score.medium_from)

    def predict(values: Floats) -> Floats:
        return trained.predict(pl.DataFrame(values, schema=names))

    for start in range(0, len(at_risk), BATCH_ROWS):
        who = at_risk[start : start + BATCH_ROWS]
        rows = users[who].select(names)
        values, _ = contributions(trained.booster, rows)
        now = _matrix(rows, names)
        found = goals(now, values, peers.group[who], norms, edge[who], predict)
        risk[who] = found.probability
        for place, row in enumerate(who):
            texts[row] = _in_words(found, place, now[place], features)
    told = pl.Series("goal_probability", risk, dtype=pl.Float64).fill_nan(None)
    return pl.DataFrame([pl.Series("goal_text", texts, dtype=pl.String), told])


def _in_words(found: Goals, row: int, now: Floats, features: Sequence[Feature]) -> str | None:
    """ "login days of the last 7 days: 4 instead of 1, as 60 % of peers do"."""
    moves = [
        f"{label(features[i])}: {target:.4g} instead of {now[i]:.4g}"
        for i, target in zip(found.features[row], found.targets[row], strict=True)
        if i != NO_GOAL
    ]
    return f"{' and '.join(moves)}, as {found.share[row]:.0%} of peers do" if moves else None


def _matrix(rows: pl.DataFrame, names: list[str]) -> Floats:
    return rows.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
