"""Training in order of time: the number of trees, the calibration, then a refit on all training rows.

Promise: the number of trees and the calibration come from out-of-time predictions only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import lightgbm as lgb
import numpy as np
import polars as pl

from models.arrays import Floats
from models.learning.booster import Capacity, Settings, capacity, fit_booster, fit_until_no_better, log_odds
from models.learning.calibration import IDENTITY, Calibration, fit_calibration
from models.learning.split import Origin, TimeSplit, ripe_range, within
from models.rows import labels


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """Out-of-time predictions: log-odds of rows later than the rows of their model, and the labels (0.0 or 1.0).

    `weight`: the number of rows behind the prediction, as a share of those behind the model to be calibrated. The
    errors of a model of a quarter of the rows say little about a model of all rows.
    """

    log_odds: Floats
    churned: Floats
    weight: Floats

    def joined(self, other: "OutOfTime") -> "OutOfTime":
        """The predictions of both."""
        return OutOfTime(
            np.concatenate([self.log_odds, other.log_odds]),
            np.concatenate([self.churned, other.churned]),
            np.concatenate([self.weight, other.weight]),
        )

    def calibration(self) -> Calibration:
        """The calibration fitted to these predictions."""
        return fit_calibration(self.log_odds, self.churned, self.weight)


NOTHING = OutOfTime(np.empty(0), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted booster with its calibration, and what they were fitted with."""

    booster: lgb.Booster
    features: tuple[str, ...]
    settings: Settings
    capacity: Capacity
    rounds: int
    calibration: Calibration
    out_of_time: OutOfTime
    note: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """The recipe of the evaluated model, to fit the same kind of model to other rows."""

    features: tuple[str, ...]
    settings: Settings
    capacity: Capacity
    rounds: int
    calibration: Calibration


def fit_model(rows: pl.DataFrame, features: Sequence[str], split: TimeSplit, settings: Settings) -> Fitted:
    """The model to be evaluated: fitted to `features` of the training rows of `split`.

    Its number of trees and its calibration come from the split's origins. `rows`: all login rows.
    Raises DataError when `rows` lacks a feature.
    """
    features = tuple(features)
    training = rows.filter(within(split.training))
    allowed = capacity(settings, training.height)
    validated = [
        _validate(rows, origin, features, settings, allowed, training.height) for origin in split.origins
    ]
    rounds = _rounds([wanted for wanted, _ in validated], allowed, settings)
    pooled = reduce(OutOfTime.joined, (predictions for _, predictions in validated), NOTHING)
    calibration = pooled.calibration() if validated else IDENTITY
    booster = fit_booster(training, features, settings, allowed, rounds)
    note = _note(split.origins, calibration, len(pooled.churned))
    return Fitted(booster, features, settings, allowed, rounds, calibration, pooled, note)


def refit(rows: pl.DataFrame, evaluated: Fitted, split: TimeSplit) -> Fitted:
    """The model that scores: the evaluated settings refitted on the ripe range, rounds scaled with the rows.

    Its calibration is fitted to the predictions of the origins and to those of the evaluated model in the test
    period: all of them are out of time.
    """
    ripe, training = rows.filter(within(ripe_range(rows))), rows.filter(within(split.training))
    share = training.height / ripe.height
    earlier = evaluated.out_of_time
    tested = _out_of_time(
        evaluated.booster, rows.filter(within(split.test)), evaluated.features, evaluated.settings, share
    )
    pooled = replace(earlier, weight=share * earlier.weight).joined(tested)
    calibration = pooled.calibration()
    rounds = round(evaluated.rounds * rounds_growth(ripe.height, training.height))
    booster = fit_booster(ripe, evaluated.features, evaluated.settings, evaluated.capacity, rounds)
    note = note_of_refit(calibration, len(pooled.churned))
    return replace(
        evaluated, booster=booster, rounds=rounds, calibration=calibration, out_of_time=pooled, note=note
    )


def note_of_refit(calibration: Calibration, predictions: int) -> str:
    """Where the calibration of the model that scores comes from."""
    return (
        f"{calibration.kind} from {predictions} out-of-time predictions, including those of the test period"
    )


def validation_rows(rows: pl.DataFrame, split: TimeSplit, *, tested: bool) -> pl.DataFrame:
    """The rows of `fit_model`'s `out_of_time`, in its order; with `tested` those of `refit`, the test rows last."""
    periods = [origin.validation for origin in split.origins] + ([split.test] if tested else [])
    return pl.concat([rows.head(0), *(rows.filter(within(period)) for period in periods)])


def rounds_growth(rows: int, rows_before: int) -> float:
    """The factor for rounds that were best on `rows_before` rows: the fourth root of growth, at most 2."""
    return float(min(2.0, max(1.0, (rows / rows_before) ** 0.25)))


def _validate(
    rows: pl.DataFrame,
    origin: Origin,
    features: tuple[str, ...],
    settings: Settings,
    allowed: Capacity,
    refit_rows: int,
) -> tuple[float, OutOfTime]:
    """The rounds for a refit on `refit_rows`, and the predictions of the validation rows."""
    training = rows.filter(within(origin.training))
    validation = rows.filter(within(origin.validation))
    booster = fit_until_no_better(training, validation, features, settings, allowed)
    share = min(1.0, training.height / refit_rows)
    rounds = booster.best_iteration * max(1.1, rounds_growth(refit_rows, training.height))
    return rounds, _out_of_time(booster, validation, features, settings, share)


def _out_of_time(
    booster: lgb.Booster, rows: pl.DataFrame, features: tuple[str, ...], settings: Settings, share: float
) -> OutOfTime:
    raw = log_odds(booster, rows, features, settings.threads)
    return OutOfTime(raw, labels(rows), np.full(len(raw), share))


def _rounds(wanted: Sequence[float], allowed: Capacity, settings: Settings) -> int:
    """The median over the origins, robust to one odd period; without origins, by the number of rows."""
    if not wanted:
        return allowed.default_rounds
    return min(settings.max_rounds, max(10, round(float(np.median(wanted)))))


def _note(origins: tuple[Origin, ...], calibration: Calibration, predictions: int) -> str:
    if not origins:
        return (
            "identity, and rounds by the number of rows: no period inside the training range "
            "leaves split.min_rows of each class"
        )
    return f"{calibration.kind} from {predictions} out-of-time predictions at {len(origins)} origins"
