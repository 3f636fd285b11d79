"""Landmark rows made from the made-up login rows of `tests.support.rows`, and the models of both."""

from dataclasses import replace
from functools import cache

import polars as pl

from features.aggregation.landmarks import as_of_days, drawn_days, with_gaps
from features.catalogue.silence import SILENCE
from models.labels.label import with_list_label
from models.learning.as_of import list_days
from models.learning.booster import Settings
from models.learning.evidence import Evidence
from models.learning.list_model import ListModel
from models.learning.scorer import Blend
from models.learning.silent_training import Columns, fit_silent, silent_model, silent_rows
from models.learning.split import TimeSplit, time_split
from models.learning.trained_model import Card, TrainedModel
from models.learning.training import fit_model
from tests.support.rows import FEATURES, churn_of, day, made_up

HORIZON, LAST = 14, 119
CHURN = churn_of(HORIZON)
COLUMNS = Columns(
    trees=(*FEATURES, *(feature.name for feature in SILENCE)),
    logistic=("silent_days", "silent_to_mean_gap", "revenue_often"),
    rates=("silent_days",),
)
SETTINGS = Settings(
    seed=1, threads=1, learning_rate=0.1, leaves=8, feature_fraction=0.8, l2=10.0, max_rounds=60, patience_rounds=10
)  # fmt: skip


@cache
def logins() -> pl.DataFrame:
    """Labelled login rows of 500 users."""
    return made_up(users=500, days=LAST + 1, horizon_days=HORIZON)


def split_of(origins: int = 2) -> TimeSplit:
    """The periods of `logins`."""
    return time_split(logins(), HORIZON, test_from=None, test_share=0.25, origins=origins, min_rows=30)


@cache
def landmarks() -> pl.DataFrame:
    """Landmark rows of `logins`: each user on every third day (`drawn`), and on the weekly list days (`listed`)."""
    rows = with_gaps(logins().drop("churned", "ripe")).with_columns(most_silent_days=3 * HORIZON, offset=0)
    lists = list_days(split_of().test.first, day(LAST), HORIZON, 0)
    drawn = drawn_days(rows, day(LAST), 3)
    listed = as_of_days(rows, day(LAST), lists).filter(pl.col("silent_days") < HORIZON)
    both = pl.concat(
        [
            drawn.with_columns(drawn=pl.lit(value=True), listed=pl.lit(value=False)),
            listed.with_columns(drawn=pl.lit(value=False), listed=pl.lit(value=True)),
        ]
    )
    silence = [
        one.value.fill_null(float("nan")).alias(one.name) for one in SILENCE if one.name != "silent_days"
    ]
    return with_list_label(both, logins(), day(LAST), CHURN).with_columns(silence)


@cache
def login_model() -> TrainedModel:
    """The login model of the training period."""
    fitted = fit_model(logins(), COLUMNS.trees[: len(FEATURES)], split_of(), SETTINGS)
    training = split_of().training
    card = Card(
        fitted.features, CHURN, SETTINGS, fitted.capacity, fitted.rounds, training.first, training.last,
        rows=logins().height, base_rate=0.4, calibration_note=fitted.note,
    )  # fmt: skip
    return TrainedModel(fitted.booster, fitted.calibration, card, Evidence((), {}))


@cache
def list_model(form: str = "trees") -> ListModel:
    """Both models of the training period, that of silent users of `form`: trees, logistic, or a blend of these two."""
    if form == "blend":
        trees, logistic = list_model(), list_model("logistic").silent.scorer
        blend = Blend(trees.silent.scorer, logistic)
        return replace(trees, silent=replace(trees.silent, form=form, scorer=blend))
    split = split_of() if form == "trees" else replace(split_of(), origins=())
    fit = fit_silent(silent_rows(landmarks(), 0), COLUMNS, split, SETTINGS, 30)
    assert fit.form == form
    return ListModel(
        login_model(), silent_model(fit, landmarks(), COLUMNS, split.training, login_model().card)
    )
