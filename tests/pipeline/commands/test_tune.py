"""The search looks at the training range alone, goes on where it stopped, and writes only what is surely better."""

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.commands import tune
from pipeline.commands.tune import write_settings
from pipeline.config.params import load_params
from pipeline.config.sections import Params
from pipeline.errors import InputError
from tests.support import tiny
from tests.support.finished import MLFLOW_WARNINGS, mlflow_store_at
from tests.support.model_rows import PARAMS_FILE, lay_out, params

optuna = pytest.importorskip("optuna")
pytestmark = [
    *(pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
QUICK = {"max_rounds": 40}
SPLIT = {"min_rows": 20}


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tune")
    lay_out(root)
    return root


@pytest.fixture
def project(logins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(logins / "data", tmp_path / "data")
    tiny.parameters(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return tmp_path


def searched(root: Path, trials: int, origins: int = 3, **train: Any) -> str:
    asked: Params = params(root, train=QUICK | train, split=SPLIT | {"origins": origins})
    with mlflow_store_at(root):
        return tune.search(asked, root / "params.yaml", trials, None)


def test_settings_that_learn_nothing_are_replaced_and_the_search_goes_on(project: Path) -> None:
    outcome = searched(project, 4, learning_rate=0.0001, leaves=2, max_rounds=10)
    assert "is written to" in outcome, outcome
    written = load_params(project / "params.yaml").train
    assert 0.01 <= written.learning_rate <= 0.1
    assert 4 <= written.leaves <= 64
    (study,) = optuna.get_all_study_names(f"sqlite:///{project / 'tune.db'}")
    trials = optuna.load_study(study_name=study, storage=f"sqlite:///{project / 'tune.db'}").trials
    assert len(trials) == 4

    searched(project, 5, learning_rate=0.0001, leaves=2, max_rounds=10)
    assert len(optuna.load_study(study_name=study, storage=f"sqlite:///{project / 'tune.db'}").trials) == 5
    runs = nested_runs(project)
    assert sorted(run.info.run_name for run in runs) == [f"trial-000{number}" for number in range(5)]
    assert {run.data.tags["ended"] for run in runs} <= {"complete", "pruned"}


def nested_runs(root: Path) -> list[Any]:
    from mlflow import MlflowClient  # noqa: PLC0415  # MLflow takes seconds to import

    client = MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("lastlogin")
    return [
        run for run in client.search_runs([experiment.experiment_id]) if "mlflow.parentRunId" in run.data.tags
    ]


def test_the_settings_in_use_are_tried_first_and_stay_when_nothing_is_surely_better(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (project / "params.yaml").read_bytes()
    monkeypatch.setattr(tune, "_log", lambda *_: None)
    outcome = searched(project, 1)
    assert "none is better than the settings in use" in outcome
    assert (project / "params.yaml").read_bytes() == before


def test_the_test_period_is_never_looked_at(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    splits: list[Any] = []

    def watched(rows: pl.DataFrame, features: Any, split: Any, origin: Any, settings: Any) -> Any:
        splits.append((origin.validation.last, split.training.last))
        return origin_losses(rows, features, split, origin, settings)

    origin_losses = tune.origin_losses
    monkeypatch.setattr(tune, "origin_losses", watched)
    monkeypatch.setattr(tune, "_log", lambda *_: None)
    searched(project, 2)
    assert splits
    assert all(evaluated <= training for evaluated, training in splits)


def test_without_a_server_the_search_is_kept_and_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = params(project, train=QUICK, split=SPLIT, tracking={"uri": "http://127.0.0.1:9"})
    with mlflow_store_at(project), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        assert "1 trials in" in tune.search(asked, project / "params.yaml", 1, None)
    assert "The search itself is safe in tune.db" in capsys.readouterr().err


def test_a_log_with_one_origin_is_refused(project: Path) -> None:
    with pytest.raises(InputError, match=r"A search needs two: one to choose by, one to confirm"):
        searched(project, 1, origins=1)


def test_writing_keeps_every_comment_and_every_other_line(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    shutil.copy(PARAMS_FILE, path)
    write_settings(path, "train", {"leaves": 31, "l2": 0.25})
    before, after = PARAMS_FILE.read_text().splitlines(), path.read_text().splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert [line.split("#")[0].strip() for line in changed] == ["leaves: 31", "l2: 0.25"]
    assert all("#" in line for line in changed)
    assert load_params(path).train.leaves == 31
    with pytest.raises(InputError, match=r"train\.depth has no line of its own"):
        write_settings(path, "train", {"depth": 3})
