"""Training of the model of silent users: trees, a logistic regression, or both together.

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
from models.learning.linear import Linear, fit_linear
from models.learning.list_model import SILENT_DAYS, Beyond, SilentModel
from models.learning.scorer import Blend, Scorer, blended
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

TREES, BLEND, LOGISTIC, RATES, RFM = FORMS = ("trees", "blend", "logistic", "rates", "rfm")
"""The forms. `blend`: trees and regression. `rates`: a regression on the silence and the login number alone. `rfm`: the
baseline, on recency, frequency and money."""
_BOOTSTRAP = Bootstrap(100, 1)
_FASTEST, _ROWS_OF_A_STEP = 3.0, 20_000


@dataclass(frozen=True, slots=True)
class FittedLinear:
    """A fitted regression and the predictions of its out-of-time fits."""

    scorer: Linear
    out_of_time: OutOfTime


@dataclass(frozen=True, slots=True)
class FittedSilent:
    """A fitted model of silent users. `trees`, `linear`: what its scorer is made of, for a refit; None for neither."""

    form: str
    scorer: Scorer
    calibration: Calibration
    out_of_time: OutOfTime
    note: str
    trees: Fitted | None
    linear: FittedLinear | None


@dataclass(frozen=True, slots=True)
class Columns:
    """The features of each form: all, those of the logistic regression, of the rates, and of the baseline."""

    trees: tuple[str, ...]
    logistic: tuple[str, ...]
    rates: tuple[str, ...]
    rfm: tuple[str, ...] = (SILENT_DAYS,)


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

    It is made of trees, unless another form has a surely lower log loss at the inner origins (95 %, user bootstrap).
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
    split = _with_enough(rows, split, min_rows)
    origins = split.origins
    if not origins:
        enough = min(returned, churned) >= min_rows
        form, names = (LOGISTIC, columns.logistic) if enough else (RATES, columns.rates)
        return _silent(form, None, _linear(rows, names, split), len(origins))
    trees = fit_model(rows, columns.trees, split, settings_of_silent(settings, training.height))
    logistic, rates = (_linear(rows, names, split) for names in (columns.logistic, columns.rates))
    users = validation_rows(rows, split, tested=False)["user_id"]
    best = _silent(TREES, trees, None, len(origins))
    for form, boosted, linear in ((BLEND, trees, logistic), (LOGISTIC, None, logistic), (RATES, None, rates)):
        other = _silent(form, boosted, linear, len(origins))
        if _surely_better(other.out_of_time, best.out_of_time, users):
            best = other
    return best


def _with_enough(rows: pl.DataFrame, split: TimeSplit, min_rows: int) -> TimeSplit:
    """`split` with the origins that leave `min_rows` of each class on both sides."""
    origins = tuple(
        origin
        for origin in split.origins
        if all(
            min(classes(rows.filter(within(period)))) >= min_rows
            for period in (origin.training, origin.validation)
        )
    )
    return replace(split, origins=origins)


def listed_rows(landmarks: pl.DataFrame, lead_days: int) -> pl.DataFrame:
    """The training rows of the baseline, as login rows: those drawn within the horizon, days of a login included."""
    return as_login_rows(landmarks.filter(pl.col("drawn") & _within_horizon(lead_days)))


def fit_baseline(rows: pl.DataFrame, columns: Columns, split: TimeSplit, min_rows: int) -> FittedSilent:
    """The baseline: a regression on recency, frequency and money. `rows`: as `listed_rows` gives them."""
    split = _with_enough(rows, split, min_rows)
    return _silent(RFM, None, _linear(rows, columns.rfm, split), len(split.origins))


def refit_silent(rows: pl.DataFrame, evaluated: FittedSilent, split: TimeSplit) -> FittedSilent:
    """The model that scores: `evaluated` fitted to all ripe rows, and calibrated with the test period, too."""
    trees = None if evaluated.trees is None else refit(rows, evaluated.trees, split)
    linear = None if evaluated.linear is None else _refit_linear(rows, evaluated.linear, split)
    again = _silent(evaluated.form, trees, linear, len(split.origins))
    return replace(again, note=note_of_refit(again.calibration, len(again.out_of_time.churned)))


def _silent(form: str, trees: Fitted | None, linear: FittedLinear | None, origins: int) -> FittedSilent:
    """The model of `form`, made of the parts that are not None and calibrated on their out-of-time predictions."""
    scorer: Scorer
    if trees is None:
        assert linear is not None
        scorer, out_of_time = linear.scorer, linear.out_of_time
    elif linear is None:
        scorer, out_of_time = trees.booster, trees.out_of_time
    else:
        scorer = Blend(trees.booster, linear.scorer)
        log_odds = blended(trees.out_of_time.log_odds, linear.out_of_time.log_odds)
        out_of_time = replace(trees.out_of_time, log_odds=log_odds)
    calibration = out_of_time.calibration() if len(out_of_time.churned) else IDENTITY
    note = f"{calibration.kind} from {len(out_of_time.churned)} out-of-time predictions at {origins} origins"
    return FittedSilent(form, scorer, calibration, out_of_time, note, trees, linear)


def silent_model(
    fit: FittedSilent, landmarks: pl.DataFrame, columns: Columns, period: Period, login: Card
) -> SilentModel:
    """The model of silent users of `fit`, fitted on the rows of `period`; `login`: the card of the login model."""
    lead_days = login.churn.lead_days
    rows_of = listed_rows if fit.form == RFM else silent_rows
    fitted, beyond = (of(landmarks, lead_days).filter(within(period)) for of in (rows_of, beyond_rows))
    card = Card(
        features=columns.trees,
        churn=login.churn,
        settings=login.settings if fit.trees is None else fit.trees.settings,
        capacity=login.capacity if fit.trees is None else fit.trees.capacity,
        rounds=0 if fit.trees is None else fit.trees.rounds,
        trained_from=period.first,
        trained_to=period.last,
        rows=fitted.height,
        base_rate=int(fitted["churned"].sum()) / fitted.height,
        calibration_note=f"{fit.form}: {fit.note}",
    )
    far = None if fit.form == RFM else _beyond(beyond, columns)
    return SilentModel(fit.form, fit.scorer, fit.calibration, card, far)


def _beyond(rows: pl.DataFrame, columns: Columns) -> Beyond | None:
    """The regression on training rows of users whose silence has reached the horizon; None with one class only."""
    if not min(classes(rows)):
        return None
    longest = rows.select(pl.col("silent_days").cast(pl.Int64).max()).item()
    return Beyond(fit_linear(rows, columns.logistic), int(longest))


def _linear(rows: pl.DataFrame, names: tuple[str, ...], split: TimeSplit) -> FittedLinear:
    """The regression on `names`, fitted to the training rows, with its predictions at the origins."""
    training = rows.filter(within(split.training))
    validated = [
        _predictions(
            fit_linear(rows.filter(within(origin.training)), names),
            rows.filter(within(origin.validation)),
            min(1.0, rows.filter(within(origin.training)).height / training.height),
        )
        for origin in split.origins
    ]
    return FittedLinear(fit_linear(training, names), reduce(OutOfTime.joined, validated, NOTHING))


def _refit_linear(rows: pl.DataFrame, evaluated: FittedLinear, split: TimeSplit) -> FittedLinear:
    """The regression on all ripe rows; its predictions are those at the origins and of the test period."""
    ripe, test = rows.filter(within(ripe_range(rows))), rows.filter(within(split.test))
    share = rows.filter(within(split.training)).height / ripe.height
    earlier = replace(evaluated.out_of_time, weight=share * evaluated.out_of_time.weight)
    pooled = earlier.joined(_predictions(evaluated.scorer, test, share))
    return FittedLinear(fit_linear(ripe, evaluated.scorer.features), pooled)


def _predictions(scorer: Linear, rows: pl.DataFrame, share: float) -> OutOfTime:
    raw = scorer.log_odds(rows)
    return OutOfTime(raw, labels(rows), np.full(len(raw), share))


def _surely_better(other: OutOfTime, best: OutOfTime, users: pl.Series) -> bool:
    """Whether `other` has the lower log loss, both uncalibrated: calibration is fitted to these very rows."""
    gain = log_loss_gain(users, best.churned, expit(other.log_odds), expit(best.log_odds), _BOOTSTRAP)
    return (gain.low or 0.0) > 0


def classes(rows: pl.DataFrame) -> tuple[int, int]:
    """How many of `rows` came back, and how many churned."""
    churned = int(rows["churned"].sum())
    return rows.height - churned, churned
