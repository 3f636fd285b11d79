"""The sections of metrics.json, and the tables of the curves.

Promise: nothing here reads or writes files.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from features.catalogue.roles import GAP_LAST, GAP_MEAN, LOGIN_NUMBER, RECENT_LOGINS
from features.define import Feature
from models.evaluation.baselines import baseline_predictions
from models.evaluation.evidence import evaluate_evidence
from models.evaluation.leak_price import MOST_ROWS, leak_price
from models.evaluation.login_history import with_history
from models.evaluation.profile_agreement import profile_agreement
from models.evaluation.rolling_origins import earlier_origins, origin_qualities, spread
from models.health.engagement import Reference
from models.health.quality import engagement_quality
from models.learning.list_model import ListModel
from models.learning.split import TimeSplit, within
from models.learning.trained_model import TrainedModel
from models.learning.training import Recipe
from models.metrics.bootstrap import Bootstrap, auc_gain, qualities
from models.metrics.curves import curves
from models.metrics.decisions import by_tenth, by_threshold
from models.metrics.expected_performance import expected_and_observed
from models.metrics.profit import Economics, maximum_profit
from models.metrics.quality import auc, brier_parts
from models.metrics.slices import by_column, by_tenure, slices
from models.rows import labels
from pipeline.config.sections import Costs, Evaluate, Label, Split
from pipeline.learning.churn_in_use import churn_of

_RULES = {RECENT_LOGINS: -1, GAP_LAST: 1, GAP_MEAN: 1, LOGIN_NUMBER: -1}


def rows_to_predict(rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel) -> pl.DataFrame:
    """The rows of the test period with `probability`."""
    test = rows.filter(within(periods.test))
    probability = pl.Series("probability", trained.predict(test))
    return test.select("user_id", "login_day", "login_number", "window_days", "churned", probability)


def quality_on_test(
    rows: pl.DataFrame,
    test: pl.DataFrame,
    totals: Sequence[str],
    periods: TimeSplit,
    bootstrap: Bootstrap,
    label: Label,
    evaluate: Evaluate,
    columns: list[pl.Series],
) -> dict[str, Any]:
    """`test`, `test_auc_gain`, `baselines` and `segments` of metrics.json: of the login model.

    `test`: the test rows of `rows`, in their order, with `probability`; `totals`: the features of the RFM baseline;
    `columns`: the columns to slice the test rows by.
    """
    users, churned, probability = test["user_id"], labels(test), test["probability"].to_numpy()
    measured = qualities(users, churned, probability, bootstrap)
    baselines = baseline_predictions(rows, totals, periods, label.horizon_days, label.lead_days)
    best = max(baselines, key=lambda name: auc(churned, baselines[name]))
    gain = auc_gain(users, churned, probability, baselines[best], bootstrap)
    known = rows.filter(within(periods.training))["user_id"]
    tenure = with_history(rows).filter(rows.select(within(periods.test)).to_series())["tenure_days"]
    masks = slices(test, known) | by_tenure(tenure)
    for column in columns:
        masks |= by_column(column)
    return {
        "test_auc_gain": asdict(gain) | {"over": best},
        "test": measured,
        "test_users": _users(users, known),
        "brier_parts": brier_parts(churned, probability),
        "baselines": {name: qualities(users, churned, other, bootstrap) for name, other in baselines.items()},
        "segments": {
            name: _of_slice(test.filter(mask), bootstrap, evaluate.least_rows) for name, mask in masks.items()
        },
    }


def _of_slice(test: pl.DataFrame, bootstrap: Bootstrap, least_rows: int) -> dict[str, Any]:
    probability = test["probability"].to_numpy()
    return qualities(test["user_id"], labels(test), probability, bootstrap, least_rows=least_rows)


def _users(tested: pl.Series, trained_on: pl.Series) -> dict[str, int]:
    users = tested.unique()
    return {"tested": users.len(), "also_trained_on": int(users.is_in(trained_on.unique().implode()).sum())}


def engaged(rows: pl.DataFrame, periods: TimeSplit, reference: Reference | None) -> dict[str, Any]:
    """`engagement` of metrics.json: how well little engagement foretells churn in the test period."""
    return engagement_quality(rows.filter(within(periods.test)), reference, _RULES)


def profit(test: pl.DataFrame, costs: Costs) -> dict[str, float]:
    """`profit` of metrics.json."""
    return maximum_profit(labels(test), test["probability"].to_numpy(), Economics(**costs.model_dump()))


def rolling(
    rows: pl.DataFrame,
    test: pl.DataFrame,
    periods: TimeSplit,
    trained: TrainedModel,
    label: Label,
    split: Split,
    evaluate: Evaluate,
) -> dict[str, Any]:
    """`rolling` of metrics.json: the quality over the test period and earlier periods, and its spread."""
    window_days = churn_of(label).longest_days
    settings = trained.card.settings
    earlier, left_out = earlier_origins(
        rows,
        trained.features,
        periods,
        settings,
        window_days,
        count=evaluate.origins - 1,
        min_rows=split.min_rows,
    )
    origins = [origin_qualities(periods, test, test["probability"].to_numpy()), *earlier]
    return {
        **spread(origins),
        "origins": [origin.as_json() for origin in origins],
        "left_out": [f"{origin.test}: {origin.because}" for origin in left_out],
    }


def price_of_leaks(rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel) -> dict[str, Any]:
    """`leak_price` of metrics.json. `users`: "some" when a large log was thinned, else "all"."""
    ripe = int(rows["ripe"].sum())
    return {**leak_price(rows, periods, _recipe(trained)), "users": "all" if ripe <= MOST_ROWS else "some"}


def agreement(
    rows: pl.DataFrame, periods: TimeSplit, trained: TrainedModel, features: Sequence[Feature]
) -> dict[str, float]:
    """`profile_agreement` of metrics.json: how alike two bootstrap models explain the same user."""
    training, test = rows.filter(within(periods.training)), rows.filter(within(periods.test))
    dimension_of = {feature.name: feature.dimension for feature in features}
    return profile_agreement(training, test, _recipe(trained), dimension_of)


def trust(
    rows: pl.DataFrame, test: pl.DataFrame, periods: TimeSplit, trained: TrainedModel, features: Sequence[Feature],
    bootstrap: Bootstrap,
) -> dict[str, Any]:  # fmt: skip
    """`evidence`, `expected` and `profile_agreement` of metrics.json: what rests on probabilities and reasons."""
    tested = rows.filter(within(periods.test)).with_columns(test["probability"])
    return {
        "evidence": evaluate_evidence(tested, trained.evidence, bootstrap),
        "expected": expected_and_observed(
            test["user_id"], labels(test), test["probability"].to_numpy(), bootstrap
        ),
        "profile_agreement": agreement(rows, periods, trained, features),
    }


def _recipe(trained: TrainedModel) -> Recipe:
    card = trained.card
    return Recipe(trained.features, card.settings, card.capacity, card.rounds, trained.calibration)


def plot_tables(test: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables in `reports/plots`, by name."""
    churned, probability = labels(test), test["probability"].to_numpy()
    return curves(churned, probability) | {
        "thresholds": by_threshold(churned, probability),
        "tenths": by_tenth(churned, probability),
    }


def model_facts(models: ListModel, periods: TimeSplit) -> dict[str, Any]:
    """`model` and `periods` of metrics.json."""
    trained, silent = models.login, models.silent
    return {
        "model": {
            "version": models.version,
            "features": len(trained.features),
            "rounds": trained.card.rounds,
            "training_rows": trained.card.rows,
            "calibration": trained.calibration.kind,
            "calibration_note": trained.card.calibration_note,
        },
        "list_model": {
            "form": silent.form,
            "features": len(models.features),
            "rounds": silent.card.rounds,
            "training_rows": silent.card.rows,
            "calibration": silent.calibration.kind,
            "calibration_note": silent.card.calibration_note,
            "most_silent_days": None if silent.beyond is None else silent.beyond.most_silent_days,
        },
        "periods": {
            "training": str(periods.training),
            "test": str(periods.test),
            "origins": len(periods.origins),
        },
    }
