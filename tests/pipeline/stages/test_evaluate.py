"""Stage `evaluate` judges every ripe row and every list of the test period once, against baselines and the truth."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from pipeline.errors import InputError
from pipeline.learning.dataset import read_landmarks
from pipeline.runner.stage import run_stage, signature_of
from pipeline.stages import evaluate
from pipeline.storage.files import read_json
from pipeline.storage.frames import write_parquet
from pipeline.storage.model_folder import load_models
from tests.support.model_rows import bytes_below, lay_out, params, run_both
from tests.support.rows import day
from tests.support.shop import finished_shop

LISTS = "data/predictions/list.parquet"
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


def test_the_curve_of_earliness_goes_on_with_the_lists_by_days_of_silence(
    project: tuple[Path, pl.DataFrame, dict[str, Any]],
) -> None:
    root, _, metrics = project
    later = metrics["earliness"]["silence"]
    days = ("0", "1", "2", "3", "4", "5_to_6", "7_to_9", "10_to_13")
    assert list(later) == [f"{name}_days" for name in days]
    found = pl.read_parquet(root / LISTS)
    assert sum(part["rows"]["value"] for part in later.values()) == found.height
    week = found.filter(pl.col("silent_days").is_between(7, 9))
    assert later["7_to_9_days"]["rows"]["value"] == week.height
    assert later["7_to_9_days"]["auc"]["value"] == pytest.approx(
        roc_auc_score(week["churned"], week["probability"])
    )
    assert metrics["earliness"]["within_day"] == {"because": "the log tells days, not times of day"}


def listed_by_hand(shop: Path, horizon: int) -> dict[tuple[str, date], tuple[date, int, bool]]:
    """From the raw lines: user and day of the list to last login, days of silence, and whether the user stayed away."""
    came: dict[str, set[date]] = {}
    for user, time in pl.read_csv(shop / "shop.csv").select("customer", "time").iter_rows():
        came.setdefault(user, set()).add(date.fromisoformat(time[:10]))
    end = date.fromisoformat(read_json(shop / "reports/ingest.json")["log_end"])
    test_from = date.fromisoformat(
        read_json(shop / "reports/metrics.json")["periods"]["test"].split(" to ")[0]
    )
    expected, day_of_list = {}, test_from + timedelta(days=horizon - 1)
    while day_of_list <= end - timedelta(days=horizon):
        for user, days in came.items():
            last = max((one for one in days if one <= day_of_list), default=date.min)
            silent = (day_of_list - last).days
            if silent < horizon:
                later = [(one - day_of_list).days for one in days if one > day_of_list]
                expected[user, day_of_list] = last, silent, not any(days <= horizon for days in later)
        day_of_list += timedelta(days=7)
    return expected


def test_lists_hold_every_user_within_the_horizon_once_every_seventh_day_with_what_came_of_it() -> None:
    shop = finished_shop()
    found = pl.read_parquet(shop / LISTS)
    assert dict(found.schema) == {
        "user_id": pl.String,
        "as_of": pl.Date,
        "login_day": pl.Date,
        "silent_days": pl.Int32,
        "churned": pl.Boolean,
        "probability": pl.Float64,
    }
    rows = {(user, as_of): tuple(others) for user, as_of, *others in found.drop("probability").iter_rows()}
    expected = listed_by_hand(shop, 14)
    assert len(rows) == found.height > 100
    assert rows == expected
    assert len({churned for _, _, churned in expected.values()}) == 2
    assert found["probability"].is_between(0, 1, closed="none").all()


def test_on_the_day_of_a_login_the_list_says_what_the_login_model_says() -> None:
    shop = finished_shop()
    today = pl.read_parquet(shop / LISTS).filter(pl.col("silent_days") == 0)
    both = today.join(
        pl.read_parquet(shop / WRITTEN[0]), on=["user_id", "login_day"], how="left", suffix="_login"
    )
    assert both.height > 15
    assert both["churned"].equals(both["churned_login"], null_equal=True)
    assert both["probability"].to_list() == pytest.approx(both["probability_login"].to_list(), abs=1e-12)


def test_the_lists_are_predicted_by_the_evaluated_version_from_what_was_known_that_day() -> None:
    shop = finished_shop()
    rows = read_landmarks(shop / "data/landmarks").filter(pl.col("listed") & pl.col("ripe"))
    models = load_models(shop / "data/model/evaluated")
    found = pl.read_parquet(shop / LISTS)
    assert found.select("user_id", "as_of").equals(rows.select("user_id", "as_of"))
    assert found["probability"].to_list() == pytest.approx(models.predict(rows).tolist(), abs=1e-12)
    assert models.card.data_end < found["as_of"].min()


def test_plots_are_short_tables(project: tuple[Path, pl.DataFrame, dict[str, Any]]) -> None:
    tables = {path.name: pl.read_csv(path) for path in (project[0] / WRITTEN[2]).glob("*.csv")}
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
    outputs = {name: root / "demo" / name for name in ("predictions", "list_predictions", "metrics", "plots")}
    inputs = {name: root / path for name, path in signature_of(evaluate.run).inputs.items()}
    evaluate.run(
        here.log,
        here.rates,
        here.label,
        here.split,
        here.evaluate,
        here.costs,
        here.risk_bands,
        here.policy,
        here.styles,
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
