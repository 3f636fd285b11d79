"""The four curves of a classifier as small tables of at most 200 points each."""

import numpy as np
import polars as pl

from models.arrays import Floats
from models.metrics.quality import Ranked, ranked

MOST_POINTS = 200


def curves(churned: Floats, probability: Floats) -> dict[str, pl.DataFrame]:
    """Tables by name, from `churned` (0.0 or 1.0) and `probability` of rows of both classes.

    - `roc`: `false_positive_rate`, `true_positive_rate`
    - `precision_recall`: `recall`, `precision`
    - `reliability`: `predicted`, `observed` share of churn and `rows` of 10 bins of equal mass
    - `gains`: `contacted_share` of the rows, most at risk first, and `found_share` of those that churn
    """
    rows = ranked(churned, probability)
    total = (rows.ends + 1).astype(np.float64)
    hits = np.cumsum(rows.churned)[rows.ends]
    all_hits, all_rows = hits[-1], total[-1]
    at = np.unique(np.linspace(0, len(total) - 1, MOST_POINTS - 1).astype(np.int64))
    hits, total = hits[at], total[at]
    recall = np.append(0.0, hits / all_hits)
    alarms = np.append(0.0, (total - hits) / (all_rows - all_hits))
    return {
        "roc": pl.DataFrame({"false_positive_rate": alarms, "true_positive_rate": recall}),
        "precision_recall": pl.DataFrame({"recall": hits / all_hits, "precision": hits / total}),
        "reliability": _reliability(rows),
        "gains": pl.DataFrame({"contacted_share": np.append(0.0, total / all_rows), "found_share": recall}),
    }


def _reliability(rows: Ranked) -> pl.DataFrame:
    size = np.diff(np.append(rows.bins, len(rows.order)))
    means = {
        "predicted": np.add.reduceat(rows.probability, rows.bins) / size,
        "observed": np.add.reduceat(rows.churned, rows.bins) / size,
    }
    return pl.DataFrame(means | {"rows": size}).reverse()
