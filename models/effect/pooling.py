"""Effects of several groups: drawn towards their common mean, and tested together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control
from statsmodels.stats.meta_analysis import combine_effects

from models.arrays import Floats
from models.effect.estimate import Estimate, estimate_of


@dataclass(frozen=True, slots=True)
class Pooled:
    """`mean`: the mean effect of groups like these. `between`: the standard deviation of true effects between groups.

    `shrunk`: the effect of each group after pooling, in their order.
    """

    mean: Estimate
    between: float
    shrunk: tuple[Estimate, ...]


def partially_pooled(groups: Sequence[Estimate]) -> Pooled | None:
    """The effects of `groups` after partial pooling; None with fewer than two.

    Random effects: the variance between groups is that of Paule & Mandel (1982). The empirical Bayes estimate of a
    group lies between its own and the mean, nearer to the mean the less is known of it. Its interval includes the
    uncertainty of the mean, and not that of the variance between groups.
    """
    if len(groups) < 2:
        return None
    values, variances, between = _parts(groups)
    weights = 1 / (variances + between)
    mean, variance = float(np.sum(weights * values) / np.sum(weights)), float(1 / np.sum(weights))
    centre = estimate_of(mean, variance**0.5)
    return Pooled(centre, between**0.5, _drawn(values, variances, between, centre))


def pooled_towards(groups: Sequence[Estimate], centre: Estimate) -> tuple[Estimate, ...]:
    """The effects of two or more `groups`, drawn towards a `centre` that is known from more than them.

    As in `partially_pooled`, with `centre` in place of the mean.
    """
    return _drawn(*_parts(groups), centre)


def _parts(groups: Sequence[Estimate]) -> tuple[Floats, Floats, float]:
    """The values, their variances, and the variance between groups."""
    values = np.array([one.value for one in groups])
    variances = np.array([max(one.standard_error, 1e-9) ** 2 for one in groups])
    combined = combine_effects(values, variances, method_re="iterated")
    return values, variances, max(float(combined.tau2), 0.0)


def _drawn(values: Floats, variances: Floats, between: float, centre: Estimate) -> tuple[Estimate, ...]:
    own = between / (between + variances)
    shrunk = own * values + (1 - own) * centre.value
    errors = np.sqrt(own * variances + (1 - own) ** 2 * centre.standard_error**2)
    return tuple(estimate_of(float(value), float(error)) for value, error in zip(shrunk, errors, strict=True))


def false_discovery_rates(groups: Sequence[Estimate]) -> list[float]:
    """The p-value of each group, adjusted for their number (Benjamini & Hochberg 1995).

    Of the groups with at most 0.05 at most one in twenty has no effect, on average.
    """
    if not groups:
        return []
    return [float(value) for value in false_discovery_control([one.p_value for one in groups])]
