"""What turns rows into log-odds before calibration: a booster, a logistic regression, or both blended."""

import json
from dataclasses import dataclass

import lightgbm as lgb
import polars as pl

from models.arrays import Floats
from models.learning.booster import log_odds as booster_log_odds
from models.learning.linear import Linear

_OF_TREES = 0.7
"""The share of the trees in a blend. Of 0.3, 0.5 and 0.7 it has the lowest log loss at the inner origins of two of
three public logs; on the third 0.5 is lower by 0.0005."""


@dataclass(frozen=True, slots=True)
class Blend:
    """The weighted mean of the log-odds of trees and of a regression, whose errors differ."""

    booster: lgb.Booster
    linear: Linear


Single = lgb.Booster | Linear
Scorer = Single | Blend


def blended(of_trees: Floats, of_linear: Floats) -> Floats:
    """The log-odds of a blend from those of its parts."""
    return _OF_TREES * of_trees + (1 - _OF_TREES) * of_linear


def parts(scorer: Scorer) -> tuple[tuple[float, Single], ...]:
    """What the scorer is made of, each part with its share in the log-odds."""
    if isinstance(scorer, Blend):
        return (_OF_TREES, scorer.booster), (1 - _OF_TREES, scorer.linear)
    return ((1.0, scorer),)


def log_odds(scorer: Scorer, rows: pl.DataFrame, threads: int) -> Floats:
    """(rows,) uncalibrated log-odds of churn. Raises DataError when `rows` lacks a feature."""
    if isinstance(scorer, Blend):
        return blended(log_odds(scorer.booster, rows, threads), scorer.linear.log_odds(rows))
    if isinstance(scorer, Linear):
        return scorer.log_odds(rows)
    return booster_log_odds(scorer, rows, scorer.feature_name(), threads)


def text_of(scorer: Scorer) -> str:
    """The scorer as text, the same for equal scorers."""
    if isinstance(scorer, Blend):
        return json.dumps([text_of(part) for _, part in parts(scorer)])
    return scorer.as_text() if isinstance(scorer, Linear) else str(scorer.model_to_string())
