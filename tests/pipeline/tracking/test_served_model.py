"""The served model says over HTTP what the pipeline says of the same features."""

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grimp
import numpy as np
import polars as pl
import pytest

from features.aggregation.landmarks import SILENT_DAYS
from features.catalogue.silence import SILENCE
from features.define import LIST_DIMENSIONS
from pipeline.explanation.explain import REASON_COLUMNS
from pipeline.storage.frames import read_buckets
from pipeline.storage.model_folder import load_login_model, load_models
from pipeline.tracking.logged_model import REQUIREMENTS
from tests.support.finished import MLFLOW_WARNINGS, mlflow_store_at, tracked_store

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]
START_SECONDS, ANSWER_SECONDS = 120, 30


@pytest.fixture
def store() -> Iterator[Path]:
    """The folder of a store that a finished project has been tracked in."""
    folder = tracked_store()
    with mlflow_store_at(folder):
        yield folder


def some_rows(store: Path) -> pl.DataFrame:
    """Login rows with missing values among them."""
    names = list(load_login_model(store / "data/model/scoring").features)
    rows = read_buckets(store / "data/logins").select(names).head(40)
    assert rows.select(pl.any_horizontal(pl.all().is_nan())).to_series().any()
    return rows


def test_a_loaded_model_answers_with_probability_contributions_and_reasons(store: Path) -> None:
    import mlflow  # noqa: PLC0415  # MLflow takes seconds to import

    mlflow.set_tracking_uri(f"sqlite:///{store / 'mlflow.db'}")
    rows, trained = some_rows(store), load_login_model(store / "data/model/scoring")
    served = mlflow.pyfunc.load_model("models:/lastlogin@champion")
    answer = served.predict(rows.to_pandas())
    assert list(answer.columns) == ["probability", "base_log_odds", *LIST_DIMENSIONS, *REASON_COLUMNS]
    np.testing.assert_allclose(answer["probability"], trained.predict(rows), atol=1e-12)
    raw = trained.booster.predict(rows.to_numpy(), raw_score=True)
    np.testing.assert_allclose(answer[["base_log_odds", *LIST_DIMENSIONS]].sum(axis=1), raw, atol=1e-4)
    with_reason = answer[answer["reason_1"].notna()]
    assert len(with_reason)
    assert not with_reason["reason_1_text"].str.contains("usually|nan|{").any()


def test_a_silent_user_gets_the_number_of_the_list_and_a_row_without_silence_that_of_the_login(
    store: Path,
) -> None:
    import mlflow  # noqa: PLC0415  # MLflow takes seconds to import

    mlflow.set_tracking_uri(f"sqlite:///{store / 'mlflow.db'}")
    served = mlflow.pyfunc.load_model("models:/lastlogin@champion")
    models = load_models(store / "data/model/scoring")
    listed = read_buckets(store / "data/listed").sort(SILENT_DAYS).gather_every(9)
    listed = listed.filter(pl.col(SILENT_DAYS) < models.card.churn.horizon_days)
    silent = (listed[SILENT_DAYS] > 0).to_numpy()
    assert 0 < silent.sum() < len(silent)
    given = listed.select(models.features)
    of_list = served.predict(given.to_pandas())
    np.testing.assert_allclose(of_list["probability"], models.predict(listed), atol=1e-12)
    assert (of_list["silence"].to_numpy() != 0).tolist() == silent.tolist()
    of_login = served.predict(given.drop(feature.name for feature in SILENCE).to_pandas())
    np.testing.assert_allclose(of_login["probability"], models.login.predict(listed), atol=1e-12)
    differs = of_login["probability"].to_numpy() != of_list["probability"].to_numpy()
    assert differs.tolist() == silent.tolist()


@pytest.mark.slow
def test_a_real_http_request_to_the_served_champion_is_answered(store: Path) -> None:
    rows, trained = some_rows(store), load_login_model(store / "data/model/scoring")
    data = rows.fill_nan(None).rows()
    with serving(store) as address:
        answer = asked(address, {"dataframe_split": {"columns": rows.columns, "data": data}})
        nothing = asked(
            address, {"dataframe_split": {"columns": rows.columns, "data": [[None] * rows.width]}}
        )
    given = [row["probability"] for row in answer["predictions"]]
    np.testing.assert_allclose(given, trained.predict(rows), atol=1e-6)
    assert set(answer["predictions"][0]) == {
        "probability",
        "base_log_odds",
        *LIST_DIMENSIONS,
        *REASON_COLUMNS,
    }
    assert 0 < nothing["predictions"][0]["probability"] < 1


def test_the_requirements_name_every_package_that_serving_imports() -> None:
    graph = grimp.build_graph("pipeline", "features", "models", include_external_packages=True)
    code = graph.find_upstream_modules("pipeline.tracking.served_model") | {"pipeline.tracking.served_model"}
    ours = {"pipeline", "features", "models"}
    imported = {module for module in code if module.split(".")[0] not in ours} - set(sys.stdlib_module_names)
    distribution = {"sklearn": "scikit-learn", "woodelf": "woodelf-explainer"}
    with_mlflow = {"pydantic", "yaml", "requests", "sqlalchemy"}
    assert {distribution.get(name, name) for name in imported} - with_mlflow <= set(REQUIREMENTS)


def test_the_served_model_is_code_and_no_pickle(store: Path) -> None:
    files = {path.suffix for path in store.glob("mlartifacts/models/**/*") if path.is_file()}
    assert files.isdisjoint({".pkl", ".pickle", ".joblib"})
    served = next(store.glob("mlartifacts/models/*/artifacts/served_model.py"))
    assert any(isinstance(node, ast.ClassDef) for node in ast.parse(served.read_text()).body)


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """`mlflow models serve` on the champion, on a free port of the loopback; ended when the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    venv = Path(sys.executable).parent
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", "models:/lastlogin@champion"]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": f"sqlite:///{store / 'mlflow.db'}",
        "PATH": f"{venv}{os.pathsep}{os.environ['PATH']}",
    }
    log = store / "serve.log"
    with log.open("w") as log_file:
        server = subprocess.Popen(
            command, env=environment, stdout=log_file, stderr=log_file, cwd=store, start_new_session=True
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/ping", server, log)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(ANSWER_SECONDS)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


def asked(address: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
