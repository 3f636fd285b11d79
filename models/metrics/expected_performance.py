"""The expected performance of calibrated predictions, before their labels are known.

Confidence-based performance estimation (Białek, Kuberski, Perrakis & Bifet 2024, "Estimating Model
Performance Under Covariate Shift Without Labels"): each row of probability p counts as p churned and 1 - p
returned. Promise: the input is probabilities only. A loss of calibration does not show here, so the
performance on real labels is reported as soon as labels are ripe.
"""

import numpy as np

from models.arrays import Floats


def expected_performance(probability: Floats) -> dict[str, float | None]:
    """`auc`, `log_loss`, `base_rate` to be expected of calibrated `probability`, one per row; null without rows.

    - base rate: mean p; log loss: mean of -(p ln p + (1 - p) ln(1 - p));
    - AUC: area under the curve of summed p against summed 1 - p, rows in falling order of p.
    """
    if not len(probability):
        return {"auc": None, "log_loss": None, "base_rate": None}
    p = np.clip(np.sort(probability)[::-1], 1e-12, 1 - 1e-12)
    ends = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    hits = np.append(0.0, np.cumsum(p)[ends])
    misses = np.append(0.0, np.cumsum(1 - p)[ends])
    area = np.trapezoid(hits, misses) / (hits[-1] * misses[-1])
    entropy = -(p * np.log(p) + (1 - p) * np.log1p(-p))
    return {"auc": float(area), "log_loss": float(entropy.mean()), "base_rate": float(p.mean())}
