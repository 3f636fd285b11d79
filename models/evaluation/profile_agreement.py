"""Agreement of the profiles of two models that are fitted to bootstrap samples of the users.

Promise: the compared rows are in the training rows of neither model.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.stats import rankdata

from models.arrays import Floats
from models.explanation.contributions import by_dimension, contributions
from models.learning.booster import fit_booster
from models.learning.training import Recipe

MOST_ROWS, _COMPARED_USERS = 100_000, 5_000


def profile_agreement(
    training: pl.DataFrame, test: pl.DataFrame, recipe: Recipe, dimension_of: Mapping[str, str]
) -> dict[str, float]:
    """Spearman's rank correlation of a user's dimensions in two models, over users: `mean`, `median`, `low` (the
    10 % quantile), `same_first` (share of users whose riskiest dimension is the same), `users`, `training_rows`.

    Each model is fitted with `recipe` to users of `training` drawn with replacement, at most about 100,000 rows. At
    most 5,000 users are compared, each at the last login in `test`.
    """
    random = np.random.default_rng(recipe.settings.seed)
    last_logins = test.group_by("user_id", maintain_order=True).last()
    last_logins = last_logins.sample(min(last_logins.height, _COMPARED_USERS), seed=recipe.settings.seed)
    samples = [_of_drawn_users(training, random) for _ in range(2)]
    one, other = (_dimensions(sample, last_logins, recipe, dimension_of) for sample in samples)
    agreed = rank_correlation(one, other)
    return {
        "mean": float(agreed.mean()),
        "median": float(np.median(agreed)),
        "low": float(np.quantile(agreed, 0.1)),
        "same_first": float((one.argmax(axis=1) == other.argmax(axis=1)).mean()),
        "users": last_logins.height,
        "training_rows": samples[0].height,
    }


def rank_correlation(one: Floats, other: Floats) -> Floats:
    """(rows,): Spearman's rank correlation of each pair of rows; 0 where all values of a row are equal."""
    centred = [rankdata(values, axis=1) - (values.shape[1] + 1) / 2 for values in (one, other)]
    product = (centred[0] * centred[1]).sum(axis=1)
    size = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    return np.asarray(np.divide(product, size, out=np.zeros_like(product), where=size > 0))


def _dimensions(
    training: pl.DataFrame, last_logins: pl.DataFrame, recipe: Recipe, dimension_of: Mapping[str, str]
) -> Floats:
    """(users, dimensions) of `last_logins` in a model of `training`, in log-odds."""
    booster = fit_booster(training, recipe.features, recipe.settings, recipe.capacity, recipe.rounds)
    values, _ = contributions(booster, last_logins)
    return np.column_stack(list(by_dimension(values, recipe.features, dimension_of).values()))


def _of_drawn_users(training: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """All rows of users drawn with replacement: as many users as `training` has, or as give about 100,000 rows."""
    users = training["user_id"].unique(maintain_order=True)
    count = round(users.len() * min(1.0, MOST_ROWS / max(training.height, 1)))
    drawn = users.gather(random.integers(0, users.len(), count)).to_frame()
    return drawn.join(training, on="user_id", how="left", maintain_order="left")
