"""Who becomes champion, by the rule and by a person; and nothing is compared that cannot be."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from models.learning.calibration import Calibration
from pipeline.cli import app
from pipeline.config.sections import Params
from pipeline.learning.churn_in_use import churn_of
from pipeline.runner.stage import signature_of
from pipeline.stages import track
from pipeline.storage.files import read_json, write_json
from pipeline.storage.model_folder import LIST, load_models, save_models
from pipeline.tracking import promotion
from pipeline.tracking.promotion import (
    MODELS,
    SETTINGS,
    against_champion,
    first_decision,
    other_product,
    product_of,
)
from pipeline.tracking.registry import champion_of
from pipeline.tracking.result import Files, Result
from pipeline.tracking.store import store_of
from tests.support import model_rows, tiny
from tests.support.finished import MLFLOW_WARNINGS, finished, mlflow_store_at, params, run_in
from tests.support.model_rows import lay_out, run_both
from tests.support.rows import made_up

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has been trained and evaluated, with a champion beside it whose log ends between its lists."""
    root = tmp_path_factory.mktemp("promotion")
    early, now = root / "early", root / "now"
    lay_out(now)
    run_both(now)
    lay_out(early, made_up(users=900, days=95))
    run_both(early)
    return root


def decided(root: Path, champion: Path, grade: str = "A", **changes: dict[str, Any]) -> dict[str, Any]:
    given: Params = model_rows.params(root, **changes)
    inputs = {name: root / path for name, path in signature_of(track.run).inputs.items()}
    write_json({"grade": grade}, root / "grade.json")
    files = Files(**inputs | {"metrics": root / "grade.json", "plays": Path(given.plays.path)})
    return against_champion(
        champion,
        Result(files, given.log, given.label, given.split, given.evaluate, parameters=dict[str, Any]()),
    )


def test_the_first_version_is_champion_unless_its_grade_is_c() -> None:
    assert [first_decision(grade)["promoted"] for grade in "ABC"] == [True, True, False]
    assert "use the best baseline instead" in first_decision("C")["because"]


def test_another_label_is_another_product(tmp_path: Path) -> None:
    asked = params(tmp_path)
    mine = product_of(Path("data/contracts/shop.yaml"), churn_of(asked.label))
    week = product_of(Path("shop.yaml"), churn_of(asked.label.model_copy(update={"horizon_days": 7})))
    assert other_product(mine, mine, "1", "m") is None
    found = other_product(mine, week, "1", "m")
    assert found is not None
    assert not found["promoted"]
    assert "label_horizon_days is 14, its 7" in found["because"]
    assert "tracking.model_name" in found["because"]
    newcomers = asked.label.newcomers.model_copy(update={"logins": 5})
    newcomers_apart = product_of(
        Path("shop.yaml"), churn_of(asked.label.model_copy(update={"newcomers": newcomers}))
    )
    found = other_product(mine, newcomers_apart, "1", "m")
    assert found is not None
    assert "label_newcomers_logins is None, its 5" in found["because"]


def test_the_same_settings_are_compared_as_models_on_lists_after_the_champion_s_data(log: Path) -> None:
    found = decided(log / "now", log / "early/data/model/scoring")
    assert (found["way"], found["newer"]) == (MODELS, True)
    last = load_models(log / "early/data/model/scoring").card.data_end
    predictions = pl.read_parquet(log / "now/data/predictions/list.parquet")
    assert found["rows"] == predictions.filter(pl.col("as_of") > last).height
    assert 0 < found["rows"] < predictions.height


TOO_HIGH = Calibration("sigmoid", (0.0,), (2.0,), 1.0)
"""Makes every probability too high, and keeps the order of users."""


def with_silent_too_high(folder: Path) -> None:
    """Give the version in `folder` a model of silent users whose probabilities are too high."""
    models = load_models(folder)
    save_models(replace(models, silent=replace(models.silent, calibration=TOO_HIGH)), folder)


def with_login_reversed(folder: Path) -> None:
    """Give the version in `folder` a login model that puts the riskiest users last."""
    models = load_models(folder)
    booster = models.login.booster
    for tree, described in enumerate(booster.dump_model()["tree_info"]):
        values = [booster.get_leaf_output(tree, leaf) for leaf in range(described["num_leaves"])]
        middle = sum(values) / len(values)
        for leaf, value in enumerate(values):
            booster.set_leaf_output(tree, leaf, middle - (value - middle) / 10)
    save_models(models, folder)


def test_the_log_loss_of_lists_decides(log: Path, tmp_path: Path) -> None:
    """Both sides have their own login model; only the numbers of silent users are made worse."""
    shutil.copytree(log, tmp_path, dirs_exist_ok=True)
    champion, challenger = tmp_path / "early/data/model/scoring", tmp_path / "now/data/model/evaluated"
    before = decided(log / "now", champion)
    with_silent_too_high(challenger)
    worse = decided(tmp_path / "now", champion)
    assert (worse["way"], worse["newer"], worse["promoted"]) == (MODELS, True, False)
    assert "surely worse" in worse["because"]
    assert worse["login_auc_gain"] == before["login_auc_gain"]
    with_silent_too_high(champion)
    better = decided(log / "now", champion)
    assert (better["way"], better["promoted"]) == (MODELS, True)
    assert "surely better" in better["because"]
    assert better["login_auc_gain"] == before["login_auc_gain"]


def test_a_version_with_better_lists_and_a_worse_login_model_stays_challenger(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(log, tmp_path, dirs_exist_ok=True)
    champion = tmp_path / "early/data/model/scoring"
    with_silent_too_high(champion)
    with_login_reversed(tmp_path / "now/data/model/evaluated")
    found = decided(tmp_path / "now", champion)
    assert found["log_loss_gain"]["low"] > 0
    assert found["login_auc_gain"]["high"] < -0.001
    assert found["promoted"] is False
    assert "on the day of a login its AUC is lower by" in found["because"]
    monkeypatch.setattr(promotion, "_MOST_AUC_LOST", 1.0)  # nothing else had kept it from being champion
    assert decided(tmp_path / "now", champion)["promoted"] is True


def test_other_settings_are_refitted_on_the_same_rows(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits: list[tuple[int, int]] = []
    fit_model = promotion.fit_model

    def watched(rows: pl.DataFrame, features: Any, split: Any, settings: Any) -> Any:
        fits.append((rows.height, settings.leaves))
        return fit_model(rows, features, split, settings)

    monkeypatch.setattr(promotion, "fit_model", watched)
    lay_out(tmp_path)
    run_both(tmp_path, train={"leaves": 2, "max_rounds": 10})
    found = decided(log / "now", tmp_path / "data/model/scoring")
    assert (found["way"], found["newer"]) == (SETTINGS, False)
    assert [leaves for _, leaves in fits] == [2]
    assert found["rows"] == pl.read_parquet(log / "now/data/predictions/list.parquet").height
    assert found["promoted"] == (found["log_loss_gain"]["low"] > 0)


def test_settings_that_are_surely_worse_do_not_take_over_although_their_data_is_newer(
    log: Path, tmp_path: Path
) -> None:
    lay_out(tmp_path)
    run_both(tmp_path, train={"max_rounds": 10, "learning_rate": 0.001})
    found = decided(tmp_path, log / "early/data/model/scoring")
    assert (found["way"], found["newer"], found["promoted"]) == (SETTINGS, True, False)
    assert "surely worse" in found["because"]


def test_no_second_look_at_what_cannot_be_compared(log: Path, tmp_path: Path) -> None:
    now = log / "now"
    assert "very model" in decided(now, now / "data/model/scoring")["because"]
    assert "grade C" in decided(now, log / "early/data/model/scoring", grade="C")["because"]
    lay_out(tmp_path, made_up(users=900, days=80).rename({"stay": "login_days_30d"}))
    run_both(tmp_path)
    found = decided(now, tmp_path / "data/model/scoring")
    assert "1 features of the champion are not in this log any more (login_days_30d)" in found["because"]
    shutil.rmtree(tmp_path / "data/model/scoring" / LIST)  # as an earlier version of the code left it
    (tmp_path / "data/model/scoring/files.json").unlink()
    found = decided(now, tmp_path / "data/model/scoring")
    assert not found["promoted"]
    assert "the champion cannot be read" in found["because"]
    assert "there is no list model" in found["because"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of its own in which a finished project was tracked twice, with other figures."""
    root = finished(tmp_path_factory.mktemp("registry"))
    given = params(root)
    tiny.parameters(
        root,
        log__contract=str(given.log.contract),
        plays__path=str(given.plays.path),
        import_lists__path=str(given.import_lists.path),
    )
    with mlflow_store_at(root):
        write_json(read_json(root / "reports/metrics.json") | {"grade": "C"}, root / "reports/metrics.json")
        run_in(root, track.run)
        yield root


def cli(root: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(root)
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_grade_c_is_no_champion_until_a_person_says_so_and_a_rollback_takes_it_back(
    store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert read_json(store / "reports/promotion.json")["promoted"] is False
    code, printed = cli(store, monkeypatch, "score", "--log", str(store / "params.yaml"))
    assert (code, "Version 1 is there, with grade C, and was not promoted" in printed) == (2, True)
    assert "lastlogin promote --version 1" in printed
    code, printed = cli(store, monkeypatch, "rollback")
    assert (code, "there is no earlier one" in printed) == (2, True)

    assert cli(store, monkeypatch, "promote")[1].startswith(
        "models:/lastlogin@champion is version 1, grade C; before: none"
    )
    assert cli(store, monkeypatch, "promote", "--version", "1")[1].strip().endswith("as before")

    better = another_model(store, tmp_path)
    run_in(better, track.run)
    found = read_json(better / "reports/promotion.json")
    assert (found["version"], found["champion_before"]) == ("2", "1")
    assert cli(store, monkeypatch, "promote", "--version", "2")[0] == 0
    assert champion_version(store, tmp_path) == load_models(better / "data/model/scoring").version

    assert cli(store, monkeypatch, "rollback")[1].startswith("models:/lastlogin@champion is version 1 again")
    assert cli(store, monkeypatch, "rollback")[0] == 2
    assert champion_version(store, tmp_path) != load_models(better / "data/model/scoring").version
    code, printed = cli(store, monkeypatch, "promote", "--version", "9")
    assert (code, "name one of them" in printed) == (2, True)


def another_model(store: Path, root: Path) -> Path:
    """The project with another calibration, which makes another version."""
    shutil.copytree(store, root / "other", ignore=shutil.ignore_patterns("ml*"))
    folder = root / "other/data/model/scoring"
    models = load_models(folder)
    bent = Calibration("sigmoid", (0.0,), (0.1,), 1.5)
    save_models(replace(models, login=replace(models.login, calibration=bent)), folder)
    return root / "other"


def champion_version(store: Path, target: Path) -> str:
    folder = champion_of(params(store), target / str(np.random.default_rng().integers(1 << 40)))
    return load_models(folder).version


def test_a_champion_of_another_contract_is_warned_of(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.tracking.versions import promote  # noqa: PLC0415  # imports MLflow

    with mlflow_store_at(store):
        promote(store_of(None, "lastlogin", "lastlogin", store), "1")
        champion_of(params(store, log={"contract": "else.yaml"}), tmp_path)
    assert (
        "was trained on a log of the contract 'cdnow'; this log has the contract 'else'"
        in capsys.readouterr().err
    )
