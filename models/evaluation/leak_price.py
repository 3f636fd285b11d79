"""The price of a leaky evaluation: one model, evaluated with three ways of splitting.

THE one module of the project that splits rows at random, to show the error of doing so. Promise: nothing fitted here
is stored or used for a choice.
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
    """By way of splitting: AUC, average precision, log loss, `training_rows` and `rows`.


    - `random`: as many ripe rows as the test period has, drawn at random; the rest is for training.
    - `unpurged`: the test period, and a model of all ripe rows before it, whose labels depend on the test period.
    - `purged`: the test period as all other evaluations use it.

    Of more than `most_rows` ripe rows only those of some users are used, drawn by the seed of the settings. Otherwise
    `purged` is the evaluated model.
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
        name: _evaluated(ripe.filter(fitted), ripe.filter(held), recipe)
        for name, (fitted, held) in ways.items()
    }


def _evaluated(training: pl.DataFrame, test: pl.DataFrame, recipe: Recipe) -> dict[str, float]:
    booster = fit_booster(training, recipe.features, recipe.settings, recipe.capacity, recipe.rounds)
    raw = log_odds(booster, test, recipe.features, recipe.settings.threads)
    churned = labels(test)
    values = weighted_qualities(ranked(churned, recipe.calibration.probability(raw)), np.ones(len(churned)))
    figures = dict(zip(QUALITIES, values.tolist(), strict=True))
    return {name: figures[name] for name in _SHOWN} | {"training_rows": training.height, "rows": test.height}
