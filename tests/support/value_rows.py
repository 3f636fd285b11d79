"""Payments made up for the landmark rows of `tests.support.landmark_rows`, and a value model fitted to them."""

from functools import cache

import numpy as np
import polars as pl

from features.aggregation.payments import payments_so_far
from models.labels.label import revenue_ahead
from models.value.rows import ValueSplit, stayers, value_split
from models.value.training import Asked, FittedValue, ValueData, fit_value
from tests.support.landmark_rows import COLUMNS, HORIZON, LAST, SETTINGS, landmarks, logins, split_of
from tests.support.rows import day

DAYS, HORIZON_OF_VALUE = 21, 60
ASKED = Asked(HORIZON_OF_VALUE, DAYS, HORIZON, 0, COLUMNS.trees, SETTINGS)


@cache
def user_days() -> pl.DataFrame:
    """The login days of every user: some pay on most of them, some hardly ever, and each an amount of their own."""
    random = np.random.default_rng(3)
    days = logins().select("user_id", day="login_day")
    user = days["user_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    usual, often = random.gamma(2.0, 800.0, user.max() + 1), random.beta(1.0, 1.5, user.max() + 1)
    pays = random.random(len(user)) < often[user]
    paid = np.where(pays, random.gamma(4.0, usual[user] / 4.0).round() + 1, 0).astype(np.int64)
    back = np.where(pays & (random.random(len(user)) < 0.1), paid // 2, 0)
    return days.with_columns(
        logins=pl.lit(1, pl.Int64),
        revenue=pl.Series(paid, dtype=pl.Int64),
        refunds=pl.Series(back, dtype=pl.Int64),
    )


@cache
def paying_landmarks() -> pl.DataFrame:
    """The landmark rows with payments so far and the revenue of the 21 days ahead."""
    rows, days = landmarks(), user_days()
    return rows.hstack(payments_so_far(rows, days, day(0), HORIZON_OF_VALUE)).with_columns(
        revenue_ahead(rows, days, day(LAST), DAYS)
    )


@cache
def data() -> ValueData:
    """What the value model is fitted to."""
    days = user_days()
    payments = days.filter(pl.col("revenue") > 0)
    return ValueData(
        stayers(paying_landmarks(), 0),
        logins().select("user_id", "login_day"),
        payments.select("user_id", "day", net=pl.col("revenue") - pl.col("refunds")),
        day(LAST),
    )


@cache
def periods() -> ValueSplit:
    """The periods of the value model."""
    found = value_split(data().rows, split_of(), max(HORIZON, DAYS), 2, 30)
    assert found is not None
    return found


@cache
def fitted() -> FittedValue:
    """The value model of the training period."""
    return fit_value(data(), periods(), ASKED)
