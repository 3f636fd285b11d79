"""The whole pipeline on public logs, against the reference figures that came with two of them."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import polars as pl
import pytest

from pipeline.commands.verify_list import verify_list
from pipeline.config.params import load_params
from pipeline.storage.datasets import CRM_TABLE
from pipeline.storage.files import read_json
from tests.real.public import public_log
from tests.support.stage_runs import run_here
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
    "health",
    "score",
    "business",
    "report",
)


class Reference(NamedTuple):
    """A careful one-day notebook on the same split; `rows` says that the split is the same."""

    rows: int
    base_rate: float
    auc: float
    log_loss: float


REFERENCES = {
    "online_retail": Reference(3317, 0.207, 0.812, 0.418),
    "cdnow": Reference(8387, 0.385, 0.770, 0.560),
}
LOGS = {
    "online_retail": "online_retail/online_retail.csv.gz",
    "cdnow": "cdnow/CDNOW_master.txt.gz",
    "rails_git": "rails_git/events.csv.gz",
}


@cache
def finished_log(name: str) -> Path:
    """A folder in which the stages have run on a public log, once for all tests, which only read it."""
    log = public_log(LOGS[name])
    folder = Path(mkdtemp(prefix="lastlogin-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    parameters(
        folder,
        log__path=str(log),
        log__contract=str(ROOT / "data/contracts" / f"{name}.yaml"),
        label__horizon_days=90,
        rates__path=str(ROOT / "data/external/rates"),
        plays__path=str(ROOT / "data/contracts/plays.yaml"),
        import_lists__path=str(ROOT / "data/contracts/lists.yaml"),
        evaluate__bootstrap=20,
        evaluate__origins=1,
        **({} if name in REFERENCES else {"train__max_rounds": 60}),  # sentences do not need the best model
    )
    needless = () if name in REFERENCES else ("business", "report")
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *(stage for stage in STAGES if stage not in needless))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
def test_no_sentence_of_the_list_is_contradicted_by_the_log(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished_log(name))
    found = verify_list(load_params(Path("params.yaml")), Path(), CRM_TABLE.path)
    assert found.contradictions == ()
    assert found.recounted == found.facts > found.users


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_the_model_is_at_least_as_good_as_a_careful_notebook(name: str) -> None:
    folder, reference = finished_log(name), REFERENCES[name]
    metrics = read_json(folder / "reports/metrics.json")
    test = {quality: told["value"] for quality, told in metrics["test"].items()}
    assert test["rows"] == reference.rows
    assert test["base_rate"] == pytest.approx(reference.base_rate, abs=0.001)
    assert test["auc"] >= reference.auc
    assert test["log_loss"] <= reference.log_loss
    assert "oracle" not in metrics
    listed = pl.read_parquet(folder / CRM_TABLE.path)
    assert listed["user_id"].is_unique().all()
    assert listed["silent_days"].is_between(0, 89).all()
    assert listed["reason_1_text"].null_count() < listed.height / 2
