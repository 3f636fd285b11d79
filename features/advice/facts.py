"""The facts about a user that a condition may name, and their types.

Promise: the names are the same for every log. A fact that a log does not tell is null, so a file of plays that is valid
for one log is valid for all. No fact depends on the choice that is made from it.
"""

from collections.abc import Mapping

import polars as pl

FACTS: Mapping[str, pl.DataType] = {
    "cause": pl.String(),
    "risk_band": pl.String(),
    "population": pl.String(),
    "login_number": pl.Int64(),
    "silent_days": pl.Int64(),
    "evidence": pl.String(),
    "score_last": pl.Float64(),
    "nps_group": pl.String(),
    "request_open": pl.Boolean(),
    "request_waits_days": pl.Float64(),
    "days_since_answer": pl.Float64(),
    "days_since_goal": pl.Float64(),
    "days_away_before": pl.Float64(),
    "away_before": pl.String(),
    "only_refunded": pl.Boolean(),
    "subscription_running": pl.Boolean(),
    "plan": pl.String(),
    "country": pl.String(),
    "segment": pl.Int64(),
    "segment_text": pl.String(),
    "style": pl.String(),
    "play_style": pl.String(),
}
CHOSEN = ("action", "rank", "expected_profit", "arm", "play", "next_step", "excluded_by", "duty")
"""Columns of a list that follow from the choice of a play: no condition may name them."""
PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"
"""The values of `nps_group`, by the last score of 0 to 10."""
_PROMOTER_FROM, _DETRACTOR_UP_TO = 9, 6


def nps_group(score: pl.Expr) -> pl.Expr:
    """The group of a score of 0 to 10: promoter from 9, detractor up to 6; null without a score.

    Reichheld, "The One Number You Need to Grow", Harvard Business Review 2003.
    """
    return (
        pl.when(score >= _PROMOTER_FROM)
        .then(pl.lit(PROMOTER))
        .when(score <= _DETRACTOR_UP_TO)
        .then(pl.lit(DETRACTOR))
        .when(score.is_not_null())
        .then(pl.lit(PASSIVE))
    )
