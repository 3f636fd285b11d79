"""How a user stands on the list: the quadrant of risk and value, and the lead score."""

import numpy as np
import polars as pl
from scipy.stats import rankdata

_QUADRANTS = {
    (True, True): "save_now",
    (False, True): "keep_warm",
    (False, False): "nurture",
    (True, False): "let_go",
}
"""By at risk, and worth much."""


def with_standing(listed: pl.DataFrame) -> pl.DataFrame:
    """`listed` with `quadrant` and `lead_score`; null where the expected revenue or profit is not known.

    At risk is a user of medium or high `risk_band`; worth much is one whose `expected_revenue` is at least the median
    of the users who are expected to pay. `lead_score`: the percentile, 0 to 100, of `expected_profit` among the users
    who have one; users with equal profits share the middle of their ranks.
    """
    payers = listed.filter(pl.col("expected_revenue") > 0)["expected_revenue"]
    at_risk, much = (
        pl.col("risk_band") != "low",
        pl.col("expected_revenue") >= pl.lit(payers.median(), pl.Float64),
    )
    quadrant = pl.coalesce(
        pl.when((at_risk == risky) & (much.fill_null(value=False) == worth)).then(pl.lit(name))
        for (risky, worth), name in _QUADRANTS.items()
    )
    profit = listed["expected_profit"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    known = np.isfinite(profit)
    score = np.full(len(profit), np.nan)
    if known.any():
        score[known] = 100 * (rankdata(profit[known]) - 0.5) / known.sum()
    return listed.with_columns(
        pl.when(pl.col("expected_revenue").is_not_null()).then(quadrant).alias("quadrant"),
        pl.Series("lead_score", score).fill_nan(None).round(1),
    )
