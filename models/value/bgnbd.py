"""BG/NBD: each user buys at an individual rate, and after each repeat may stop for good with an individual chance.

Fader, Hardie & Lee (2005), "Counting your customers the easy way". Rates are gamma distributed with shape r and
rate alpha (in days), chances of stopping beta(a, b). Promise: four parameters are fitted, and only the days
of the logins so far are known of a user.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from models.arrays import Floats
from models.labels.sequence import day_numbers, sequence_keys, user_codes
from models.thinning import step_to_at_most

_MOST_USERS = 30_000
_STARTS = ((0.3, 0.3), (1.5, 1.5))  # of r and a; alpha and b begin at 1
_POLE = 1e-6
_WIDEST = 10.0  # of the logarithm of a parameter: in a log without departures b would diverge


@dataclass(frozen=True, slots=True)
class Purchases:
    """Per user or row: `repeats` after the first login, days from the first login to the `last` one, and days to
    the end of the observation (`observed`).
    """

    repeats: Floats
    last: Floats
    observed: Floats


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The fitted model; `alpha` is in the unit of time of the fitted data."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, known: Purchases) -> Floats:
        """Probability that each user has not stopped for good; 1 for a user with one login."""
        x = known.repeats
        longer = (self.alpha + known.observed) / (self.alpha + known.last)
        odds = self.a / (self.b + np.maximum(x, 1.0) - 1.0) * longer ** (self.r + x)
        return np.asarray(np.where(x > 0, 1.0 / (1.0 + odds), 1.0), dtype=np.float64)

    def no_return(self, known: Purchases, horizon: float, lead: float = 0.0) -> Floats:
        """Probability of no login in (T + lead, T + lead + horizon], T the end of the observation.

        Given that a user is alive at T, the rate is gamma(r + x, alpha + T) and the chance of stopping p is
        beta(a, b + x), independently. A user with rate u and chance p is alive after the lead with
        probability exp(-u p lead), and then silent over the horizon with exp(-u horizon). The result is
        1 - P(alive) * E[exp(-u p lead) * (1 - exp(-u horizon))]; the expectation over p is Gauss's 2F1.
        """
        shape, waited = self.r + known.repeats, self.alpha + known.observed
        soon = self._survives(shape, waited, waited, known.repeats, lead)
        later = self._survives(shape, waited, waited + horizon, known.repeats, lead)
        return np.asarray(np.clip(1.0 - self.alive(known) * (soon - later), 0.0, 1.0), dtype=np.float64)

    def purchases(self, known: Purchases, horizon: float) -> Floats:
        """Expected number of further purchases in (T, T + horizon], T the end of the observation.

        Equation 10 of the paper. It has a pole at a = 1, where its limit is finite: a is moved off it by a millionth.
        """
        x, a = known.repeats, self.a if abs(self.a - 1.0) > _POLE else 1.0 + _POLE
        until = self.alpha + known.observed + horizon
        rest = a + self.b + x - 1.0
        silent = ((self.alpha + known.observed) / until) ** (self.r + x) * hyp2f1(
            self.r + x, self.b + x, rest, horizon / until
        )
        expected = self.alive(known) * rest / (a - 1.0) * (1.0 - silent)
        return np.asarray(np.maximum(expected, 0.0), dtype=np.float64)

    def _survives(self, shape: Floats, waited: Floats, until: Floats, repeats: Floats, lead: float) -> Floats:
        """E[exp(-u (p lead + until - waited))] over u and p of a user alive."""
        silent = (waited / until) ** shape
        if lead == 0:
            return silent
        return np.asarray(
            silent * hyp2f1(shape, self.a, self.a + self.b + repeats, -lead / until), dtype=np.float64
        )


def fit_bgnbd(known: Purchases) -> BgNbd:
    """Maximum likelihood over users, from two starting points in log-parameters.

    Of more than 30,000 users every n-th is used; equal users are counted together. Time is first scaled to the
    longest observation.
    """
    step = step_to_at_most(len(known.repeats), _MOST_USERS)
    table = np.column_stack([known.repeats, known.last, known.observed])[::step]
    unit = max(1.0, float(table[:, 2].max()))
    distinct, count = np.unique(table, axis=0, return_counts=True)
    x, last, observed = distinct[:, 0], distinct[:, 1] / unit, distinct[:, 2] / unit
    weight = count / count.sum()

    def loss(logs: Floats) -> float:
        return -float(np.sum(weight * _log_likelihood(np.exp(logs), x, last, observed)))

    bounds = [(-_WIDEST, _WIDEST)] * 4
    starts = [np.log([r, 1.0, a, 1.0]) for r, a in _STARTS]
    fits = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    r, alpha, a, b = np.exp(min(fits, key=lambda fit: float(fit.fun)).x).tolist()
    return BgNbd(r, alpha * unit, a, b)


def _log_likelihood(parameters: Floats, x: Floats, last: Floats, observed: Floats) -> Floats:
    """Equation 6 of the paper, per user."""
    r, alpha, a, b = parameters
    shape = r + x
    common = gammaln(shape) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    stays = betaln(a, b + x) - shape * np.log(alpha + observed)
    stopped = betaln(a + 1.0, b + np.maximum(x, 1.0) - 1.0) - shape * np.log(alpha + last)
    return np.asarray(common + np.logaddexp(stays, np.where(x > 0, stopped, -np.inf)), dtype=np.float64)


def purchases_of_users(rows: pl.DataFrame, end: int) -> Purchases:
    """The purchases of each user in `rows` (`user_id, login_day`, in order) at the end of day number `end`."""
    sequence_keys(rows)
    days, codes = day_numbers(rows), user_codes(rows)
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    count = np.diff(np.append(first, len(days)))
    begun = days[first]
    last = days[first + count - 1] - begun
    return _as_floats(count - 1, last, end - begun)


def purchases_at_logins(rows: pl.DataFrame) -> Purchases:
    """The purchases known at each login of `rows`: the observation ends with the login."""
    sequence_keys(rows)
    days, codes = day_numbers(rows), user_codes(rows)
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    since = days - days[first][codes]
    return _as_floats(np.arange(len(days)) - first[codes], since, since)


def _as_floats(repeats: NDArray[np.int64], last: NDArray[np.int64], observed: NDArray[np.int64]) -> Purchases:
    return Purchases(*(part.astype(np.float64) for part in (repeats, last, observed)))
