"""The expected performance of calibrated predictions, before their labels are known, and whether it came true.

Confidence-based performance estimation (Białek, Kuberski, Perrakis & Bifet 2024, "Estimating Model
Performance Under Covariate Shift Without Labels"): each row of probability p counts as p churned and 1 - p
returned. Promise: the expectation uses probabilities only. A loss of calibration does not show in it, so the
performance on real labels is reported as soon as labels are ripe.
"""

import numpy as np
import polars as pl

from models.arrays import Floats
from models.metrics.bootstrap import Bootstrap, Interval, interval_of, resampled, user_codes
from models.metrics.quality import Ranked, ranked, weighted_auc

EXPECTED = ("auc", "log_loss", "base_rate")


def expected_performance(users: pl.Series, probability: Floats, bootstrap: Bootstrap) -> dict[str, Interval]:
    """The `EXPECTED` figures of calibrated `probability`, one per row, with 95 % intervals by resampling `users`.

    - base rate: mean p; log loss: mean of -(p ln p + (1 - p) ln(1 - p));
    - AUC: area under the curve of summed p against summed 1 - p, rows in falling order of p.

    Without rows all values are None.
    """
    if not len(probability):
        return dict.fromkeys(EXPECTED, Interval())
    rows = ranked(probability, probability)
    user = user_codes(users)[rows.order]
    draws = np.array([_figures(rows, times[user]) for times in resampled(user, bootstrap)])
    return _intervals(_figures(rows, np.ones(len(user))), draws)


def expected_and_observed(
    users: pl.Series, churned: Floats, probability: Floats, bootstrap: Bootstrap
) -> dict[str, dict[str, Interval]]:
    """Of each of the `EXPECTED` figures: `expected`, `observed` on the labels `churned`, and their `difference`.

    Arguments are one entry per row. The difference is observed less expected, on the same resamplings of users: the
    expectation came true if its interval holds 0. What has no value, such as the observed AUC of one class, is None.
    """
    if not len(probability):
        return {name: dict.fromkeys(("expected", "observed", "difference"), Interval()) for name in EXPECTED}
    expected, observed = ranked(probability, probability), ranked(churned, probability)
    user = user_codes(users)[expected.order]

    def both(weight: Floats) -> Floats:
        return np.array([_figures(expected, weight), _figures(observed, weight)])

    values = both(np.ones(len(user)))
    draws = np.array([both(times[user]) for times in resampled(user, bootstrap)])
    parts = {
        "expected": _intervals(values[0], draws[:, 0]),
        "observed": _intervals(values[1], draws[:, 1]),
        "difference": _intervals(values[1] - values[0], draws[:, 1] - draws[:, 0]),
    }
    return {name: {part: intervals[name] for part, intervals in parts.items()} for name in EXPECTED}


def _figures(rows: Ranked, weight: Floats) -> Floats:
    """The `EXPECTED` figures; `weight` by rank. Outcomes may be probabilities: a row then counts in both classes."""
    total = np.sum(weight)
    log_loss, base_rate = np.sum(weight * rows.log_loss) / total, np.sum(weight * rows.churned) / total
    return np.array([weighted_auc(rows, weight), log_loss, base_rate])


def _intervals(values: Floats, draws: Floats) -> dict[str, Interval]:
    return {name: interval_of(values[i], draws[:, i]) for i, name in enumerate(EXPECTED)}
