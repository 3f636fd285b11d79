"""Training of the model of silent users: trees, or on a small log a logistic regression.

Promise: the choice, the number of trees and the calibration come from out-of-time predictions only.
"""

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import polars as pl
from scipy.special import expit

from models.errors import DataError
from models.learning.as_of import as_login_rows
from models.learning.booster import Settings
from models.learning.calibration import IDENTITY, Calibration
from models.learning.linear import fit_linear
from models.learning.list_model import SilentModel
from models.learning.scorer import Scorer, log_odds
from models.learning.split import Period, TimeSplit, ripe_range, within
from models.learning.trained_model import Card
from models.learning.training import NOTHING, Fitted, OutOfTime, fit_model, refit
from models.metrics.quality import log_losses
from models.rows import labels

TREES, LOGISTIC, RATES = FORMS = ("trees", "logistic", "rates")
"""The forms, from the richest to the plainest. `rates`: a regression on the silence and the login number alone."""
_FASTER = 3.0
"""Rows of one user resemble each other, so larger steps lose nothing here, and save two thirds of the time."""


@dataclass(frozen=True, slots=True)
class FittedSilent:
    """A fitted model of silent users. `trees`: the fit of the trees, for a refit; None for another form."""

    form: str
    scorer: Scorer
    calibration: Calibration
    out_of_time: OutOfTime
    note: str
    rounds: int
    trees: Fitted | None


@dataclass(frozen=True, slots=True)
class Columns:
    """The features of each form: all, those of the logistic regression, and those of the rates."""

    trees: tuple[str, ...]
    logistic: tuple[str, ...]
    rates: tuple[str, ...]

    def of(self, form: str) -> tuple[str, ...]:
        """The features of `form`."""
        return {TREES: self.trees, LOGISTIC: self.logistic, RATES: self.rates}[form]


def settings_of_silent(settings: Settings) -> Settings:
    """The settings of the trees: those of the login model with steps three times as large."""
    return replace(
        settings,
        learning_rate=min(1.0, settings.learning_rate * _FASTER),
        patience_rounds=max(5, round(settings.patience_rounds / _FASTER)),
    )


def silent_rows(landmarks: pl.DataFrame) -> pl.DataFrame:
    """The training rows among `landmarks`, as login rows: the drawn ones, after at least one silent day."""
    return as_login_rows(landmarks.filter(pl.col("drawn") & (pl.col("silent_days") > 0)))


def fit_silent(
    rows: pl.DataFrame, columns: Columns, split: TimeSplit, settings: Settings, min_rows: int
) -> FittedSilent:
    """The model to be evaluated, fitted to the rows of `split.training`. `rows`: as `silent_rows` gives them.

    Of the three forms the one with the lowest log loss at the inner origins is taken. Without an origin that leaves
    `min_rows` of each class it is the logistic regression if the training rows do, else the rates.
    Raises DataError when there is no training row, or one class only.
    """
    training = rows.filter(within(split.training))
    returned, churned = _classes(training)
    if not returned or not churned:
        raise DataError(
            f"landmark rows: of the {training.height} of {split.training} {returned} came back and {churned} did not, "
            "and both are needed.\nThe log is too short for a list of silent users. Choose a shorter "
            "label.horizon_days or a later split.test_from, or take a longer log."
        )
    origins = tuple(
        origin
        for origin in split.origins
        if all(
            min(_classes(rows.filter(within(period)))) >= min_rows
            for period in (origin.training, origin.validation)
        )
    )
    split = replace(split, origins=origins)
    if not origins:
        form = LOGISTIC if min(returned, churned) >= min_rows else RATES
        return _linear(form, rows, columns, split)
    trees = fit_model(rows, columns.trees, split, settings_of_silent(settings))
    plainer = [_linear(form, rows, columns, split) for form in (LOGISTIC, RATES)]
    losses = [_loss(trees.out_of_time), *(_loss(one.out_of_time) for one in plainer)]
    best = int(np.argmin(losses))
    if best == 0:
        return FittedSilent(
            TREES, trees.booster, trees.calibration, trees.out_of_time, trees.note, trees.rounds, trees
        )
    return plainer[best - 1]


def refit_silent(
    rows: pl.DataFrame, evaluated: FittedSilent, columns: Columns, split: TimeSplit
) -> FittedSilent:
    """The model that scores: `evaluated` fitted to all ripe rows, and calibrated with the test period, too."""
    if evaluated.trees is not None:
        again = refit(rows, evaluated.trees, split)
        return replace(
            evaluated, scorer=again.booster, calibration=again.calibration, out_of_time=again.out_of_time,
            note=again.note, rounds=again.rounds, trees=again,
        )  # fmt: skip
    ripe, test = rows.filter(within(ripe_range(rows))), rows.filter(within(split.test))
    tested = _predictions(evaluated.scorer, test, rows.filter(within(split.training)).height / ripe.height)
    pooled = evaluated.out_of_time.joined(tested)
    scorer = fit_linear(ripe, columns.of(evaluated.form))
    return replace(evaluated, scorer=scorer, calibration=pooled.calibration(), out_of_time=pooled)


def silent_model(
    fit: FittedSilent, silent: pl.DataFrame, columns: Columns, period: Period, login: Card
) -> SilentModel:
    """The model of silent users of `fit`, fitted on the rows of `period`; `login`: the card of the login model."""
    fitted = silent.filter(within(period))
    card = Card(
        features=columns.trees,
        churn=login.churn,
        settings=login.settings if fit.trees is None else fit.trees.settings,
        capacity=login.capacity if fit.trees is None else fit.trees.capacity,
        rounds=fit.rounds,
        trained_from=period.first,
        trained_to=period.last,
        rows=fitted.height,
        base_rate=int(fitted["churned"].sum()) / fitted.height,
        calibration_note=f"{fit.form}: {fit.note}",
    )
    longest = fitted["silent_days"].max()
    return SilentModel(
        fit.form, int(longest) if isinstance(longest, int) else 0, fit.scorer, fit.calibration, card
    )


def _linear(form: str, rows: pl.DataFrame, columns: Columns, split: TimeSplit) -> FittedSilent:
    names, training = columns.of(form), rows.filter(within(split.training))
    validated = [
        _predictions(
            fit_linear(rows.filter(within(origin.training)), names),
            rows.filter(within(origin.validation)),
            min(1.0, rows.filter(within(origin.training)).height / training.height),
        )
        for origin in split.origins
    ]
    pooled = reduce(OutOfTime.joined, validated, NOTHING)
    calibration = pooled.calibration() if validated else IDENTITY
    note = (
        f"{calibration.kind} from {len(pooled.churned)} out-of-time predictions at {len(validated)} origins"
    )
    return FittedSilent(form, fit_linear(training, names), calibration, pooled, note, 0, None)


def _predictions(scorer: Scorer, rows: pl.DataFrame, share: float) -> OutOfTime:
    raw = log_odds(scorer, rows, 1)
    return OutOfTime(raw, labels(rows), np.full(len(raw), share))


def _loss(predictions: OutOfTime) -> float:
    """Log loss of uncalibrated predictions: calibration is fitted to them, so it would flatter the richer form."""
    return float(log_losses(predictions.churned, expit(predictions.log_odds)).mean())


def _classes(rows: pl.DataFrame) -> tuple[int, int]:
    churned = int(rows["churned"].sum())
    return rows.height - churned, churned
