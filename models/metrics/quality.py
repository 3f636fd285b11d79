"""Qualities of predicted probabilities, with weights, from one sort.

Promise: with all weights 1 the values are scikit-learn's. A weighted value is that of a sample in which each row
occurs as often as its weight says. The bootstrap needs that, without drawing rows.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import isotonic_regression

from models.arrays import Floats, Ints

QUALITIES = (
    "auc", "average_precision", "log_loss", "brier", "calibration_error", "lift_at_10pct", "lift_at_5pct",
    "lift_at_20pct", "ks",
)  # fmt: skip
_BINS = 10
_TOPS = (0.1, 0.05, 0.2)  # the lifts, in the order of their names
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Predictions in falling order, and the arrays that all resamplings share."""

    order: Ints  # row of each rank
    churned: Floats  # by rank, as are the rest
    probability: Floats
    log_loss: Floats
    square: Floats
    residual: Floats  # predicted less observed
    bins: Ints  # first rank of each equal-mass bin
    ends: Ints  # last rank of each run of equal probabilities


def ranked(churned: Floats, probability: Floats) -> Ranked:
    """`churned` (0.0 or 1.0) and `probability` of each row, put in order once."""
    order = np.argsort(-probability, kind="stable")
    y, p = churned[order], probability[order]
    ends = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    return Ranked(
        order=order,
        churned=y,
        probability=p,
        log_loss=log_losses(y, p),
        square=(p - y) ** 2,
        residual=p - y,
        bins=np.unique(np.arange(_BINS) * len(p) // _BINS),
        ends=ends,
    )


def log_losses(churned: Floats, probability: Floats) -> Floats:
    """(rows,) the log loss of each row; probabilities of 0 and 1 are moved inwards by 2e-16, as scikit-learn does."""
    inside = np.clip(probability, _TINY, 1 - _TINY)
    return np.asarray(-(churned * np.log(inside) + (1 - churned) * np.log1p(-inside)), dtype=np.float64)


def weighted_auc(rows: Ranked, weight: Floats) -> float:
    """Area under the ROC curve; `weight` by rank. NaN when a class has no weight."""
    hits, total = _cumulated(rows, weight)
    misses = total - hits
    return _auc(hits, misses)


def weighted_qualities(rows: Ranked, weight: Floats) -> Floats:
    """The `QUALITIES` in their order; `weight` by rank. NaN when a class has no weight.

    - `average_precision`: the mean precision at each churned row, as scikit-learn has it.
    - `calibration_error`: expected calibration error (Guo et al. 2017) with 10 bins of equal mass: the
      mean distance of predicted and observed share of churn. The bins are those of the unweighted rows. This is the
      plug-in value, which noise makes too large; `calibration_error.without_noise` removes the bias.
    - `lift_at_10pct`, `_5pct`, `_20pct`: share of churn in the 10 % of highest risk divided by that of all rows;
      for ties at the border the mean over all orders.
    - `ks`: Kolmogorov-Smirnov distance of the probabilities of churned and other rows.
    """
    hits, total = _cumulated(rows, weight)
    all_hits, all_rows = hits[-1], total[-1]
    if not 0 < all_hits < all_rows:
        return np.full(len(QUALITIES), np.nan)
    precision = np.divide(hits, total, out=np.zeros_like(hits), where=total > 0)
    average_precision = np.sum(np.diff(hits, prepend=0.0) * precision) / all_hits
    misses, all_misses = total - hits, all_rows - all_hits
    tops = np.interp(np.array(_TOPS) * all_rows, np.append(0.0, total), np.append(0.0, hits))
    return np.array(
        [
            _auc(hits, misses),
            average_precision,
            np.sum(weight * rows.log_loss) / all_rows,
            np.sum(weight * rows.square) / all_rows,
            np.sum(np.abs(bin_residuals(rows, weight))),
            *(top / (share * all_hits) for share, top in zip(_TOPS, tops, strict=True)),
            np.max(np.abs(hits / all_hits - misses / all_misses)),
        ]
    )


def bin_residuals(rows: Ranked, weight: Floats) -> Floats:
    """(bins,) predicted less observed churn of each bin, as a share of all rows; `weight` by rank.

    The plug-in calibration error is the sum of their absolute values.
    """
    return np.asarray(np.add.reduceat(weight * rows.residual, rows.bins) / np.sum(weight))


def brier_parts(churned: Floats, probability: Floats) -> dict[str, float]:
    """`reliability`, `resolution`, `uncertainty`: the Brier score is the first less the second plus the third.

    Murphy's decomposition in the form of Dimitriadis, Gneiting & Jordan (2021): isotonic regression replaces the
    bins, so the terms add up exactly. Reliability (0 is best) is the possible gain by recalibration, resolution the
    information in the ranking, uncertainty the variance of the labels. Isotonic regression is fitted on the same
    rows, so reliability is never quite 0.
    """
    order = np.argsort(probability, kind="stable")
    y, p = churned[order], probability[order]
    ends = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    size = np.diff(ends, prepend=-1).astype(np.float64)
    share = np.diff(np.cumsum(y)[ends], prepend=0.0) / size
    recalibrated = np.repeat(isotonic_regression(share, sample_weight=size), size.astype(np.int64))
    score, best, base = (float(np.mean((known - y) ** 2)) for known in (p, recalibrated, y.mean()))
    return {"reliability": score - best, "resolution": base - best, "uncertainty": base}


def _cumulated(rows: Ranked, weight: Floats) -> tuple[Floats, Floats]:
    """Weight of churned rows, and of all, down to the last rank of each run."""
    return np.cumsum(weight * rows.churned)[rows.ends], np.cumsum(weight)[rows.ends]


def _auc(hits: Floats, misses: Floats) -> float:
    if hits[-1] <= 0 or misses[-1] <= 0:
        return float("nan")
    below = np.append(0.0, hits[:-1]) + hits
    area = np.sum(np.diff(misses, prepend=0.0) * below) / 2
    return float(area / (hits[-1] * misses[-1]))


def auc(churned: Floats, score: Floats) -> float:
    """Area under the ROC curve of unweighted rows. NaN when there is one class only."""
    rows = ranked(churned, score)
    return weighted_auc(rows, np.ones(len(churned)))
