"""Stage `evaluate` judges every ripe row of the test period once, against baselines and the truth."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from pipeline import evaluate
from pipeline.errors import InputError
from pipeline.stage import run_stage
from pipeline.storage import read_json, write_parquet
from tests.models.rows import day
from tests.pipeline.model_rows import bytes_below, lay_out, params, run_both

WRITTEN = ("data/predictions/test.parquet", "reports/metrics.json", "reports/plots")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame, dict[str, Any]]:
    root = tmp_path_factory.mktemp("evaluate")
    rows = lay_out(root)
    return root, rows, run_both(root)


def test_predictions_are_the_ripe_rows_of_the_test_period_once(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    root, rows, _ = project
    found = pl.read_parquet(root / WRITTEN[0])
    assert dict(found.schema) == {
        "user_id": pl.String,
        "login_day": pl.Date,
        "churned": pl.Boolean,
        "probability": pl.Float64,
    }
    expected = rows.filter(pl.col("ripe") & (pl.col("login_day") >= day(78))).sort("user_id", "login_day")
    assert found.drop("probability").equals(expected.select("user_id", "login_day", "churned"))


def test_the_figures_are_those_of_the_predictions(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    root, _, metrics = project
    found = pl.read_parquet(root / WRITTEN[0])
    assert metrics["test"]["auc"]["value"] == pytest.approx(
        roc_auc_score(found["churned"], found["probability"])
    )
    assert metrics["test"]["log_loss"]["value"] == pytest.approx(
        log_loss(found["churned"], found["probability"])
    )
    assert metrics["test"]["rows"]["value"] == found.height


def test_metrics_have_the_keys_of_the_contract(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    metrics = project[2]
    names = {
        "auc", "average_precision", "log_loss", "brier", "calibration_error", "lift_at_10pct",
        "rows", "users", "base_rate",
    }  # fmt: skip
    assert set(metrics["test"]) == names
    assert set(metrics["baselines"]) == {"silence", "own_gap", "rfm_logistic"}
    assert all(set(part) == names for part in [*metrics["baselines"].values(), *metrics["segments"].values()])
    assert metrics["grade"] in {"A", "B", "C"}
    assert metrics["auc_gain"]["over"] in metrics["grade_because"]
    assert "oracle" not in metrics
    assert metrics["periods"]["test"] == "2024-03-19 to 2024-04-15"


def test_the_model_beats_baselines_that_do_not_see_its_features(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    assert project[2]["auc_gain"]["low"] > 0


def test_segments_share_out_the_test_rows(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    metrics = project[2]
    for begin in ("login_number", "user"):
        parts = [
            part["rows"]["value"] for name, part in metrics["segments"].items() if name.startswith(begin)
        ]
        assert sum(parts) == metrics["test"]["rows"]["value"]


def test_plots_are_short_tables(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    tables = {path.name: pl.read_csv(path) for path in (project[0] / WRITTEN[2]).iterdir()}
    assert set(tables) == {"roc.csv", "precision_recall.csv", "reliability.csv", "gains.csv"}
    assert all(0 < table.height <= 200 for table in tables.values())


def test_two_runs_write_the_same_bytes(
    project: tuple[Path, pl.DataFrame, dict[str, Any]], tmp_path: Path
) -> None:
    lay_out(tmp_path, buckets=3)
    run_both(tmp_path)
    assert bytes_below(tmp_path / "reports") == bytes_below(project[0] / "reports")
    assert bytes_below(tmp_path / "data/predictions") == bytes_below(project[0] / "data/predictions")


def test_the_demo_log_is_judged_against_its_truth(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    root, rows, metrics = project
    truth = rows.select("user_id", "login_day", latent_stay="stay").with_columns(
        probability=1 - pl.col("latent_stay").fill_nan(0.8).cast(pl.Float64), leave_hazard=pl.lit(0.1)
    )
    write_parquet(truth, root / "data/raw/demo/truth.parquet")
    here = params(root, log={"path": str(root / "data/raw/demo/events.parquet")})
    outputs = {name: root / "demo" / name for name in ("predictions", "metrics", "plots")}
    evaluate.run(
        here.log, here.label, here.split, here.train, here.evaluate,
        root / "data/model/evaluated", root / "data/logins", root / "data/raw/demo/truth.parquet", **outputs,
    )  # fmt: skip
    oracle = read_json(outputs["metrics"])["oracle"]
    assert set(oracle) == {"auc", "gini_ratio", "latent_auc", "latent_gini_ratio"}
    model = metrics["test"]["auc"]["value"]
    assert oracle["gini_ratio"] == pytest.approx((2 * model - 1) / (2 * oracle["auc"] - 1))
    assert oracle["latent_auc"] == pytest.approx(model, abs=0.03)

    write_parquet(truth.head(50), root / "data/raw/demo/truth.parquet")
    with pytest.raises(InputError, match=r"test rows have no true probability"):
        run_stage(evaluate.run, here, root)
