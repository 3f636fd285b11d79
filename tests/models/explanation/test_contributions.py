"""Contributions equal LightGBM's, also with missing values or a booster without splits."""

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.explanation import contributions as module
from models.explanation.contributions import (
    by_dimension,
    categorical_features,
    check_contributions,
    contributions,
)

NAMES = ["often", "count", "never_missing", "unused"]


def table(rows: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 4)).astype(np.float32)
    values[:, 1] = np.round(values[:, 1] * 3)
    values[random.random(rows) < 0.3, 0] = np.nan
    values[:, 3] = 7
    return pl.DataFrame(values, schema=NAMES)


def booster(leaves: int = 8, rounds: int = 60, least: int = 5) -> lgb.Booster:
    frame = table(2_000, 1)
    x = frame.to_numpy()
    odds = np.nan_to_num(x[:, 0], nan=1.0) + 0.3 * x[:, 1] * x[:, 2]
    y = (np.random.default_rng(2).random(len(x)) < 1 / (1 + np.exp(-odds))).astype(float)
    settings = {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": leaves,
        "min_data_in_leaf": least,
        "num_threads": 1,
    }
    return lgb.train(settings, lgb.Dataset(x, y, feature_name=NAMES), rounds)


def raw(model: lgb.Booster, x: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(x, raw_score=True, num_threads=1))


@pytest.mark.parametrize(("leaves", "rounds"), [(2, 1), (8, 60), (31, 30)])
def test_contributions_agree_with_lightgbm_and_add_up(leaves: int, rounds: int) -> None:
    model, frame = booster(leaves, rounds), table(700, 3)
    assert check_contributions(model, frame) < 1e-4
    values, base = contributions(model, frame, part_rows=300)
    assert values.shape == (700, 4)
    assert np.allclose(values.sum(axis=1) + base, raw(model, frame.to_numpy()), atol=1e-4)
    assert not values[:, 3].any()


def test_a_value_missing_for_the_first_time_is_taken_as_lightgbm_takes_it() -> None:
    frame = table(300, 4).with_columns(pl.lit(float("nan")).cast(pl.Float32).alias("never_missing"))
    model = booster()
    assert model.feature_importance("split")[NAMES.index("never_missing")] > 0
    assert check_contributions(model, frame) < 1e-4


def test_values_at_the_thresholds_go_the_way_lightgbm_takes_them() -> None:
    model = booster()
    splits = model.trees_to_dataframe().dropna(subset="split_feature")
    beside_zero = splits["threshold"].abs() < 1e-30  # LightGBM takes such a value as zero before the split
    of_feature = splits[~beside_zero].groupby("split_feature")["threshold"]
    at = {name: np.resize(of_feature.get_group(name), 500) for name in NAMES[:3]}
    assert check_contributions(model, pl.DataFrame({**at, "unused": np.full(500, 7.0)})) < 1e-4


def test_a_booster_that_learnt_nothing_has_a_base_value_and_no_contributions() -> None:
    model = booster(least=2_000)
    values, base = contributions(model, table(5, 5))
    assert not values.any()
    assert base == pytest.approx(raw(model, np.zeros((1, 4)))[0])
    assert check_contributions(model, table(5, 5)) == 0


def test_no_rows_have_no_contributions() -> None:
    assert contributions(booster(), table(0, 1))[0].shape == (0, 4)


def test_columns_are_taken_by_name_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    model, frame = booster(), table(50, 6)
    turned = frame.select(*reversed(NAMES), pl.lit("x").alias("user_id"))
    assert np.array_equal(contributions(model, turned)[0], contributions(model, frame)[0])
    assert capfd.readouterr() == ("", "")


def test_a_difference_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    right = contributions
    monkeypatch.setattr(module, "contributions", lambda *given: (right(*given)[0] + 0.01, right(*given)[1]))
    with pytest.raises(DataError, match=r"(?s)differ by 0.01 log-odds.*at most 0.0001 on 20 rows"):
        check_contributions(booster(), table(20, 1))


def test_a_missing_feature_is_refused() -> None:
    with pytest.raises(DataError, match=r"1 of 4 features missing: count"):
        contributions(booster(), table(3, 1).drop("count"))


def test_dimensions_sum_their_features() -> None:
    values = np.array([[1.0, 2.0, 4.0], [0.0, -1.0, 1.0]])
    sums = by_dimension(values, ["a", "b", "c"], {"a": "rhythm", "b": "social", "c": "rhythm"})
    assert {name: column.tolist() for name, column in sums.items()} == {"rhythm": [5, 1], "social": [2, -1]}


@pytest.mark.parametrize("leaves", [8, 100])
def test_a_row_has_the_same_bits_whatever_rows_are_beside_it_and_however_they_are_split(leaves: int) -> None:
    model, frame = booster(leaves), table(1_003, 8)
    whole, _ = contributions(model, frame)
    assert np.array_equal(contributions(model, frame, part_rows=100)[0], whole)
    assert np.array_equal(contributions(model, frame[7:8])[0], whole[7:8])


def by_category() -> lgb.Booster:
    x = table(500, 9).to_numpy().copy()
    x[:, 3] = np.arange(500) % 3
    y = (x[:, 3] == 1).astype(float)
    data = lgb.Dataset(x, y, feature_name=NAMES, categorical_feature=["unused"])
    return lgb.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_per_group": 5}, data, 3
    )


def test_splits_by_category_are_refused_by_name() -> None:
    assert categorical_features(booster().model_to_string(), NAMES) == []
    assert categorical_features(by_category().model_to_string(), NAMES) == ["unused"]
    with pytest.raises(DataError, match=r"splits 1 of 4 features by category: unused\."):
        contributions(by_category(), table(3, 1))
