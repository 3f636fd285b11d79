"""Net promoter score: the share of promoters (9 and 10) less that of detractors (0 to 6), of each user's last answer.

Source: Reichheld 2003, "The One Number You Need to Grow", Harvard Business Review 81.
"""

import numpy as np
import polars as pl

from models.arrays import Floats
from models.business.groups import Members, Totals
from models.business.periods import Periods

ANSWER_DAYS = 90


def nps_totals(periods: Periods, members: Members, answers: pl.DataFrame) -> Totals:
    """`answered, promoters, detractors`, by each user's last answer in the 90 days up to a period's end.

    `answers`: `user, day, score`, sorted by user and day; days are numbered.
    """
    parts = []
    for period, end in enumerate(periods.ends):
        known = answers.filter(pl.col("day").is_between(int(end) - ANSWER_DAYS + 1, int(end)))
        last = known.group_by("user").agg(pl.col("score").last())
        parts.append(last.with_columns(period=pl.lit(period, pl.Int64)))
    rows = pl.concat(parts).with_columns(
        answered=pl.lit(1, pl.Int64),
        promoters=(pl.col("score") >= 9).cast(pl.Int64),
        detractors=(pl.col("score") <= 6).cast(pl.Int64),
    )
    return members.summed(rows, ("answered", "promoters", "detractors"), len(periods))


def nps_error(answered: Floats, promoters: Floats, detractors: Floats) -> Floats:
    """The standard error of the score, in points: 100 √((p + d - (p - d)²) / n)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        p, d = promoters / answered, detractors / answered
        return 100 * np.sqrt((p + d - (p - d) ** 2) / answered)
