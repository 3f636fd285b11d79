"""The results of decisions by probability: above a threshold, up to a capacity, by tenths.

Promise: the input is rows, not a model, so baselines are evaluated the same way.
"""

import numpy as np
import polars as pl

from models.arrays import Floats

_THRESHOLDS = np.arange(1, 20) / 20
_TENTHS = 10


def by_threshold(churned: Floats, probability: Floats) -> pl.DataFrame:
    """`threshold` 0.05 to 0.95, `contacted_share` of the rows at or above it, `precision` (null when there is
    none) and `recall`; `churned`: 0.0 or 1.0, with both classes.
    """
    order = np.argsort(probability)
    above = np.append(np.cumsum(churned[order][::-1])[::-1], 0.0)
    at = np.searchsorted(probability[order], _THRESHOLDS)
    contacted, hits = (len(churned) - at).astype(np.float64), above[at]
    precision = np.divide(hits, contacted, out=np.full(len(at), np.nan), where=contacted > 0)
    return pl.DataFrame(
        {
            "threshold": _THRESHOLDS,
            "contacted_share": contacted / len(churned),
            "precision": pl.Series(precision).fill_nan(None),
            "recall": hits / churned.sum(),
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
    """The results of contacting `most_users` users of the period, each at the login with the highest probability.

    `threshold`: the probability of the last user contacted; `precision`: the share of contacted users whose login
    churned; `recall`: the contacted share of the users with any churned login (null when there is none); `lift`:
    precision divided by that of contacting everyone (null likewise).
    """
    rows = pl.DataFrame({"user": users, "churned": churned, "probability": probability})
    each = (
        rows.sort("probability", descending=True, maintain_order=True)
        .group_by("user", maintain_order=True)
        .agg(pl.col("churned").first(), pl.col("probability").first(), leaves=pl.col("churned").max())
    )
    contacted = each.head(most_users)
    hits, everyone, leaving = (
        float(column.sum()) for column in (contacted["churned"], each["churned"], each["leaves"])
    )
    return {
        "users": each.height,
        "contacted_users": contacted.height,
        "threshold": float(contacted["probability"][-1]),
        "precision": hits / contacted.height,
        "recall": hits / leaving if leaving else None,
        "lift": (hits / contacted.height) / (everyone / each.height) if everyone else None,
    }
