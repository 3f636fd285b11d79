"""What turns rows into log-odds before calibration: a booster, or a logistic regression on a small log."""

import lightgbm as lgb
import polars as pl

from models.arrays import Floats
from models.learning.booster import log_odds as booster_log_odds
from models.learning.linear import Linear

Scorer = lgb.Booster | Linear


def log_odds(scorer: Scorer, rows: pl.DataFrame, threads: int) -> Floats:
    """(rows,) uncalibrated log-odds of churn. Raises DataError when `rows` lacks a feature."""
    if isinstance(scorer, Linear):
        return scorer.log_odds(rows)
    return booster_log_odds(scorer, rows, scorer.feature_name(), threads)


def text_of(scorer: Scorer) -> str:
    """The scorer as text, the same for equal scorers."""
    return scorer.as_text() if isinstance(scorer, Linear) else str(scorer.model_to_string())
