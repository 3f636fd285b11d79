"""Baselines: simple rules and classic models of the login dates, counts and money, on the same rows as the model.

Promise: a baseline uses no feature of the model but counts and money, and of a test row nothing later than the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import logit
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from models.arrays import Floats
from models.evaluation.login_history import with_history
from models.labels.sequence import day_number
from models.learning.split import TimeSplit, within
from models.rows import labels
from models.value.bgnbd import fit_bgnbd, purchases_at_logins, purchases_of_users

_LEAST = 1e-6
BASELINES = ("silence", "own_gap", "rfm_logistic", "logins_60d", "bg_nbd")


@dataclass(frozen=True, slots=True)
class Rows:
    """Training and test rows with the columns that baselines use, and the labels of the training rows."""

    training: pl.DataFrame
    test: pl.DataFrame
    churned: Floats


def baseline_predictions(
    rows: pl.DataFrame, totals: Sequence[str], split: TimeSplit, horizon_days: int, lead_days: int
) -> dict[str, Floats]:
    """By name of the baseline: the probability of churn of each test row of `rows`, in their order.

    - `silence`: the better of two rules on the training rows: the last gap, or the logins in 60 days.
    - `own_gap`: the last gap divided by the user's mean gap.
    - `rfm_logistic`: logistic regression on recency (last gap), frequency (login number, logins in 60
      and 90 days, mean gap), tenure, and `totals`: the features that count events or money.
    - `logins_60d`: the second rule of `silence` alone.
    - `bg_nbd`: the BG/NBD probability of no login in the horizon. It is fitted to the logins of all days before
      the test period; the training labels depend on those days, too.

    A logistic regression on the training rows turns each into probabilities.
    """
    history = with_history(rows).drop("user_id", "login_day")
    columns = rows.select("user_id", "login_day", "churned", "ripe", "login_number", *totals).with_columns(
        history
    )
    training = columns.filter(within(split.training))
    periods = Rows(training, columns.filter(within(split.test)), labels(training))
    gap, often = (logistic(periods, [pl.col(name)]) for name in ("gap_days", "logins_60d"))
    silence = max((gap, often), key=lambda fitted: fitted[0])
    return {
        "silence": silence[1],
        "own_gap": logistic(periods, [pl.col("gap_days") / pl.col("mean_gap_days")])[1],
        "rfm_logistic": logistic(periods, _rfm(totals))[1],
        "logins_60d": often[1],
        "bg_nbd": _bgnbd(rows, split, horizon_days, lead_days),
    }


def _bgnbd(rows: pl.DataFrame, split: TimeSplit, horizon_days: int, lead_days: int) -> Floats:
    before = rows.filter(pl.col("login_day") < split.test.first)
    fitted = fit_bgnbd(purchases_of_users(before, day_number(split.test.first) - 1))
    silent = fitted.no_return(purchases_at_logins(rows), horizon_days, lead_days)
    odds = rows.select(
        "login_day", "churned", "ripe", bg_nbd=pl.Series(logit(np.clip(silent, _LEAST, 1 - _LEAST)))
    )
    training = odds.filter(within(split.training))
    scaled = LogisticRegression().fit(training.select("bg_nbd").to_numpy(), labels(training))
    test = odds.filter(within(split.test)).select("bg_nbd").to_numpy()
    return np.asarray(scaled.predict_proba(test)[:, 1], dtype=np.float64)


def _rfm(totals: Sequence[str]) -> list[pl.Expr]:
    names = (
        "gap_days",
        "mean_gap_days",
        "login_number",
        "logins_60d",
        "logins_90d",
        "tenure_days",
        *totals,
    )
    return [pl.col(name) for name in names]


def logistic(periods: Rows, columns: list[pl.Expr]) -> tuple[float, Floats]:
    """AUC on the training rows and probabilities of the test rows, from signed log1p of `columns`.

    A missing value becomes the training median, and an extra column marks it.
    """
    x, x_test = _matrix(periods.training, columns), _matrix(periods.test, columns)
    known = ~np.isnan(x).all(axis=0)
    if not known.any():
        return 0.5, np.full(len(x_test), periods.churned.mean())
    model: Any = make_pipeline(
        FunctionTransformer(_signed_log),
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(max_iter=1_000),
    ).fit(x[:, known], periods.churned)
    auc = roc_auc_score(periods.churned, model.predict_proba(x[:, known])[:, 1])
    return float(auc), np.asarray(model.predict_proba(x_test[:, known])[:, 1], dtype=np.float64)


def _matrix(rows: pl.DataFrame, columns: list[pl.Expr]) -> Floats:
    matrix = rows.select(
        e.cast(pl.Float64).fill_null(float("nan")).alias(str(i)) for i, e in enumerate(columns)
    )
    return matrix.to_numpy()


def _signed_log(values: Floats) -> Floats:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)), dtype=np.float64)
