"""Baselines of a list: simple rules and classic models, on the same users and days as the model.

Promise: a baseline uses the dates of logins alone. It is fitted to days before the test period.
The baseline of recency, frequency and money belongs to the model's version, so that a list can be scored by it.
"""

import numpy as np
import polars as pl
from scipy.special import logit

from models.arrays import Floats
from models.evaluation.baselines import Rows, logistic
from models.evaluation.login_history import with_history
from models.labels.churn import Churn
from models.labels.sequence import day_number
from models.learning.as_of import as_login_rows
from models.learning.split import TimeSplit, within
from models.rows import labels
from models.thinning import rows_of_some_users
from models.value.bgnbd import Purchases, fit_bgnbd, purchases_of_users

_MOST_ROWS = 200_000
_LEAST = 1e-6


def list_baselines(
    landmarks: pl.DataFrame,
    rows: pl.DataFrame,
    split: TimeSplit,
    churn: Churn,
    seed: int,
) -> dict[str, Floats]:
    """By name of the baseline: the probability of churn of each listed row of `landmarks`, in their order.

    - `silence`: the days since the last login.
    - `own_gap`: these days divided by the user's mean gap.
    - `bg_nbd`: the BG/NBD probability of no login in the horizon, given the silence. It is fitted to the logins of all
      days before the test period.

    A logistic regression on the drawn rows of the training period turns each into probabilities. `rows`: all login
    rows. Of more than 200,000 drawn rows those of some users are used, drawn by `seed`.
    """
    history = with_history(rows).drop("user_id", "login_day")
    known = rows.select("user_id", last_login_day="login_day").hstack(history)
    needed = [
        "user_id",
        "as_of",
        "login_day",
        "login_number",
        "silent_days",
        "churned",
        "ripe",
        "drawn",
        "listed",
    ]
    joined = as_login_rows(landmarks.select(needed)).join(
        known, on=["user_id", "last_login_day"], how="left", maintain_order="left"
    )
    drawn = rows_of_some_users(joined.filter(within(split.training) & pl.col("drawn")), _MOST_ROWS, seed)
    listed = joined.filter(pl.col("listed") & pl.col("ripe"))
    both = Rows(drawn, listed, labels(drawn))
    silent, own = pl.col("silent_days"), pl.col("silent_days") / pl.col("mean_gap_days")
    return {
        "silence": logistic(both, [silent])[1],
        "own_gap": logistic(both, [own])[1],
        "bg_nbd": _bgnbd(both, rows, split, churn),
    }


def _bgnbd(both: Rows, rows: pl.DataFrame, split: TimeSplit, churn: Churn) -> Floats:
    before = rows.filter(pl.col("login_day") < split.test.first)
    fitted = fit_bgnbd(purchases_of_users(before, day_number(split.test.first) - 1))
    training, test = (
        part.with_columns(
            bg_nbd=pl.Series(
                logit(
                    np.clip(
                        fitted.no_return(_purchases(part), churn.horizon_days, churn.lead_days),
                        _LEAST,
                        1 - _LEAST,
                    )
                )
            )
        )
        for part in (both.training, both.test)
    )
    return logistic(Rows(training, test, both.churned), [pl.col("bg_nbd")])[1]


def _purchases(part: pl.DataFrame) -> Purchases:
    """The purchases known on each row's day: the observation ends with the silence."""
    repeats, tenure, silent = (
        part[name].cast(pl.Float64).to_numpy() for name in ("login_number", "tenure_days", "silent_days")
    )
    return Purchases(np.where(tenure > 0, np.maximum(repeats - 1, 1.0), 0.0), tenure, tenure + silent)
