"""Training of the value model: methods are fitted and compared at the inner origins, and the best is used.

Promise: the choice, the variance power, the number of trees and the calibration come from out-of-time predictions
only, and never from the test period that reports them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

import numpy as np
import polars as pl

from models.arrays import Floats, Ints
from models.labels.label import days_here
from models.labels.sequence import day_number
from models.learning.booster import Settings
from models.learning.split import Origin, Period, within
from models.learning.training import rounds_growth
from models.metrics.bootstrap import Bootstrap, Interval
from models.value import baselines as base
from models.value.bgnbd import purchases_of_users
from models.value.booster import POWERS, fit_booster, fit_until_no_better, predicted_revenue
from models.value.calibration import fit_factors
from models.value.judging import deviance_gain, deviances, floored
from models.value.rows import MINOR_UNITS, ValueSplit, band_numbers, revenue
from models.value.survival import extensions
from models.value.value_model import BLEND, BOOSTER, ValueCard, ValueModel, blended

_BOOTSTRAP = Bootstrap(200, 1)


@dataclass(frozen=True, slots=True)
class ValueData:
    """What the value model is fitted to.

    `rows`: as `stayers` gives them. `logins`: `user_id, login_day` of every login, in order. `payments`: `user_id,
    day, net` (minor units) of every day with a payment, in order. `log_end`: the log's last day.
    """

    rows: pl.DataFrame
    logins: pl.DataFrame
    payments: pl.DataFrame
    log_end: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What the value model is asked for: the horizon, the judged days, the label's window, and features."""

    horizon_days: int
    judged_days: int
    label_days: int
    lead_days: int
    features: tuple[str, ...]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Validated:
    """Out-of-time rows with what each method expected of them, in the reporting currency."""

    users: pl.Series
    bands: Ints
    actual: Floats
    by_method: Mapping[str, Floats]

    def joined(self, other: "Validated") -> "Validated":
        """The rows of both."""
        return Validated(
            pl.concat([self.users, other.users]),
            np.concatenate([self.bands, other.bands]),
            np.concatenate([self.actual, other.actual]),
            {name: np.concatenate([one, other.by_method[name]]) for name, one in self.by_method.items()},
        )

    def loss(self, method: str) -> float:
        """The mean deviance of a method."""
        return float(deviances(self.actual, floored(self.by_method[method], self.bands)).mean())

    def gain(self, method: str, other: str) -> Interval:
        """The mean deviance of `other` minus that of `method`."""
        said = (self.by_method[method], self.by_method[other])
        return deviance_gain(self.users, self.actual, *said, self.bands, _BOOTSTRAP)

    def factors(self, method: str) -> tuple[float, ...]:
        """The calibration of a method to these rows."""
        return fit_factors(self.users, self.actual, self.by_method[method], self.bands)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The method in use, the best baseline, why it is no other, and the booster's variance power and trees."""

    method: str
    baseline: str
    because: str
    power: float
    rounds: int


@dataclass(frozen=True, slots=True)
class FittedValue:
    """The fitted value model, and the rows that decided on it."""

    model: ValueModel
    validated: Validated


def fit_value(data: ValueData, split: ValueSplit, asked: Asked) -> FittedValue:
    """The value model to be evaluated, fitted to the training rows of `split`, which has an origin at least.

    The method is the baseline of the lowest deviance at the origins, unless its blend with the booster is surely better
    (95 %, user bootstrap), or the booster is surely better than both.
    """
    refit_rows = data.rows.filter(within(split.training)).height
    boosted = {
        power: [_boosted(data, origin, asked, power, refit_rows) for origin in split.origins]
        for power in POWERS
    }
    validated = _validated(data, split, asked)
    by_power = {power: np.concatenate([said for said, _ in parts]) for power, parts in boosted.items()}
    power = min(
        POWERS, key=lambda one: deviances(validated.actual, floored(by_power[one], validated.bands)).mean()
    )
    baseline = min(base.BASELINES, key=validated.loss)
    of_trees = {BOOSTER: by_power[power], BLEND: blended(by_power[power], validated.by_method[baseline])}
    validated = replace(validated, by_method={**validated.by_method, **of_trees})
    method, because = _chosen(validated, baseline)
    rounds = max(10, round(float(np.median([rounds for _, rounds in boosted[power]]))))
    choice = _Choice(method, baseline, because, power, min(asked.settings.max_rounds, rounds))
    model = _fitted(data, split.training, _before(split.test), asked, choice)
    return FittedValue(replace(model, calibration=validated.factors(method)), validated)


def refit_value(data: ValueData, split: ValueSplit, asked: Asked, evaluated: FittedValue) -> ValueModel:
    """The value model that scores: refitted to all rows, and calibrated with those of the test period, too."""
    card = evaluated.model.card
    rounds = round(card.rounds * rounds_growth(data.rows.height, card.rows))
    choice = _Choice(card.method, card.baseline, card.because, card.power, rounds)
    period = Period(split.training.first, split.test.last)
    model = _fitted(data, period, data.log_end, asked, choice)
    test = data.rows.filter(within(split.test))
    tested = _judged(test, {card.method: evaluated.model.by_method(test, card.method)})
    of_method = replace(
        evaluated.validated, by_method={card.method: evaluated.validated.by_method[card.method]}
    )
    return replace(model, calibration=of_method.joined(tested).factors(card.method))


def _chosen(validated: Validated, baseline: str) -> tuple[str, str]:
    """The method, and why it is not another. Each method must be surely better than the best of those before it."""
    best, reasons = baseline, []
    for method in (BLEND, BOOSTER):
        gain = validated.gain(method, best)
        if (gain.low or 0.0) > 0:
            best = method
        else:
            low, high = gain.low or 0.0, gain.high or 0.0
            reasons.append(
                f"{method} gains {gain.value or 0.0:.3g} ({low:.3g} to {high:.3g}) in deviance over {best} "
                "at the inner origins, which is not surely better"
            )
    return best, "; ".join(reasons)


def _boosted(
    data: ValueData, origin: Origin, asked: Asked, power: float, refit_rows: int
) -> tuple[Floats, float]:
    """What the booster expects of the validation rows of `origin`, and the rounds for `refit_rows`."""
    training, validation = (data.rows.filter(within(part)) for part in (origin.training, origin.validation))
    booster = fit_until_no_better(training, validation, asked.features, asked.settings, power)
    rounds = booster.best_iteration * max(1.1, rounds_growth(refit_rows, training.height))
    return predicted_revenue(booster, validation, asked.features, asked.settings.threads), rounds


def _validated(data: ValueData, split: ValueSplit, asked: Asked) -> Validated:
    """The validation rows of all origins with what each baseline, fitted before them, expects."""
    parts = []
    for origin in split.origins:
        rows = data.rows.filter(within(origin.validation))
        model = _baselines(data, origin.training, _before(origin.validation), asked)
        parts.append(_judged(rows, {name: model.by_method(rows, name) for name in base.BASELINES}))
    return reduce(Validated.joined, parts)


def _judged(rows: pl.DataFrame, by_method: Mapping[str, Floats]) -> Validated:
    return Validated(rows["user_id"], band_numbers(rows), revenue(rows), by_method)


def _baselines(data: ValueData, period: Period, until: date, asked: Asked) -> ValueModel:
    """The baselines fitted to the rows of `period`, and to logins and payments up to `until`."""
    rows = data.rows.filter(within(period))
    payments = data.payments.filter(pl.col("day") <= until)
    of_user = payments.group_by("user_id", maintain_order=True).agg(days=pl.len(), net=pl.col("net").sum())
    paying_days = of_user["days"].cast(pl.Float64).to_numpy()
    mean = of_user["net"].to_numpy() / MINOR_UNITS / paying_days
    end = day_number(until)
    fitted = base.fit_buying(
        rows,
        purchases_of_users(payments.rename({"day": "login_day"}), end),
        paying_days,
        mean,
        purchases_of_users(data.logins.filter(pl.col("login_day") <= until), end),
        asked.judged_days,
    )
    card = ValueCard(
        method=base.SHRUNK,
        baseline=base.SHRUNK,
        horizon_days=asked.horizon_days,
        judged_days=asked.judged_days,
        label_days=asked.label_days,
        lead_days=asked.lead_days,
        features=asked.features,
        threads=asked.settings.threads,
        trained_from=period.first,
        trained_to=period.last,
        rows=rows.height,
        power=0.0,
        rounds=0,
        because="",
        note=_note(asked),
    )
    return ValueModel(card, base.fit_shrunk(rows, asked.judged_days), fitted)


def _fitted(data: ValueData, period: Period, until: date, asked: Asked, choice: "_Choice") -> ValueModel:
    """All methods fitted to the rows of `period`, and the extension to the horizon, from what is known at `until`."""
    rows = data.rows.filter(within(period))
    model = _baselines(data, period, until, asked)
    followed = days_here(rows.with_columns(as_of="login_day"), data.logins, until)
    extension = extensions(
        followed["days_here"].to_numpy(),
        followed["gone"].to_numpy(),
        band_numbers(rows),
        asked.judged_days,
        asked.horizon_days,
    )
    return replace(
        model,
        card=replace(
            model.card,
            method=choice.method,
            baseline=choice.baseline,
            because=choice.because,
            power=choice.power,
            rounds=choice.rounds,
        ),
        booster=fit_booster(rows, asked.features, asked.settings, choice.power, choice.rounds),
        extension=extension,
    )


def _before(period: Period) -> date:
    return period.first - timedelta(days=1)


def _note(asked: Asked) -> str:
    if asked.judged_days >= asked.horizon_days:
        return f"fitted and tested over {asked.judged_days} days"
    return (
        f"fitted and tested over {asked.judged_days} days, a fifth of the log; carried on to {asked.horizon_days} days "
        "by the share of each band's users who are still here"
    )
