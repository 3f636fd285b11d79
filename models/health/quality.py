"""Whether engagement foretells return: against the best simple rule, and by tenths of engagement."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from models.health.engagement import Reference, engagement
from models.metrics.quality import auc
from models.rows import labels

_TENTHS = 10
_LEAST_ROWS = 200


def engagement_quality(
    rows: pl.DataFrame, reference: Reference | None, rules: Mapping[str, int]
) -> dict[str, Any]:
    """How well little engagement foretells churn on the login rows `rows`, and how well simple rules do.

    `rules`: features, each with 1 if much of it speaks for churn, -1 if little does; those that the rows lack do not
    count. `auc`: of -engagement; `best_rule`, `rule_auc`: the best of the rules on the same rows. `tenths`: the share
    of churn by tenth of engagement, the lowest first; `falls`: in how many of the nine steps it falls or stays;
    `order`: Spearman's rank correlation of tenth and share, -1 if it always falls. `because` says why there is none.
    """
    if reference is None:
        return {"because": "the log has none of its components"}
    known = rows.with_columns(engagement(rows, reference)).drop_nulls("engagement")
    churned = labels(known)
    if known.height < _LEAST_ROWS or churned.min() == churned.max():
        return {"because": f"fewer than {_LEAST_ROWS} rows of users with three logins, or one outcome only"}
    value = known["engagement"].to_numpy()
    of_rules = {
        name: float(auc(churned, sign * known[name].cast(pl.Float64).fill_nan(0.0).to_numpy()))
        for name, sign in rules.items()
        if name in known.columns
    }
    best = max(of_rules, key=lambda name: of_rules[name], default=None)
    tenths = _tenths(value, churned)
    return {
        "rows": known.height,
        "auc": float(auc(churned, -value)),
        "best_rule": best,
        "rule_auc": None if best is None else of_rules[best],
        "rules": of_rules,
        "tenths": tenths,
        "falls": int((np.diff(tenths) <= 0).sum()),
        "order": _order(tenths),
        "weights": {one.name: one.weight for one in reference.components},
    }


def _tenths(value: np.ndarray, churned: np.ndarray) -> list[float]:
    order = np.argsort(value, kind="stable")
    return [float(part.mean()) for part in np.array_split(churned[order], _TENTHS)]


def _order(tenths: Sequence[float]) -> float | None:
    if min(tenths) == max(tenths):
        return None
    return float(spearmanr(range(_TENTHS), tenths).statistic)
