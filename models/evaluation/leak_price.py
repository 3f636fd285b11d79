"""The price of a leaky evaluation: one model, evaluated with three ways of splitting.

THE one module of the project that splits rows at random, to show the error of doing so. Promise: nothing fitted here
is stored or used for a choice.
"""

import numpy as np
import polars as pl

from models.arrays import Floats
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
    """By way of splitting: AUC, average precision, log loss, `training_rows` and `rows`, on the same test rows.

    - `random`: each random half of the test period, by a model of all other ripe rows, later ones and the user's own
      included.
    - `unpurged`: the test period, and a model of all ripe rows before it, whose labels depend on the test period.
    - `purged`: the test period as all other evaluations use it.

    Of more than `most_rows` ripe rows only those of some users are used, drawn by the seed of the settings. Otherwise
    `purged` is the evaluated model.
    """
    ripe = rows_of_some_users(rows.filter("ripe"), most_rows, recipe.settings.seed)
    in_test = ripe.select(within(split.test)).to_series()
    first = pl.Series(np.random.default_rng(recipe.settings.seed).permutation(ripe.height) % 2 == 0)
    halves = [in_test & first, in_test & ~first]
    ways = {
        "random": [(~half, half) for half in halves],
        "unpurged": [(ripe["login_day"] < split.test.first, in_test)],
        "purged": [(ripe.select(within(split.training)).to_series(), in_test)],
    }
    return {name: _evaluated(ripe, parts, recipe) for name, parts in ways.items()}


def _evaluated(
    ripe: pl.DataFrame, parts: list[tuple[pl.Series, pl.Series]], recipe: Recipe
) -> dict[str, float]:
    """The qualities over all parts of the test rows; `parts`: which rows train the model of which test rows."""
    raw = [_log_odds(ripe.filter(fitted), ripe.filter(held), recipe) for fitted, held in parts]
    churned = np.concatenate([labels(ripe.filter(held)) for _, held in parts])
    predicted = recipe.calibration.probability(np.concatenate(raw))
    values = weighted_qualities(ranked(churned, predicted), np.ones(len(churned)))
    figures = dict(zip(QUALITIES, values.tolist(), strict=True))
    training_rows = min(int(fitted.sum()) for fitted, _ in parts)
    return {name: figures[name] for name in _SHOWN} | {"training_rows": training_rows, "rows": len(churned)}


def _log_odds(training: pl.DataFrame, test: pl.DataFrame, recipe: Recipe) -> Floats:
    booster = fit_booster(training, recipe.features, recipe.settings, recipe.capacity, recipe.rounds)
    return log_odds(booster, test, recipe.features, recipe.settings.threads)
