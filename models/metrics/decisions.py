"""What follows from acting on the probabilities: above a threshold, up to a capacity, by tenths.

Promise: rows only, no model: every baseline can be asked the same.
"""

import numpy as np
import polars as pl

from models.arrays import Floats

_THRESHOLDS = np.arange(1, 20) / 20
_TENTHS = 10


def by_threshold(churned: Floats, probability: Floats) -> pl.DataFrame:
    """`threshold` 0.05 to 0.95, `contacted_share` of the rows at or above it, `precision` (null when there is
    none) and `recall`; `churned`: 0.0 or 1.0, both there.
    """
    order = np.argsort(probability)
    above = np.append(np.cumsum(churned[order][::-1])[::-1], 0.0)
    at = np.searchsorted(probability[order], _THRESHOLDS)
    contacted, found = (len(churned) - at).astype(np.float64), above[at]
    precision = np.divide(found, contacted, out=np.full(len(at), np.nan), where=contacted > 0)
    return pl.DataFrame(
        {
            "threshold": _THRESHOLDS,
            "contacted_share": contacted / len(churned),
            "precision": pl.Series(precision).fill_nan(None),
            "recall": found / churned.sum(),
        }
    )


def by_tenth(churned: Floats, probability: Floats) -> pl.DataFrame:
    """The gains table: per tenth of the rows, most at risk first, `tenth`, `rows`, `predicted` and `observed` share
    of churn, its `lift` over that of all, and `found_share` of the churned rows down to here.

    With fewer than ten rows there are fewer tenths. Ties keep the rows' order.
    """
    order = np.argsort(-probability, kind="stable")
    tenth = np.arange(len(order)) * _TENTHS // len(order) + 1
    ranked = pl.DataFrame({"tenth": tenth, "churned": churned[order], "probability": probability[order]})
    return (
        ranked.group_by("tenth", maintain_order=True)
        .agg(
            rows=pl.len(),
            predicted=pl.col("probability").mean(),
            observed=pl.col("churned").mean(),
            lift=pl.col("churned").mean() / churned.mean(),
            found_share=pl.col("churned").sum() / churned.sum(),
        )
        .with_columns(pl.col("found_share").cum_sum())
    )


def at_capacity(
    users: pl.Series, churned: Floats, probability: Floats, *, most_users: int
) -> dict[str, float | int | None]:
    """What contacting `most_users` users of the period gives, each at the login with the highest probability.

    `threshold`: the probability of the last one contacted; `precision`: share of them for whom that login churned;
    `recall`: share found so of the users with any churned login (null when there is none); `lift`: precision
    against the same share when everyone is contacted (null likewise).
    """
    rows = pl.DataFrame({"user": users, "churned": churned, "probability": probability})
    each = (
        rows.sort("probability", descending=True, maintain_order=True)
        .group_by("user", maintain_order=True)
        .agg(pl.col("churned").first(), pl.col("probability").first(), leaves=pl.col("churned").max())
    )
    contacted = each.head(most_users)
    found, everyone, leaving = (
        float(column.sum()) for column in (contacted["churned"], each["churned"], each["leaves"])
    )
    return {
        "users": each.height,
        "contacted_users": contacted.height,
        "threshold": float(contacted["probability"][-1]),
        "precision": found / contacted.height,
        "recall": found / leaving if leaving else None,
        "lift": (found / contacted.height) / (everyone / each.height) if everyone else None,
    }
