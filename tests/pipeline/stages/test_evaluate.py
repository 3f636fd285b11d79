"""Stage `evaluate` judges every ripe row of the test period once, against baselines and the truth."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from pipeline.errors import InputError
from pipeline.runner.stage import run_stage, signature_of
from pipeline.stages import evaluate
from pipeline.storage.files import read_json
from pipeline.storage.frames import write_parquet
from tests.support.model_rows import bytes_below, lay_out, params, run_both
from tests.support.rows import day

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
        "lift_at_5pct", "lift_at_20pct", "ks", "rows", "users", "base_rate",
    }  # fmt: skip
    assert set(metrics["test"]) == names
    assert set(metrics["baselines"]) == {"silence", "own_gap", "rfm_logistic", "logins_60d", "bg_nbd"}
    assert not {"test_by_user", "capacity"} & set(metrics)  # both used what only later logins tell
    assert all(set(part) == names for part in [*metrics["baselines"].values(), *metrics["segments"].values()])
    assert metrics["grade"] in {"A", "B", "C"}
    assert metrics["auc_gain"]["over"] in metrics["grade_because"]
    assert "oracle" not in metrics
    assert -1 <= metrics["profile_agreement"]["low"] <= metrics["profile_agreement"]["median"] <= 1
    for name in ("auc", "log_loss", "base_rate"):
        assert metrics["expected"][name]["observed"] == pytest.approx(metrics["test"][name])
    assert metrics["periods"]["test"] == "2024-03-19 to 2024-04-15"


def test_the_model_beats_baselines_that_do_not_see_its_features(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    assert project[2]["auc_gain"]["low"] > 0


def test_segments_share_out_the_test_rows(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    metrics = project[2]
    for begin in ("login_number", "user", "tenure_days", "country"):
        parts = [
            part["rows"]["value"] for name, part in metrics["segments"].items() if name.startswith(begin)
        ]
        assert sum(parts) == metrics["test"]["rows"]["value"]


def test_how_many_test_users_were_trained_on_is_said(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    _, rows, metrics = project
    tested = set(rows.filter(pl.col("ripe") & (pl.col("login_day") >= day(78)))["user_id"])
    trained_on = set(rows.filter(pl.col("login_day") <= day(63))["user_id"])
    assert metrics["test_users"] == {"tested": len(tested), "also_trained_on": len(tested & trained_on)}
    known_users = metrics["segments"]["user seen in training"]["users"]["value"]
    assert known_users == metrics["test_users"]["also_trained_on"]


def test_small_parts_are_listed_with_their_rows_only(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    parts = project[2]["segments"].values()
    small = [part for part in parts if part["rows"]["value"] < 50]
    assert small
    assert all(part["auc"]["value"] is None and part["log_loss"]["value"] is None for part in small)
    assert all(part["log_loss"]["value"] is not None for part in parts if part["auc"]["value"] is not None)


def test_without_leak_the_price_is_the_test_period_s_own_figures(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    metrics = project[2]
    for name in ("auc", "average_precision", "log_loss"):
        assert metrics["leak_price"]["purged"][name] == metrics["test"][name]["value"]
    assert metrics["leak_price"]["unpurged"]["rows"] == metrics["test"]["rows"]["value"]
    assert metrics["leak_price"]["unpurged"]["training_rows"] > metrics["model"]["training_rows"]
    assert metrics["leak_price"]["users"] == "all"


def test_rolling_origins_begin_with_the_test_period_and_name_what_is_left_out(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    metrics = project[2]
    found = metrics["rolling"]
    first, *earlier = found["origins"]
    assert (first["test"], first["auc"]) == (metrics["periods"]["test"], metrics["test"]["auc"]["value"])
    assert [origin["test"] for origin in earlier] == ["2024-02-20 to 2024-03-18"]
    assert earlier[0]["training"] == "2024-01-01 to 2024-02-05"
    assert found["left_out"][0].startswith("2024-01-23 to 2024-02-19: its training period has")
    values = [origin["auc"] for origin in found["origins"]]
    assert found["auc"]["mean"] == pytest.approx(sum(values) / 2)
    assert (found["auc"]["low"], found["auc"]["high"]) == (min(values), max(values))


def test_silence_leaves_fewer_rows_and_the_score_that_knows_it_is_no_worse(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    metrics = project[2]
    later = metrics["earliness"]["silence"]
    rows = [part["rows"]["value"] for part in later.values()]
    assert list(later) == ["0_days", "1_days", "2_days", "3_days"]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] == metrics["test"]["rows"]["value"]
    assert later["0_days"]["auc"] == metrics["test"]["auc"]
    assert later["3_days"]["log_loss"]["value"] < later["3_days"]["log_loss_at_login"]["value"]
    assert metrics["earliness"]["within_day"] == {"because": "the log tells days, not times of day"}


def test_plots_are_short_tables(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    tables = {path.name: pl.read_csv(path) for path in (project[0] / WRITTEN[2]).iterdir()}
    assert set(tables) == {
        "roc.csv", "precision_recall.csv", "reliability.csv", "gains.csv", "thresholds.csv", "tenths.csv",
    }  # fmt: skip
    assert all(0 < table.height <= 200 for table in tables.values())


def test_two_runs_write_the_same_bytes(
    project: tuple[Path, pl.DataFrame, dict[str, Any]], tmp_path: Path
) -> None:
    lay_out(tmp_path, buckets=3)
    run_both(tmp_path)
    assert bytes_below(tmp_path / "reports") == bytes_below(project[0] / "reports")
    assert bytes_below(tmp_path / "data/predictions") == bytes_below(project[0] / "data/predictions")


def test_the_demo_log_is_judged_against_its_truth(
    project: tuple[Path, pl.DataFrame, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, rows, metrics = project
    monkeypatch.setattr(evaluate, "reasons_found", lambda *_: {"leavers": 0})
    truth = rows.select("user_id", "login_day", latent_stay="login_share_30d").with_columns(
        probability=1 - pl.col("latent_stay").fill_nan(0.8).cast(pl.Float64), leave_hazard=pl.lit(0.1)
    )
    write_parquet(truth, root / "data/raw/demo/truth.parquet")
    here = params(root, log={"path": str(root / "data/raw/demo/events.parquet")})
    outputs = {name: root / "demo" / name for name in ("predictions", "metrics", "plots")}
    inputs = {name: root / path for name, path in signature_of(evaluate.run).inputs.items()}
    evaluate.run(
        here.log,
        here.rates,
        here.label,
        here.split,
        here.evaluate,
        here.costs,
        **inputs,
        **outputs,
    )
    oracle = read_json(outputs["metrics"])["oracle"]
    assert set(oracle) == {"auc", "gini_ratio", "latent_auc", "latent_gini_ratio"}
    model = metrics["test"]["auc"]["value"]
    assert oracle["gini_ratio"] == pytest.approx((2 * model - 1) / (2 * oracle["auc"] - 1))
    assert oracle["latent_auc"] == pytest.approx(model, abs=0.03)

    write_parquet(truth.head(50), root / "data/raw/demo/truth.parquet")
    with pytest.raises(InputError, match=r"test rows have no true probability"):
        run_stage(evaluate.run, here, root)
