"""What a leaky evaluation would have claimed: one model, three ways to set rows aside.

THE one place of the project where rows are split at random, to show why nothing else does. Promise: nothing
fitted here is kept or used to choose anything.
"""

import numpy as np
import polars as pl

from models.learning.booster import fit_booster, log_odds
from models.learning.split import TimeSplit, within
from models.learning.training import Recipe
from models.metrics.quality import QUALITIES, ranked, weighted_qualities
from models.rows import labels
from models.thinning import rows_of_some_users

MOST_ROWS = 100_000
_SHOWN = ("auc", "average_precision", "log_loss")


def leak_price(
    rows: pl.DataFrame, split: TimeSplit, recipe: Recipe, most_rows: int = MOST_ROWS
) -> dict[str, dict[str, float]]:
    """AUC, average precision, log loss, `training_rows` and `rows` by the way of splitting:

    - `random`: as large a share of all ripe rows as the test period holds, drawn at random; the rest is for training.
    - `unpurged`: the test period, judged by a model of every ripe row before it, whose labels reach into it.
    - `purged`: the test period as it is used everywhere else.

    Of more than `most_rows` ripe rows only those of some users are used, drawn by the seed of the settings; else
    `purged` is the evaluated model itself.
    """
    ripe = rows_of_some_users(rows.filter("ripe"), most_rows, recipe.settings.seed)
    in_test = ripe.select(within(split.test)).to_series()
    random = np.random.default_rng(recipe.settings.seed)
    drawn = pl.Series(random.permutation(in_test.to_numpy()))
    before = ripe["login_day"] < split.test.first
    ways = {
        "random": (~drawn, drawn),
        "unpurged": (before, in_test),
        "purged": (ripe.select(within(split.training)).to_series(), in_test),
    }
    return {
        name: _judged(ripe.filter(fitted), ripe.filter(held), recipe) for name, (fitted, held) in ways.items()
    }


def _judged(training: pl.DataFrame, test: pl.DataFrame, recipe: Recipe) -> dict[str, float]:
    booster = fit_booster(training, recipe.features, recipe.settings, recipe.capacity, recipe.rounds)
    raw = log_odds(booster, test, recipe.features, recipe.settings.threads)
    churned = labels(test)
    values = weighted_qualities(ranked(churned, recipe.calibration.probability(raw)), np.ones(len(churned)))
    found = dict(zip(QUALITIES, values.tolist(), strict=True))
    return {name: found[name] for name in _SHOWN} | {"training_rows": training.height, "rows": test.height}
