"""Gamma-Gamma: the mean value of a user's payments, drawn towards that of all users.

Fader & Hardie (2013), "The Gamma-Gamma model of monetary value". A payment is gamma distributed with shape p and a
rate of the user, and the rates are gamma distributed with shape q and rate gamma. Promise: three parameters are
fitted, and only the number and the mean of the payments so far are known of a user.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from models.arrays import Floats
from models.thinning import step_to_at_most

_MOST_USERS = 30_000
_WIDEST = 10.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The fitted model; `gamma` is in the currency of the fitted means."""

    p: float
    q: float
    gamma: float

    def mean_payment(self, payments: Floats, mean: Floats) -> Floats:
        """The expected value of a further payment, from the number and the mean of those so far (equation 5)."""
        value = self.p * (self.gamma + payments * mean) / (self.p * payments + self.q - 1.0)
        return np.asarray(value, dtype=np.float64)


def fit_gamma_gamma(payments: Floats, mean: Floats) -> GammaGamma:
    """Maximum likelihood over users with a payment, of positive mean. Of more than 30,000 every n-th is used.

    q stays above 1, so that the mean over all users is finite.
    """
    step = step_to_at_most(len(payments), _MOST_USERS)
    x, z = payments[::step], mean[::step]
    unit = float(np.median(z))
    z = z / unit

    def loss(logs: Floats) -> float:
        p, beyond, gamma = np.exp(logs)
        q = 1.0 + beyond
        likelihood = (
            gammaln(p * x + q)
            - gammaln(p * x)
            - gammaln(q)
            + q * np.log(gamma)
            + (p * x - 1.0) * np.log(z)
            + p * x * np.log(x)
            - (p * x + q) * np.log(gamma + x * z)
        )
        return -float(np.mean(likelihood))

    fit = minimize(loss, np.zeros(3), method="L-BFGS-B", bounds=[(-_WIDEST, _WIDEST)] * 3)
    p, beyond, gamma = np.exp(fit.x).tolist()
    return GammaGamma(p, 1.0 + beyond, gamma * unit)
