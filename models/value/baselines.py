"""Baselines of the value model: what users have paid so far, carried on.

Promise: a baseline knows the payments so far (`features/aggregation/payments.py` explains their columns), the login
number and the silence, and nothing else of a user.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import minimize_scalar

from models.arrays import Floats
from models.value.bgnbd import BgNbd, Purchases, fit_bgnbd
from models.value.gamma_gamma import GammaGamma, fit_gamma_gamma
from models.value.judging import deviances, floored
from models.value.rows import BAND_NAMES, MINOR_UNITS, band_numbers, revenue

TRAILING, OWN_DAYS, SHRUNK, BUYING = BASELINES = ("trailing", "own_days", "shrunk", "bg_nbd_gamma_gamma")
_LEAST_STAY = 0.05
_DAYS_BOUNDS = (0.0, 8.0)  # of the logarithm of the days that the band's mean counts for


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The user's own mean a day, drawn towards that of the band: `mean_a_day` (bands,) counts for `days` days."""

    mean_a_day: tuple[float, ...]
    days: float


@dataclass(frozen=True, slots=True)
class Buying:
    """BG/NBD of payments, Gamma-Gamma of their values, and BG/NBD of logins for the chance to stay.

    `not_yet`: (bands,) the mean revenue a day of stayers who have not paid yet, of whom neither model knows anything.
    """

    payments: BgNbd
    values: GammaGamma
    logins: BgNbd
    not_yet: tuple[float, ...]


def trailing(rows: pl.DataFrame, recent_days: int, days: int) -> Floats:
    """The net revenue of the last `recent_days` days, or of as many as the log has, over `days` days."""
    return _carried_on(rows, "observed_days", recent_days, days)


def own_days(rows: pl.DataFrame, recent_days: int, days: int) -> Floats:
    """As `trailing`, divided by the user's own days where these are fewer."""
    return _carried_on(rows, "own_days", recent_days, days)


def shrunk(rows: pl.DataFrame, fitted: Shrunk, days: int) -> Floats:
    """(net revenue so far + m k) / (own days + k) a day, over `days` days; m: the band's mean, k: `fitted.days`."""
    mean = np.array(fitted.mean_a_day)[band_numbers(rows)]
    rate = (_money(rows, "net_so_far") + mean * fitted.days) / (_known(rows, "own_days") + fitted.days)
    return np.asarray(rate * days, dtype=np.float64)


def fit_shrunk(rows: pl.DataFrame, days: int) -> Shrunk:
    """The means of the bands, and the k of the lowest Tweedie deviance (a quasi-likelihood) on `rows`."""
    means, actual, bands = _means_a_day(rows, days), revenue(rows), band_numbers(rows)

    def loss(log_days: float) -> float:
        predicted = shrunk(rows, Shrunk(means, float(np.exp(log_days))), days)
        return float(deviances(actual, floored(predicted, bands)).mean())

    found = minimize_scalar(loss, bounds=_DAYS_BOUNDS, method="bounded", options={"xatol": 0.01})
    return Shrunk(means, float(np.exp(found.x)))


def buying(rows: pl.DataFrame, fitted: Buying, days: int, horizon_days: int, lead_days: int) -> Floats:
    """Expected payments times their expected value over `days` days, divided by the chance to stay.

    A user stays who logs in within the horizon of the label, which begins after the lead.
    """
    paid, since, span = (
        _known(rows, name) for name in ("paying_days", "days_since_paying", "paying_span_days")
    )
    has_paid = paid > 0
    count = np.maximum(paid, 1.0)
    known = Purchases(np.where(span > 0, count - 1.0, 0.0), span, span + since)
    value = fitted.values.mean_payment(count, _money(rows, "net_so_far") / count)
    silent, tenure = _known(rows, "silent_days"), _known(rows, "own_days") - 1.0
    last = np.maximum(tenure - silent, 0.0)
    logins = Purchases(
        np.where(last > 0, np.maximum(_known(rows, "login_number") - 1.0, 1.0), 0.0), last, last + silent
    )
    stays = np.maximum(1.0 - fitted.logins.no_return(logins, horizon_days, lead_days), _LEAST_STAY)
    expected = fitted.payments.purchases(known, days) * value / stays
    not_yet = np.array(fitted.not_yet)[band_numbers(rows)] * days
    return np.asarray(np.where(has_paid, expected, not_yet), dtype=np.float64)


def fit_buying(
    rows: pl.DataFrame, payments: Purchases, paying_days: Floats, mean: Floats, logins: Purchases, days: int
) -> Buying:
    """`payments`, `paying_days`, `mean`: of each user with a payment; `logins`: of each user; `rows`: the stayers.

    A user whose refunds reach the payments has no positive mean, and is left out of the values.
    """
    positive = mean > 0
    return Buying(
        fit_bgnbd(payments),
        fit_gamma_gamma(paying_days[positive], mean[positive]),
        fit_bgnbd(logins),
        _means_a_day(rows.filter(pl.col("paying_days") == 0), days),
    )


def _means_a_day(rows: pl.DataFrame, days: int) -> tuple[float, ...]:
    """The mean revenue ahead a day of each band; of all rows where a band has none."""
    bands, actual = band_numbers(rows), revenue(rows)
    count = np.bincount(bands, minlength=len(BAND_NAMES))
    total = np.bincount(bands, weights=actual, minlength=len(BAND_NAMES))
    overall = float(actual.mean()) if len(actual) else 0.0
    return tuple((np.divide(total, count, out=np.full(len(count), overall), where=count > 0) / days).tolist())


def _carried_on(rows: pl.DataFrame, since: str, recent_days: int, days: int) -> Floats:
    seen = np.minimum(_known(rows, since), recent_days)
    return np.asarray(_money(rows, "net_recent") / seen * days, dtype=np.float64)


def _money(rows: pl.DataFrame, name: str) -> Floats:
    """An amount in the reporting currency, 0 at least."""
    return np.maximum(_known(rows, name), 0.0) / MINOR_UNITS


def _known(rows: pl.DataFrame, name: str) -> Floats:
    """A number of the rows, 0 where there is none."""
    return rows[name].cast(pl.Float64).fill_null(0.0).to_numpy()
