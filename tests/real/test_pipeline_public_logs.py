"""The whole pipeline on two public shops, against the reference figures that came with them."""

import importlib
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage
from pipeline.storage.files import read_json
from tests.real.public import public_log
from tests.support.tiny import ROOT, parameters

STAGES = (
    "rates",
    "external",
    "ingest",
    "activity",
    "logins",
    "landmarks",
    "listed",
    "define",
    "readiness",
    "train",
    "evaluate",
    "profile",
    "score",
    "report",
)


class Reference(NamedTuple):
    """A careful one-day notebook on the same split; `rows` says that the split is the same."""

    rows: int
    base_rate: float
    auc: float
    log_loss: float


REFERENCES = {
    "online_retail": ("online_retail/online_retail.csv.gz", Reference(3317, 0.207, 0.812, 0.418)),
    "cdnow": ("cdnow/CDNOW_master.txt.gz", Reference(8387, 0.385, 0.770, 0.560)),
}


def result_of(name: str, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    log = public_log(REFERENCES[name][0])
    parameters(
        folder,
        log__path=str(log),
        log__contract=str(ROOT / "data/contracts" / f"{name}.yaml"),
        label__horizon_days=90,
        rates__path=str(ROOT / "data/external/rates"),
        evaluate__bootstrap=20,
    )
    patch.chdir(folder)
    for stage in STAGES:
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))
    return dict(read_json(folder / "reports/metrics.json"))


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_the_model_is_at_least_as_good_as_a_careful_notebook(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = REFERENCES[name][1]
    metrics = result_of(name, tmp_path, monkeypatch)
    test = {quality: told["value"] for quality, told in metrics["test"].items()}
    assert test["rows"] == reference.rows
    assert test["base_rate"] == pytest.approx(reference.base_rate, abs=0.001)
    assert test["auc"] >= reference.auc
    assert test["log_loss"] <= reference.log_loss
    assert "oracle" not in metrics
    listed = pl.read_parquet(tmp_path / "data/crm/list.parquet")
    assert listed["user_id"].is_unique().all()
    assert listed["silent_days"].is_between(0, 89).all()
    assert listed["reason_1_text"].null_count() < listed.height / 2
