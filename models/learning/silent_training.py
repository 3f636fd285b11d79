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
from models.learning.list_model import Beyond, SilentModel
from models.learning.scorer import Scorer, log_odds
from models.learning.split import Period, TimeSplit, ripe_range, within
from models.learning.trained_model import Card
from models.learning.training import (
    NOTHING,
    Fitted,
    OutOfTime,
    fit_model,
    note_of_refit,
    refit,
    validation_rows,
)
from models.metrics.bootstrap import Bootstrap, log_loss_gain
from models.rows import labels

TREES, LOGISTIC, RATES = FORMS = ("trees", "logistic", "rates")
"""The forms, from the richest to the plainest. `rates`: a regression on the silence and the login number alone."""
_BOOTSTRAP = Bootstrap(100, 1)
_FASTEST, _ROWS_OF_A_STEP = 3.0, 20_000


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


def settings_of_silent(settings: Settings, rows: int) -> Settings:
    """The settings of the trees for `rows` training rows: half the leaves of the login model, and larger steps.

    The rows of one absence resemble each other, so they carry a smaller model than as many logins. Steps are larger by
    rows / 20,000, at most 3 times: on many rows small steps cost time and gain nothing. On three public logs and the
    demo half the leaves had the lower log loss, and larger steps lost up to 0.001 on fewer than 45,000 rows only.
    """
    faster = min(_FASTEST, max(1.0, rows / _ROWS_OF_A_STEP))
    return replace(
        settings,
        leaves=max(2, settings.leaves // 2),
        learning_rate=min(1.0, settings.learning_rate * faster),
        patience_rounds=max(5, round(settings.patience_rounds / faster)),
    )


def silent_rows(landmarks: pl.DataFrame, lead_days: int) -> pl.DataFrame:
    """The training rows among `landmarks`, as login rows: drawn, after at least one silent day, within the horizon."""
    silent, within_horizon = pl.col("silent_days") > 0, _within_horizon(lead_days)
    return as_login_rows(landmarks.filter(pl.col("drawn") & silent & within_horizon))


def beyond_rows(landmarks: pl.DataFrame, lead_days: int) -> pl.DataFrame:
    """The drawn rows of users whose silence has reached the horizon, as login rows."""
    return as_login_rows(landmarks.filter(pl.col("drawn") & ~_within_horizon(lead_days)))


def _within_horizon(lead_days: int) -> pl.Expr:
    return pl.col("silent_days") < pl.col("window_days") - lead_days


def fit_silent(
    rows: pl.DataFrame, columns: Columns, split: TimeSplit, settings: Settings, min_rows: int
) -> FittedSilent:
    """The model to be evaluated, fitted to the rows of `split.training`. `rows`: as `silent_rows` gives them.

    It is made of trees, unless a plainer form has a surely lower log loss at the inner origins (95 %, user bootstrap).
    Without an origin that leaves `min_rows` of each class it is the logistic regression if the training rows do, else
    the rates. Raises DataError when there is no training row, or one class only.
    """
    training = rows.filter(within(split.training))
    returned, churned = classes(training)
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
            min(classes(rows.filter(within(period)))) >= min_rows
            for period in (origin.training, origin.validation)
        )
    )
    split = replace(split, origins=origins)
    if not origins:
        form = LOGISTIC if min(returned, churned) >= min_rows else RATES
        return _linear(form, rows, columns, split)
    trees = fit_model(rows, columns.trees, split, settings_of_silent(settings, training.height))
    best = FittedSilent(
        TREES, trees.booster, trees.calibration, trees.out_of_time, trees.note, trees.rounds, trees
    )
    users = validation_rows(rows, split, tested=False)["user_id"]
    for form in (LOGISTIC, RATES):
        plainer = _linear(form, rows, columns, split)
        if _surely_better(plainer.out_of_time, best.out_of_time, users):
            best = plainer
    return best


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
    share = rows.filter(within(split.training)).height / ripe.height
    earlier = replace(evaluated.out_of_time, weight=share * evaluated.out_of_time.weight)
    pooled = earlier.joined(_predictions(evaluated.scorer, test, share))
    calibration = pooled.calibration()
    return replace(
        evaluated, scorer=fit_linear(ripe, columns.of(evaluated.form)), calibration=calibration, out_of_time=pooled,
        note=note_of_refit(calibration, len(pooled.churned)),
    )  # fmt: skip


def silent_model(
    fit: FittedSilent, landmarks: pl.DataFrame, columns: Columns, period: Period, login: Card
) -> SilentModel:
    """The model of silent users of `fit`, fitted on the rows of `period`; `login`: the card of the login model."""
    lead_days = login.churn.lead_days
    fitted, beyond = (of(landmarks, lead_days).filter(within(period)) for of in (silent_rows, beyond_rows))
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
    return SilentModel(fit.form, fit.scorer, fit.calibration, card, _beyond(beyond, columns))


def _beyond(rows: pl.DataFrame, columns: Columns) -> Beyond | None:
    """The regression on training rows of users whose silence has reached the horizon; None with one class only."""
    if not min(classes(rows)):
        return None
    longest = rows.select(pl.col("silent_days").cast(pl.Int64).max()).item()
    return Beyond(fit_linear(rows, columns.logistic), int(longest))


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


def _surely_better(plainer: OutOfTime, richer: OutOfTime, users: pl.Series) -> bool:
    """Whether the plainer form has the lower log loss, both uncalibrated: calibration is fitted to these very rows."""
    gain = log_loss_gain(users, richer.churned, expit(plainer.log_odds), expit(richer.log_odds), _BOOTSTRAP)
    return (gain.low or 0.0) > 0


def classes(rows: pl.DataFrame) -> tuple[int, int]:
    """How many of `rows` came back, and how many churned."""
    churned = int(rows["churned"].sum())
    return rows.height - churned, churned
