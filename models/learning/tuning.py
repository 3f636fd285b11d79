"""The loss of a search of settings: log loss at origins inside the training range, never in the test period."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from models.arrays import Floats
from models.learning.booster import Settings, capacity, fit_until_no_better, log_odds
from models.learning.split import Origin, TimeSplit, within
from models.metrics.quality import log_losses
from models.rows import labels


def origin_losses(
    rows: pl.DataFrame, features: Sequence[str], split: TimeSplit, origin: Origin, settings: Settings
) -> Floats:
    """(rows,) the uncalibrated log loss of the validation rows of `origin`, by a model fitted before it.

    Early stopping uses the same rows: the bias is the same for all settings.
    """
    allowed = capacity(settings, rows.filter(within(split.training)).height)
    training = rows.filter(within(origin.training))
    validation = rows.filter(within(origin.validation))
    booster = fit_until_no_better(training, validation, features, settings, allowed)
    raw = log_odds(booster, validation, features, settings.threads)
    return log_losses(labels(validation), 1 / (1 + np.exp(-raw)))
