"""The facts from which plays are chosen.

Promise: every fact is known before the choice, and all of `FACTS` are there for every log, null where it tells none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from features.advice.facts import FACTS, nps_group
from features.advice.plays import Plays
from features.catalogue.roles import (
    GAP_LAST,
    LAST_SCORE,
    OPEN_REQUESTS,
    PAID_ON_DAY,
    REQUEST_WAITS,
    SINCE_GOAL,
    SUBSCRIBED,
)
from features.define import Feature
from features.wording.numbers import long_time
from models.targeting.risk import risk_band
from pipeline.explanation.explain import CAUSE_COLUMNS

OF_ROWS = (OPEN_REQUESTS, REQUEST_WAITS, LAST_SCORE, SUBSCRIBED, SINCE_GOAL, GAP_LAST, PAID_ON_DAY)
"""Features of a row that facts are made of, as far as the log has them."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What plays are chosen from.

    `plays`: those of the file. `beside`: one row per user, in the order of the explained users: facts that are not of
    their rows, such as the style, and the columns that the list carries. `medium_from`, `high_from`: the bands of
    risk.
    """

    plays: Plays
    beside: pl.DataFrame
    medium_from: float
    high_from: float

    def of_rows(self, rows: slice) -> "Advice":
        """That of some of the users."""
        return Advice(self.plays, self.beside[rows], self.medium_from, self.high_from)


def play_facts(
    rows: pl.DataFrame,
    known: pl.DataFrame,
    probability: pl.Series,
    causes: pl.DataFrame,
    advice: Advice,
    newcomer_logins: int,
    features: Sequence[Feature] = (),
) -> pl.DataFrame:
    """`FACTS` and the other columns of `advice.beside`, for each of `rows`.

    `rows`: features of each user. `known`: `login_number`, `evidence`, `evidence_rate`, and `silent_days` of a list;
    at a login nobody is silent. `causes`: `cause_1..3` of the reasons. A user with thin evidence has the band of the
    group's rate, as on the list. A user with fewer than `newcomer_logins` logins is a newcomer. `features`: those of
    the rows that tell since when there was no refund.
    """
    silent = pl.col("silent_days") if "silent_days" in known.columns else pl.lit(0)
    of_list = known.select(
        "login_number",
        "evidence",
        silent_days=silent,
        risk=pl.coalesce("evidence_rate", probability),
    )
    newcomer = pl.when(pl.col("login_number") < newcomer_logins).then(pl.lit("newcomer"))
    told = of_list.select(
        "login_number",
        "silent_days",
        "evidence",
        risk_band("risk", advice.medium_from, advice.high_from).alias("risk_band"),
        newcomer.otherwise(pl.lit("veteran")).alias("population"),
    ).hstack([*causes.select(cause=pl.coalesce(CAUSE_COLUMNS)), *_of_rows(rows, features)])
    beside = advice.beside.drop(told.columns, strict=False)
    return _typed(told.hstack(beside))


def _of_rows(rows: pl.DataFrame, features: Sequence[Feature]) -> list[pl.Series]:
    """The facts that are features of the rows; null where the log does not have the feature."""
    clocks = [one.name for one in features if one.cause == "REFUNDED" and one.form == "days_since"]
    got_back = [pl.col(name).cast(pl.Float64).fill_nan(None) == 0 for name in clocks if name in rows.columns]

    def feature(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Float64).fill_nan(None)

    there = rows.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in OF_ROWS if name not in rows.columns
    )
    return there.select(
        request_open=feature(OPEN_REQUESTS) > 0,
        request_waits_days=feature(REQUEST_WAITS),
        score_last=feature(LAST_SCORE),
        nps_group=nps_group(feature(LAST_SCORE)),
        subscription_running=feature(SUBSCRIBED) > 0,
        days_since_goal=feature(SINCE_GOAL),
        days_away_before=feature(GAP_LAST),
        away_before=feature(GAP_LAST).map_elements(long_time, pl.String),
        only_refunded=(feature(PAID_ON_DAY) == 0) & pl.any_horizontal(pl.lit(value=False), *got_back),
    ).get_columns()


def _typed(told: pl.DataFrame) -> pl.DataFrame:
    """`told` with all of `FACTS` in their types."""
    return told.with_columns(
        (pl.col(name) if name in told.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in FACTS.items()
    )
