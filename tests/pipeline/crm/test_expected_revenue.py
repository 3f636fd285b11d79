"""The list's expected revenue is the value model's; without amounts or a value model it says so."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from pipeline.crm.expected_revenue import NO_AMOUNTS, NO_VALUE_MODEL, expected_revenue
from pipeline.learning.dataset import read_landmarks
from pipeline.storage.digests import list_files
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import VALUE, load_value
from tests.support.finished import finished


def test_each_user_has_what_the_value_model_expects(tmp_path: Path) -> None:
    root = finished(tmp_path)
    value = load_value(root / "data/model/scoring")
    assert value is not None
    found = expected_revenue(root / "data/listed", root / "data/model/scoring", 90)
    assert found.users is not None
    rows = read_landmarks(root / "data/listed")
    assert found.users.sort("user_id")["expected_revenue"].to_list() == pytest.approx(
        value.expected_revenue(rows).tolist()
    )
    assert (found.method, found.because) == (value.card.method, value.card.because)


def test_the_list_has_it_and_times_the_churn_probability_the_value_at_risk(tmp_path: Path) -> None:
    root = finished(tmp_path)
    listed = pl.read_parquet(root / "data/crm/list.parquet")
    found = expected_revenue(root / "data/listed", root / "data/model/scoring", 90).users
    assert found is not None
    both = listed.join(found, on="user_id", suffix="_of_model")
    assert both.height == listed.height > 20
    at_risk = both["churn_probability"] * both["expected_revenue_of_model"]
    assert both["expected_revenue"].to_list() == pytest.approx(
        both["expected_revenue_of_model"].to_list(), abs=0.006
    )
    assert both["value_at_risk"].to_list() == pytest.approx(at_risk.to_list(), abs=0.006)
    assert listed["value_at_risk"].sum() > 0
    assert listed["currency"].null_count() == 0


def test_a_log_without_amounts_has_none_and_the_columns_are_null(tmp_path: Path) -> None:
    root = finished(tmp_path, amounts=False)
    found = expected_revenue(root / "data/listed", root / "data/model/scoring", 90)
    assert (found.users, found.method, found.because) == (None, None, NO_AMOUNTS)
    listed = pl.read_parquet(root / "data/crm/list.parquet")
    for name, dtype in {
        "expected_revenue": pl.Float64,
        "value_at_risk": pl.Float64,
        "currency": pl.String,
    }.items():
        assert listed.schema[name] == dtype
        assert listed[name].null_count() == listed.height
    assert not (root / "data/model/scoring" / VALUE).exists()
    summary = read_json(root / "data/crm/summary.json")
    assert summary["value"] == {"method": None, "because": NO_AMOUNTS}


def test_a_version_without_a_value_model_carries_the_recent_revenue_on(tmp_path: Path) -> None:
    root = finished(tmp_path)
    shutil.rmtree(root / "data/model/scoring" / VALUE)
    list_files(root / "data/model/scoring")  # as of a version that never had one
    found = expected_revenue(root / "data/listed", root / "data/model/scoring", 30)
    assert (found.method, found.because) == ("trailing", NO_VALUE_MODEL)
    assert found.users is not None
    rows = read_landmarks(root / "data/listed").select("user_id", "net_recent", "observed_days")
    both = rows.join(found.users, on="user_id")
    days = both["observed_days"].clip(upper_bound=30)
    expected = both["net_recent"].clip(lower_bound=0) / 100 / days * 30
    assert both["expected_revenue"].to_list() == pytest.approx(expected.to_list())
