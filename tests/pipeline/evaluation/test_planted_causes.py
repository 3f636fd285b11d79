"""Reasons name the dimension of the planted cause. Noise is no reason. Two models agree on a user."""

from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import spearmanr

from features.define import DIMENSIONS, Dimension, Feature
from models.explanation.peers import peers_of
from models.explanation.reasons import NO_REASON
from models.labels.churn import Churn
from models.learning.booster import Capacity, Settings, fit_booster
from models.learning.calibration import IDENTITY
from models.learning.evidence import Evidence
from models.learning.trained_model import Card, TrainedModel
from pipeline.evaluation.planted_causes import DIMENSIONS_OF, reasons_found
from pipeline.explanation.explain import among_each_other, explain, with_spread
from tests.support.rows import churn_of, day
from tests.support.tables import declared

SETTINGS = Settings(1, 1, 0.1, 8, 1.0, 1.0, 60, 20)
PLANTED: dict[str, Dimension] = {"goals": "progress", "friends": "social", "waiting": "satisfaction"}
CAUSE = {"goals": "stuck", "friends": "friends_gone", "waiting": "bad_support"}


def feature(name: str, dimension: Dimension) -> Feature:
    return declared(
        name=name, value=pl.col(name), dimension=dimension, says=name + " {value:.1f}", worse="high"
    )


FEATURES = [*(feature(name, dimension) for name, dimension in PLANTED.items()), feature("noise", "breadth")]
NAMES = [one.name for one in FEATURES]


def drawn(rows: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of users of whom some have one trouble, and leave for it; and the truth of them."""
    random = np.random.default_rng(seed)
    trouble = random.random((rows, 3)) < 0.12
    table = trouble * 2.0 + random.normal(0, 0.3, (rows, 3))
    left = random.random(rows) < np.where(trouble.any(axis=1), 0.7, 0.1)
    cause = np.where(trouble.any(axis=1), np.array(list(CAUSE.values()))[trouble.argmax(axis=1)], "other")
    keys = {"user_id": [f"u{i:05d}" for i in range(rows)], "login_day": [day(3)] * rows}
    frame = pl.DataFrame(keys).with_columns(
        *(pl.Series(name, table[:, i], dtype=pl.Float32) for i, name in enumerate(PLANTED)),
        pl.Series("noise", random.normal(0, 1, rows), dtype=pl.Float32),
        login_number=pl.lit(7, dtype=pl.Int32),
        churned=pl.Series(left),
    )
    truth = pl.DataFrame(keys).with_columns(
        left=pl.Series(left), cause=pl.when(pl.Series(left)).then(pl.Series(cause))
    )
    truth = truth.with_columns(strongest="cause")
    return frame, truth


def model_of(rows: pl.DataFrame) -> TrainedModel:
    churn: Churn = churn_of(14)
    card = Card(
        tuple(NAMES),
        churn,
        SETTINGS,
        Capacity(8, 10, 0.1, 20, 60, random_thresholds=False),
        60,
        day(0),
        day(3),
        rows.height,
        0.2,
        "",
    )
    return TrainedModel(
        fit_booster(rows, NAMES, SETTINGS, card.capacity, 60), IDENTITY, card, Evidence((), {})
    )


def test_the_reasons_name_the_planted_cause_and_never_the_noise(tmp_path: Path) -> None:
    (rows, _), (test, truth) = drawn(6000, 1), drawn(2000, 2)
    truth.write_parquet(tmp_path / "truth.parquet")
    trained = model_of(rows)
    shares = reasons_found(tmp_path / "truth.parquet", test, trained, FEATURES)
    assert shares["top1"] > 0.85
    assert shares["top2"] >= shares["top1"]
    assert set(shares["by_cause"]) == set(CAUSE.values())
    assert sum(part["leavers"] for part in shares["by_cause"].values()) == shares["leavers"] > 300
    peers = peers_of(test["login_number"])
    placement = among_each_other(test, FEATURES, peers)
    explanation = explain(test, trained, FEATURES, placement)
    placement = with_spread(placement, explanation, peers)
    left = truth["cause"].is_in(list(DIMENSIONS_OF)).fill_null(value=False).to_numpy()
    index = explanation.ranked(placement)[left, 0]
    first = [explanation.raised.dimensions[i] for i in index if i != NO_REASON]
    assert first.count("breadth") / len(first) < 0.02


def test_where_nobody_left_for_a_planted_cause_only_their_number_is_told(tmp_path: Path) -> None:
    rows, truth = drawn(600, 3)
    truth.with_columns(cause=pl.lit("other")).write_parquet(tmp_path / "truth.parquet")
    shares = reasons_found(tmp_path / "truth.parquet", rows, model_of(rows), FEATURES)
    assert shares == {"leavers": 0, "by_cause": {}, "all": {"leavers": 0, "by_cause": {}}}


def test_a_cause_that_was_drawn_though_another_was_stronger_counts_among_all_alone(tmp_path: Path) -> None:
    (rows, _), (test, truth) = drawn(6000, 1), drawn(2000, 2)
    stuck = (pl.col("cause") == "stuck") & (pl.int_range(pl.len()) % 2 == 0)
    truth.with_columns(strongest=pl.when(stuck).then(pl.lit("boredom")).otherwise("cause")).write_parquet(
        tmp_path / "truth.parquet"
    )
    shares = reasons_found(tmp_path / "truth.parquet", test, model_of(rows), FEATURES)
    hidden = truth.filter(pl.col("left"), stuck).height
    assert hidden > 10
    assert shares["all"]["leavers"] - shares["leavers"] == hidden
    assert shares["all"]["by_cause"]["bad_support"] == shares["by_cause"]["bad_support"]


def test_two_bootstrap_models_tell_the_same_of_the_same_user() -> None:
    """Spearman's rank correlation of a user's dimensions in two models, over users: reported, and high."""
    (rows, _), (test, _) = drawn(6000, 4), drawn(500, 5)
    placement = among_each_other(test, FEATURES, peers_of(test["login_number"]))
    one, other = (
        explain(
            test, model_of(rows.sample(rows.height, with_replacement=True, seed=seed)), FEATURES, placement
        )
        for seed in (1, 2)
    )
    used = [DIMENSIONS.index(f.dimension) for f in FEATURES]
    agreed = [
        spearmanr(a, b).statistic
        for a, b in zip(one.by_dimension[:, used], other.by_dimension[:, used], strict=True)
    ]
    assert np.mean(agreed) > 0.6  # 0.67; of those in no trouble there is nothing to agree upon
