"""One result is one run and one version of the model, with all that a person looks for there."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.runner.stage import exit_code_of
from pipeline.stages import track
from pipeline.storage.digests import digest_of
from pipeline.storage.files import read_json, write_json
from pipeline.tracking.pseudonyms import pseudonym
from pipeline.tracking.result import parameters
from pipeline.tracking.run_content import as_texts, numbers
from pipeline.tracking.store import store_of
from tests.support.finished import MLFLOW_WARNINGS, finished, mlflow_store_at, params, run_in, tracked_store
from tests.support.paths import ROOT

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


@pytest.fixture
def store() -> Iterator[Path]:
    """The folder of a store that a finished project has been tracked in."""
    folder = tracked_store()
    with mlflow_store_at(folder):
        yield folder


def tracked_run(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(root / "reports/mlflow.json")
    return found


def client(store: Path) -> Any:
    from mlflow import MlflowClient  # noqa: PLC0415  # MLflow takes seconds to import

    return MlflowClient(f"sqlite:///{store / 'mlflow.db'}")


def artefacts(store: Path, run_id: str, folder: str | None = None) -> set[str]:
    return {found.path for found in client(store).list_artifacts(run_id, folder)}


def runs(store: Path) -> list[Any]:
    experiment = client(store).get_experiment_by_name("lastlogin")
    return list(client(store).search_runs([experiment.experiment_id]))


def test_tracking_again_finds_the_run_wherever_the_project_lies(store: Path, tmp_path: Path) -> None:
    before = len(runs(store)), len(client(store).search_model_versions("name = 'lastlogin'"))
    elsewhere = finished(tmp_path)
    run_in(elsewhere, track.run)
    assert tracked_run(elsewhere) == tracked_run(store)
    assert (len(runs(store)), len(client(store).search_model_versions("name = 'lastlogin'"))) == before


def test_the_figures_of_the_business_are_tables_of_the_run(store: Path) -> None:
    run_id = tracked_run(store)["run_id"]
    assert artefacts(store, run_id, "business") == {
        "business/cohorts.json", "business/fade.json", "business/figures.json"
    }  # fmt: skip
    assert "business.json" in artefacts(store, run_id)
    drawn = artefacts(store, run_id, "figures")
    assert {"figures/courses.png", "figures/cohorts.png", "figures/fade.png"} <= drawn


def test_a_run_has_parameters_metrics_tags_and_the_data_set(store: Path) -> None:
    run = client(store).get_run(tracked_run(store)["run_id"])
    metrics = read_json(store / "reports/metrics.json")
    assert run.info.status == "FINISHED"
    assert run.data.params["train.leaves"] == str(params(store).train.leaves)
    assert run.data.metrics["list.auc"] == metrics["list"]["auc"]["value"]
    assert run.data.metrics["list.silent.log_loss"] == metrics["list"]["silent"]["log_loss"]["value"]
    assert run.data.metrics["test.auc"] == metrics["test"]["auc"]["value"]
    assert run.data.metrics["test.auc.low"] == metrics["test"]["auc"]["low"]
    assert run.data.metrics["baselines.silence.auc"] == metrics["baselines"]["silence"]["auc"]["value"]
    assert 0 < run.data.metrics["business.churn_rate"] < 1
    assert run.data.tags["inputs_digest"] == tracked_run(store)["digest"]
    assert len(run.data.tags["data_digest"]) == 64
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("shop.csv", run.data.tags["data_digest"][:32])


def test_a_run_has_report_plots_and_figures(store: Path) -> None:
    run_id = tracked_run(store)["run_id"]
    assert artefacts(store, run_id) >= {
        "report.html", "metrics.json", "ingest.json", "return_curve.csv", "plots", "figures", "profiles",
        "model_card.md", "drift.json", "promotion.json", "plays.yaml",
    }  # fmt: skip
    figures = artefacts(store, run_id, "figures")
    for name in ("roc", "dimensions", "features", "dependence"):
        assert {f"figures/{name}.png", f"figures/{name}.html"} <= figures
    assert "plots/gains.csv" in artefacts(store, run_id, "plots")


@pytest.mark.parametrize(
    ("table", "most"), [("profiles/profiles.parquet", None), ("profiles/most_at_risk.json", 500)]
)
def test_the_profiles_are_a_readable_table_without_user_ids(
    store: Path, table: str, most: int | None
) -> None:
    import mlflow  # noqa: PLC0415  # MLflow takes seconds to import

    mlflow.set_tracking_uri(f"sqlite:///{store / 'mlflow.db'}")
    experiment = client(store).get_experiment_by_name("lastlogin")
    found: pd.DataFrame = client(store).load_table(
        experiment.experiment_id, table, [tracked_run(store)["run_id"]]
    )
    users = pl.read_parquet(store / "data/profiles/profiles.parquet")["user_id"].to_list()
    assert set(found["user_id"]) <= {pseudonym(user, "") for user in users}
    assert {"login_probability", "rhythm", "reason_1_text"} <= set(found.columns)
    assert len(found) == len(users[:most])


def words_below(folder: Path, run_id: str) -> set[str]:
    """Every word in every text and table that was logged, HTML and JSON included."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if not path.is_file() or run_id not in path.parts:
            continue
        if path.suffix == ".parquet":
            texts = pl.read_parquet(path).select(pl.col(pl.String))
            found |= {
                word for column in texts.iter_columns() for text in column for word in (text or "").split()
            }
        elif path.suffix != ".png":
            found |= set(re.findall(r"\w+", path.read_text("utf-8", errors="replace")))
    return found


def told_of_users(root: Path) -> list[str]:
    """Lay out what names users in JSON; the ids of all."""
    users: list[str] = pl.read_parquet(root / "data/profiles/profiles.parquet")["user_id"].to_list()
    write_json([{"name": "newcomers", "users": users[:20]}], root / "reports/segments.json")
    write_json({"styles": [{"name": "Quiet", "nearest": users[3]}]}, root / "data/profiles/styles.json")
    return users


def test_no_user_id_is_in_any_artefact_unless_they_are_asked_for_in_plain(tmp_path: Path) -> None:
    root = finished(tmp_path)
    users = told_of_users(root)
    with mlflow_store_at(root):
        run_in(root, track.run)
        hashed = tracked_run(root)["run_id"]
        run_in(root, track.run, tracking={"user_ids": "plain"})
        plain = tracked_run(root)["run_id"]
    assert hashed != plain
    words = words_below(root / "mlartifacts", hashed)
    assert {"profiles/styles.json", "profiles/play_styles.json", "profiles/segments.json"} <= artefacts(
        root, hashed, "profiles"
    )
    assert pseudonym(users[3], "") in words
    assert not words & set(users)
    assert words_below(root / "mlartifacts", plain) >= set(users)


def test_another_key_of_the_user_ids_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = finished(tmp_path)
    runs = []
    with mlflow_store_at(root):
        for key in ("", "secret", "secret"):
            monkeypatch.setenv("LASTLOGIN_ID_KEY", key)
            run_in(root, track.run)
            runs.append(tracked_run(root)["run_id"])
    assert runs[0] != runs[1] == runs[2]
    users = pl.read_parquet(root / "data/profiles/profiles.parquet")["user_id"]
    assert pseudonym(users[0], "secret") in words_below(root / "mlartifacts", runs[1])


def test_the_champion_has_a_signature_and_an_example_and_names_no_place_on_this_machine(store: Path) -> None:
    from mlflow.models import Model  # noqa: PLC0415  # MLflow takes seconds to import

    champion = client(store).get_model_version_by_alias("lastlogin", "champion")
    described = next(
        path for path in store.glob("mlartifacts/**/MLmodel") if champion.run_id in path.read_text()
    )
    model = Model.load(str(described))
    inputs, example = model.get_input_schema(), model.load_input_example(str(described.parent))
    assert inputs is not None
    of_login, of_list = (
        read_json(store / f"data/model/scoring/{part}/model.json")["features"] for part in ("login", "list")
    )
    assert inputs.input_names() == of_list
    assert inputs.required_input_names() == list(example.columns) == of_login
    assert str(ROOT) not in described.read_text()
    assert (described.parent / "code/features/wording/sentences.py").is_file()


def test_another_result_is_another_run_and_the_same_model_again_dethrones_nobody(
    store: Path, tmp_path: Path
) -> None:
    changed = finished(tmp_path)
    metrics = read_json(changed / "reports/metrics.json")
    write_json(metrics | {"oracle": {"auc": 0.9, "gini_ratio": 0.8}}, changed / "reports/metrics.json")
    run_in(changed, track.run)
    first, second = tracked_run(store), tracked_run(changed)
    assert second["run_id"] != first["run_id"]
    assert int(second["model_version"]) == int(first["model_version"]) + 1
    champion = client(store).get_model_version_by_alias("lastlogin", "champion")
    assert (str(champion.version), champion.run_id) == (first["model_version"], first["run_id"])
    challenger = client(store).get_model_version_by_alias("lastlogin", "challenger")
    assert str(challenger.version) == second["model_version"]
    assert "very model" in read_json(changed / "reports/promotion.json")["because"]
    assert client(store).get_run(second["run_id"]).data.metrics["oracle.gini_ratio"] == 0.8


def test_without_a_server_nothing_is_lost_and_one_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    root = finished(tmp_path)
    with mlflow_store_at(root), pytest.raises(InputError) as raised:
        run_in(root, track.run, tracking={"uri": f"http://someone:secret@{address}"})
    message = str(raised.value)
    assert exit_code_of(raised.value) == 1
    assert f"tracking.uri = http://{address}: MLflow did not do what was asked." in message
    assert message.endswith("run: lastlogin track")
    assert "secret" not in message
    for part in ("login", "list"):
        assert (root / f"data/model/scoring/{part}/booster.txt").is_file()
    assert not (root / "reports/mlflow.json").exists()


@pytest.mark.parametrize(
    ("name", "left"), [("peers.json", "{"), ("peers.json", "{}"), ("peers.json", None), ("styles.json", "{")]
)
def test_a_model_that_could_not_be_served_is_not_logged(tmp_path: Path, name: str, left: str | None) -> None:
    root = finished(tmp_path)
    path = root / "data/profiles" / name
    path.unlink() if left is None else path.write_text(left)
    with mlflow_store_at(root):
        with pytest.raises(InputError, match=rf"{name}: (damaged|there is no such file)"):
            run_in(root, track.run)
        assert client(root).search_registered_models() == []
    assert not (root / "reports/mlflow.json").exists()


@pytest.mark.parametrize(
    ("uri", "expected", "artefacts_folder"),
    [
        (None, "sqlite:////project/mlflow.db", "/project/mlartifacts"),
        ("sqlite:///runs/all.db", "sqlite:////project/runs/all.db", "/project/runs/mlartifacts"),
        ("sqlite:////elsewhere/all.db", "sqlite:////elsewhere/all.db", "/elsewhere/mlartifacts"),
        ("https://mlflow.example", "https://mlflow.example", None),
    ],
)
def test_a_local_store_counts_from_the_root(
    uri: str | None, expected: str, artefacts_folder: str | None
) -> None:
    found = store_of(uri, "e", "m", Path("/project"))
    assert found.uri == expected
    assert found.artefacts == (None if artefacts_folder is None else Path(artefacts_folder))


def test_metrics_become_flat_finite_numbers() -> None:
    metrics = {
        "grade": "B",
        "test": {"auc": {"value": 0.8, "low": 0.7, "high": None}, "safe": True},
        "segments": {"login_number 21+": {"rows": {"value": 3, "low": 3, "high": 3}}},
    }
    assert dict(numbers(metrics)) == {
        "test.auc": 0.8,
        "test.auc.low": 0.7,
        "segments.login_number_21_.rows": 3.0,
        "segments.login_number_21_.rows.low": 3.0,
        "segments.login_number_21_.rows.high": 3.0,
    }


def test_parameters_have_their_full_name(tmp_path: Path) -> None:
    label = params(tmp_path).label
    assert parameters([label]) == {
        "label.kind": "inactivity", "label.horizon_days": 14, "label.lead_days": 0,
        "label.newcomers.logins": None, "label.newcomers.days": None, "label.newcomers.horizon_days": 7,
        "label.drop.share": 0.5, "label.drop.usual_days": 90, "label.personal.times": 2.0,
        "label.cancel.grace_days": 1,
        "label.personal.quantile": 0.9, "label.personal.least_days": 7, "label.personal.most_days": 30,
    }  # fmt: skip


def test_no_password_is_among_the_parameters_of_a_run() -> None:
    tables = [{"path": "postgresql://crm:geheim@db/crm#t", "key": None}]
    assert as_texts({"log.path": "s3://a:geheim@b/c", "external.dated": tables, "train.leaves": 8}) == {
        "log.path": "s3://a:***@b/c",
        "external.dated": "[{'path': 'postgresql://crm:***@db/crm#t', 'key': None}]",
        "train.leaves": "8",
    }


def test_a_digest_follows_the_bytes_and_not_the_place(tmp_path: Path) -> None:
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").write_text(text)
    one, same, other = (digest_of({"in": tmp_path / name}) for name in "abc")
    assert one == same != other
    assert digest_of({"in": tmp_path / "a"}, {"train.leaves": 8}) != one


def test_a_pseudonym_is_stable_and_hangs_on_the_key() -> None:
    assert pseudonym("user 1", "key") == pseudonym("user 1", "key")
    assert len({pseudonym(user, key) for user in ("user 1", "user 2") for key in ("", "key")}) == 4


def test_mlflow_json_says_where_the_run_is(store: Path) -> None:
    assert json.loads((store / "reports/mlflow.json").read_text()) == {
        "uri": f"sqlite:///{store.resolve()}/mlflow.db",
        "experiment": "lastlogin",
        "run_id": tracked_run(store)["run_id"],
        "run_name": f"cdnow-14d-{read_json(store / 'data/model/scoring/list/model.json')['version']}",
        "model_name": "lastlogin",
        "model_version": "1",
        "digest": tracked_run(store)["digest"],
    }
