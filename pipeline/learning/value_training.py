"""The value models of both versions, from landmark rows, logins and payments."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.labels.churn import Churn
from models.learning.booster import Settings
from models.learning.split import TimeSplit
from models.value.rows import AHEAD, judged_days, stayers, value_split
from models.value.training import Asked, ValueData, fit_value, refit_value
from models.value.value_model import ValueModel, carried_on
from pipeline.config.sections import Split, Value
from pipeline.log.facts import LogFacts
from pipeline.storage.frames import read_buckets

_SHORT = "the log is too short: a fifth of it is less than 14 days"
_FEW = "fewer than 200 training rows of users who stayed have revenue ahead"
_NO_ORIGIN = "no period inside the training range leaves split.min_rows rows with revenue ahead"


@dataclass(frozen=True, slots=True)
class ValueModels:
    """The value model to be evaluated, and the one that scores."""

    evaluated: ValueModel
    scoring: ValueModel


def fit_value_models(
    landmarks: pl.DataFrame,
    logins: pl.DataFrame,
    activity: Path,
    facts: LogFacts,
    periods: TimeSplit,
    churn: Churn,
    settings: Settings,
    features: tuple[str, ...],
    split: Split,
    value: Value,
) -> ValueModels | None:
    """Both value models; None if the log has no amounts.

    `landmarks`, `logins`: all rows, sorted; `features`: those of landmark rows. Where the log is too short or too few
    users pay, both carry the recent revenue on, and say why.
    """
    if AHEAD not in landmarks.columns:
        return None
    days = judged_days(value.horizon_days, facts.log_days)
    if days is None:
        return _carried_on(value, _SHORT)
    rows = stayers(landmarks, churn.lead_days)
    of_value = value_split(rows, periods, max(churn.longest_days, days), split.origins, split.min_rows)
    if of_value is None:
        return _carried_on(value, _FEW)
    if not of_value.origins:
        return _carried_on(value, _NO_ORIGIN)
    asked = Asked(
        horizon_days=value.horizon_days,
        judged_days=days,
        label_days=churn.longest_days - churn.lead_days,
        lead_days=churn.lead_days,
        features=features,
        settings=settings,
    )
    data = ValueData(rows, logins.select("user_id", "login_day"), _payments(activity), facts.log_end)
    evaluated = fit_value(data, of_value, asked)
    return ValueModels(evaluated.model, refit_value(data, of_value, asked, evaluated))


def _carried_on(value: Value, because: str) -> ValueModels:
    model = carried_on(value.horizon_days, because)
    return ValueModels(model, model)


def _payments(activity: Path) -> pl.DataFrame:
    """`user_id, day, net` of each user's day with a payment, in order."""
    days = read_buckets(activity, columns=("user_id", "day", "revenue", "refunds"))
    paid = days.filter(pl.col("revenue") > 0).sort("user_id", "day")
    return paid.select("user_id", "day", net=pl.col("revenue") - pl.col("refunds"))
