"""Are the arms what was drawn, and what effect could they show?

The sample-ratio test is the one of Fabijan et al. 2019; the smallest effect is that of two shares, with 80 % power at
5 % significance.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.stats import chi2, norm

from models.arrays import Floats

SURELY_WRONG = 0.001
"""Below this probability the arms are not what was drawn."""
_Z = float(norm.ppf(0.975) + norm.ppf(0.8))


@dataclass(frozen=True, slots=True)
class Power:
    """`smallest_effect`: the smallest difference of the shares of churn that the arms would show; None: no arm.

    `needed`: episodes with which an effect of `wanted` would show, with the share held out as it is, and with half held
    out.
    """

    smallest_effect: float | None
    wanted: float
    needed: int
    needed_by_half: int


def sample_ratio(contacts: int, held_out: int, share: float) -> float | None:
    """The probability of arms as far from the drawn `share` of holdouts; None without episodes or with one arm."""
    total = contacts + held_out
    if not total or not 0 < share < 1:
        return None
    due = share * total, (1 - share) * total
    distance = (held_out - due[0]) ** 2 / due[0] + (contacts - due[1]) ** 2 / due[1]
    return float(chi2.sf(distance, df=1))


def power(contacts: int, held_out: int, churn_share: float, share: float, wanted: float = 0.02) -> Power:
    """The power of arms of these sizes when `churn_share` of the held out churn. `share`: of the holdout."""
    variance = churn_share * (1 - churn_share)
    smallest = _Z * sqrt(variance * (1 / contacts + 1 / held_out)) if contacts and held_out else None
    return Power(smallest, wanted, _needed(variance, share, wanted), _needed(variance, 0.5, wanted))


def _needed(variance: float, share: float, wanted: float) -> int:
    if not 0 < share < 1:
        return 0
    return ceil(_Z**2 * variance * (1 / share + 1 / (1 - share)) / wanted**2)


def balance(covariates: Floats, held_out: Floats) -> float | None:
    """The probability of means as different as those of the two arms, of all covariates jointly (Hotelling's T²).

    `covariates`: (episodes, covariates), `held_out`: (episodes,) 1.0 or 0.0. The large-sample χ² of the differences,
    with the pooled covariance. None when an arm has fewer than two episodes more than covariates.
    """
    held, others = covariates[held_out == 1], covariates[held_out != 1]
    if min(len(held), len(others)) < covariates.shape[1] + 2:
        return None
    difference = held.mean(axis=0) - others.mean(axis=0)
    centred = np.vstack([held - held.mean(axis=0), others - others.mean(axis=0)])
    pooled = centred.T @ centred / (len(covariates) - 2)
    scale = 1 / len(held) + 1 / len(others)
    inverse, rank = np.linalg.pinv(pooled * scale), int(np.linalg.matrix_rank(pooled))
    return float(chi2.sf(difference @ inverse @ difference, df=rank)) if rank else None
