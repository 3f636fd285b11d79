"""An estimated effect with its uncertainty, and the effect of a contact by regression.

Promise: a positive effect means that the outcome is larger among those contacted.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t
from statsmodels.regression.linear_model import OLS, WLS

from models.arrays import Floats, Ints

_ROWS_PER_COVARIATE = 10
_LEAST_OF_VALUE = 5
"""Each value of a covariate with two values has this number of episodes in each arm, or the covariate is left out."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` with its standard error, the 95 % interval, and the probability of such a value without an effect."""

    value: float
    standard_error: float
    low: float
    high: float
    p_value: float

    def scaled(self, factor: float) -> "Estimate":
        """The same effect in another unit; a negative factor turns it round."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, self.standard_error * abs(factor), low, high, self.p_value)

    def shifted(self, by: float) -> "Estimate":
        """The estimate with a known number added. `p_value` becomes that of the sum."""
        value = self.value + by
        p_value = estimate_of(value, self.standard_error).p_value
        return Estimate(value, self.standard_error, self.low + by, self.high + by, p_value)


def estimate_of(value: float, standard_error: float, freedom: float = np.inf) -> Estimate:
    """The estimate with a t interval of `freedom` degrees; infinite: a normal one."""
    half = float(t.ppf(0.975, freedom)) * standard_error
    certain = 0.0 if value else 1.0
    p_value = float(2 * t.sf(abs(value) / standard_error, freedom)) if standard_error > 0 else certain
    return Estimate(float(value), float(standard_error), float(value - half), float(value + half), p_value)


@dataclass(frozen=True, slots=True)
class Trial:
    """The episodes of an experiment, one entry for each.

    `contacted`: 1.0 in the arm that is to be contacted, else 0.0. `covariates`: (episodes, covariates), known before
    the arm was drawn. `users`: codes of the users. `share`: of the holdout when the arm was drawn.
    """

    contacted: Floats
    covariates: Floats
    users: Ints
    share: Floats

    def part(self, rows: np.typing.NDArray[np.bool_]) -> "Trial":
        """The episodes of `rows`."""
        return Trial(self.contacted[rows], self.covariates[rows], self.users[rows], self.share[rows])

    @property
    def arms(self) -> tuple[int, int]:
        """The number of episodes in the arms contact and holdout."""
        contacts = int(self.contacted.sum())
        return contacts, len(self.contacted) - contacts

    @property
    def one_share(self) -> bool:
        """Whether all arms were drawn with the same share of holdouts."""
        return len(self.share) == 0 or bool(np.ptp(self.share) < 1e-9)

    @property
    def one_episode_a_user(self) -> bool:
        """Whether no user occurs twice."""
        return len(np.unique(self.users)) == len(self.users)


def regression_effect(outcome: Floats, trial: Trial, *, adjusted: bool = True) -> Estimate | None:
    """The mean effect of the arm contact on `outcome` (episodes,), intention to treat; None if an arm has below 2.

    Lin (2013): outcome ~ T + X + T X with centred covariates X, which is unbiased in large samples whatever the true
    form, and no less precise than the plain difference. HC2 standard errors if each user has one episode, otherwise
    clustered by user. If the share of the holdout differs between episodes, each episode counts by the inverse of the
    probability of its arm. Covariates that an arm is too small for are left out, the last ones first. Not `adjusted`:
    all of them.
    """
    if min(trial.arms) < 2:
        return None
    covariates = _usable(trial) if adjusted else trial.covariates[:, :0]
    centred = covariates - covariates.mean(axis=0)
    arm = trial.contacted[:, None]
    design = np.hstack([np.ones_like(arm), arm, centred, arm * centred])
    if trial.one_share:
        model = OLS(outcome, design)
    else:
        model = WLS(outcome, design, weights=1 / np.where(trial.contacted == 1, 1 - trial.share, trial.share))
    if trial.one_episode_a_user:
        fitted = model.fit(cov_type="HC2")
    else:
        fitted = model.fit(cov_type="cluster", cov_kwds={"groups": trial.users})
    freedom = len(np.unique(trial.users)) - design.shape[1]
    variance = max(
        float(fitted.cov_params()[1, 1]), 0.0
    )  # of an outcome without noise, rounding may be below 0
    return estimate_of(float(fitted.params[1]), variance**0.5, max(freedom, 1))


def _usable(trial: Trial) -> Floats:
    """The covariates that vary enough in both arms, as many as the smaller arm carries."""
    arms = [trial.covariates[trial.contacted == arm] for arm in (0.0, 1.0)]
    good = [at for at in range(trial.covariates.shape[1]) if all(_varies(arm[:, at]) for arm in arms)]
    return trial.covariates[:, good[: min(trial.arms) // _ROWS_PER_COVARIATE]]


def _varies(values: Floats) -> bool:
    found, counts = np.unique(values, return_counts=True)
    return len(found) > 2 or (len(found) == 2 and int(counts.min()) >= _LEAST_OF_VALUE)
