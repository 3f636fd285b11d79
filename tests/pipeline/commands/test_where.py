"""`lastlogin where`: each result with its path, or the command that makes it."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.commands.where import where_things_are
from pipeline.errors import InputError
from pipeline.storage.files import read_json, write_json
from tests.support.finished import finished, params

RUN = {
    "uri": "https://mlflow.example",
    "experiment": "e",
    "run_name": "cdnow-14d-abc",
    "model_name": "lastlogin",
    "model_version": "3",
}


def test_before_anything_ran_it_says_what_to_run(tmp_path: Path) -> None:
    assert where_things_are(tmp_path, params(tmp_path)).splitlines() == [
        f"CRM list: {tmp_path}/data/crm/list.csv is not there; make it: dvc repro",
        f"Report:   {tmp_path}/reports/report.html is not there; make it: dvc repro",
        f"Metrics:  {tmp_path}/reports/metrics.json is not there; make it: dvc repro",
        "MLflow:   no run yet; make it: lastlogin track",
    ]


def test_it_says_how_long_the_list_is_and_how_good_the_model(tmp_path: Path) -> None:
    root = finished(tmp_path)
    write_json(RUN, root / "reports/mlflow.json")
    auc = read_json(root / "reports/metrics.json")["list"]["auc"]
    rows = pl.read_parquet(root / "data/crm/list.parquet").height
    listed, reported, measured, tracked = where_things_are(root, params(root)).splitlines()
    assert listed == f"CRM list: {root}/data/crm/list.csv  ({rows:,} users, in the order of contact)"
    assert reported == f"Report:   {root}/reports/report.html"
    assert (
        f"(AUC of lists {auc['value']:.3f}, 95 % interval {auc['low']:.3f} to {auc['high']:.3f}; grade"
        in measured
    )
    assert tracked == (
        "MLflow:   run cdnow-14d-abc in experiment e; open it: make mlflow; its model: models:/lastlogin/3"
    )


def test_a_run_in_another_store_is_opened_there(tmp_path: Path) -> None:
    root = finished(tmp_path)
    write_json(RUN, root / "reports/mlflow.json")
    lines = where_things_are(root, params(root, tracking={"uri": "https://mlflow.example"}))
    assert "open it: https://mlflow.example;" in lines
    write_json(RUN | {"uri": "sqlite:////runs/all.db"}, root / "reports/mlflow.json")
    lines = where_things_are(root, params(root, tracking={"uri": "sqlite:////runs/all.db"}))
    assert "open it: mlflow ui --backend-store-uri sqlite:////runs/all.db;" in lines


def test_an_auc_that_could_not_be_measured_is_said(tmp_path: Path) -> None:
    root = finished(tmp_path)
    metrics = read_json(root / "reports/metrics.json")
    metrics["list"]["auc"] = {"value": None, "low": None, "high": None}
    write_json(metrics, root / "reports/metrics.json")
    assert "no AUC of lists" in where_things_are(root, params(root))


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_where_refuses_damaged_metrics(text: str, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/metrics.json").write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"metrics\.json: damaged"):
        where_things_are(tmp_path, params(tmp_path))


def test_a_record_of_a_run_without_its_name_is_refused(tmp_path: Path) -> None:
    write_json({"uri": RUN["uri"]}, tmp_path / "reports/mlflow.json")
    with pytest.raises(InputError, match=r"mlflow\.json: damaged[\s\S]*'model_name'"):
        where_things_are(tmp_path, params(tmp_path))
