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
    list_day: pl.Series,
    churned: Floats,
    probability: Floats,
    *,
    share: float,
    most_users: int | None = None,
) -> dict[str, float | int | None]:
    """The results of contacting the users with the highest probability of each list, all lists pooled.

    Arguments are one entry per listed user and list. Of each `list_day` at most `most_users` users are contacted, or
    `share` of the list's users if `most_users` is None: the nearest whole number, at least one. Ties keep the rows'
    order. The result holds:

    - `contacted`: users contacted, each once per list.
    - `precision`: the share of them that churned; None without rows.
    - `recall`: the contacted share of the churned users of all lists; None if nobody churned.
    - `lift`: precision divided by the share of all listed users that churned; None likewise.
    """
    rows = pl.DataFrame({"list_day": list_day, "churned": churned, "probability": probability})
    most = (pl.len() * share).round().clip(lower_bound=1) if most_users is None else pl.lit(most_users)
    ranked = rows.sort("probability", descending=True, maintain_order=True)
    chosen = ranked.filter((pl.int_range(pl.len()) < most).over("list_day"))["churned"]
    hits, leaving = float(chosen.sum()), float(churned.sum())
    return {
        "contacted": chosen.len(),
        "precision": hits / chosen.len() if chosen.len() else None,
        "recall": hits / leaving if leaving else None,
        "lift": (hits / chosen.len()) / (leaving / rows.height) if leaving else None,
    }
