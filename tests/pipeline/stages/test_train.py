"""Stage `train` stores two versions that are read back as they were, byte for byte the same each time."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest

from features.catalogue.silence import SILENCE
from models.errors import DataError
from models.explanation import contributions
from models.labels.label import with_label
from pipeline.errors import InputError
from pipeline.learning.dataset import features_of_rows, read_landmarks, read_rows
from pipeline.runner.stage import expected_errors, run_stage
from pipeline.stages import train
from pipeline.storage.digests import list_files
from pipeline.storage.feature_file import write_features
from pipeline.storage.files import read_json, write_json
from pipeline.storage.model_folder import (
    LIST,
    LOGIN,
    load_engagement,
    load_features,
    load_login_model,
    load_models,
    load_references,
    save_engagement,
    save_models,
    save_references,
)
from tests.support.model_rows import bytes_below, lay_out, params
from tests.support.rows import churn_of, day


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("train")
    lay_out(root)
    run_stage(train.run, params(root), root)
    return root


def test_there_is_an_evaluated_and_a_scoring_version_of_two_models_as_text_and_json(project: Path) -> None:
    files = {"booster.txt", "features.json", "model.json"}
    assert set(bytes_below(project / "data/model")) == {
        f"{version}/{model}/{file}"
        for version in ("evaluated", "scoring")
        for model, names in (
            ("login", files | {"norms.json", "engagement_reference.json"}),
            ("list", files),
            ("baseline", {"linear.json", "model.json"}),
        )
        for file in names
    } | {"evaluated/files.json", "scoring/files.json"}
    evaluated, scoring = (load_models(project / "data/model" / name) for name in ("evaluated", "scoring"))
    for model in ("login", "silent"):
        assert getattr(evaluated, model).card.trained_to == day(63)
        assert getattr(scoring, model).card.trained_to == day(105)
        assert getattr(scoring, model).card.rows > getattr(evaluated, model).card.rows
    assert scoring.version != evaluated.version
    names = ("login_share_30d", "gap_last_days", "tenure_days", "logins_life")
    assert evaluated.login.features == names
    assert evaluated.features == (*names, *(feature.name for feature in SILENCE))


def test_no_training_row_of_the_list_has_a_window_that_reaches_into_the_test_period(project: Path) -> None:
    """The model of silent users counts the drawn rows up to `trained_to` after 1 to 13 silent days, and no other."""
    rows = read_landmarks(project / "data/landmarks")
    silent = pl.col("silent_days").is_between(1, pl.col("window_days") - 1)
    drawn = rows.filter(pl.col("drawn") & silent & pl.col("ripe"))
    first_test = day(78)
    for name, inside in (
        ("evaluated", pl.col("as_of") + pl.duration(days="window_days") < first_test),
        ("scoring", pl.lit(value=True)),
    ):
        card = load_models(project / "data/model" / name).silent.card
        used = drawn.filter(inside)
        assert (card.rows, card.base_rate) == (used.height, pytest.approx(used["churned"].mean()))


def test_two_runs_write_the_same_bytes_whatever_the_buckets(project: Path, tmp_path: Path) -> None:
    lay_out(tmp_path, buckets=5)
    run_stage(train.run, params(tmp_path), tmp_path)
    assert bytes_below(tmp_path / "data/model") == bytes_below(project / "data/model")


def test_what_is_saved_and_read_again_is_the_same(project: Path, tmp_path: Path) -> None:
    stored, again = project / "data/model/scoring", tmp_path / "again"
    models = load_models(stored)
    save_models(models, again)
    save_references(load_references(stored / LOGIN), again / LOGIN)
    save_engagement(load_engagement(stored / LOGIN), again / LOGIN)
    for part, names in ((LOGIN, models.login.features), (LIST, models.features)):
        write_features(load_features(stored / part, names), again / part / "features.json")
    list_files(again)
    assert bytes_below(again) == bytes_below(stored)
    assert load_models(again).version == models.version


def test_both_models_predict_inside_0_and_1_and_silence_raises_the_number(project: Path) -> None:
    models = load_models(project / "data/model/scoring")
    rows = read_rows(project / "data/logins")
    at_login = models.login.predict(rows)
    assert ((at_login > 0) & (at_login < 1)).all()
    assert np.array_equal(models.login.predict(rows.select(reversed(rows.columns))), at_login)
    assert models.login.predict(rows.head(0)).shape == (0,)
    listed = read_landmarks(project / "data/listed")
    number, silent = models.predict(listed), listed["silent_days"].to_numpy()
    assert ((number > 0) & (number < 1)).all()
    assert np.array_equal(models.predict(listed.select(reversed(listed.columns))), number)
    assert (
        number[silent >= 7].mean() > number[(silent > 0) & (silent < 7)].mean() > number[silent == 0].mean()
    )
    assert models.predict(listed.head(0)).shape == (0,)
    for came in (True, False):
        of_one_kind = listed.filter((pl.col("silent_days") == 0) == came)
        assert models.predict(of_one_kind).shape == (of_one_kind.height,)


def test_rows_that_lack_a_feature_are_refused(project: Path) -> None:
    with pytest.raises(DataError, match=r"1 of 4 features that the model needs are missing: tenure_days"):
        load_login_model(project / "data/model/scoring").predict(
            pl.DataFrame({"login_share_30d": [1.0], "gap_last_days": [1.0], "logins_life": [1.0]})
        )


@pytest.mark.parametrize("part", [LOGIN, LIST])
@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("model.json", "{", "not a model's description: JSONDecodeError"),
        ("model.json", "{}", "not a model's description: DataError: card: there is no 'features'"),
        ("booster.txt", "no trees", "not readable as LightGBM's text"),
        ("model.json", None, "there is no such file"),
        ("booster.txt", None, "there is no such file"),
    ],
)
def test_a_corrupt_folder_is_refused(
    project: Path, tmp_path: Path, part: str, file: str, content: str | None, message: str
) -> None:
    save_models(load_models(project / "data/model/scoring"), tmp_path)
    (tmp_path / part / file).unlink()
    if content is not None:
        (tmp_path / part / file).write_text(content)
    with pytest.raises(InputError, match=rf"{part}/{file}: {message}[\s\S]*dvc repro train"):
        load_models(tmp_path)


@pytest.mark.parametrize("part", [LOGIN, LIST])
def test_a_booster_of_another_model_is_refused(project: Path, tmp_path: Path, part: str) -> None:
    save_models(load_models(project / "data/model/scoring"), tmp_path)
    other = (project / "data/model/evaluated" / part / "booster.txt").read_text()
    (tmp_path / part / "booster.txt").write_text(other)
    with pytest.raises(InputError, match="were not saved together"):
        load_models(tmp_path)


def test_a_log_too_thin_for_origins_still_has_a_model_that_says_so(tmp_path: Path) -> None:
    lay_out(tmp_path)
    run_stage(train.run, params(tmp_path, split={"min_rows": 100_000}), tmp_path)
    message = json.loads((tmp_path / "data/model/evaluated/login/model.json").read_text())
    assert message["calibration"]["kind"] == "identity"
    assert "no period inside the training range" in message["calibration_note"]


def test_a_horizon_longer_than_the_log_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    rows = lay_out(tmp_path)
    lay_out(tmp_path, with_label(rows.drop("churned", "ripe"), day(119), churn_of(200)))
    with pytest.raises(DataError, match=r"\d+ rows, and no day on which all are ripe"):
        run_stage(train.run, params(tmp_path, label={"horizon_days": 200}), tmp_path)
    assert not (tmp_path / "data/model").exists()


def test_dates_may_be_given(tmp_path: Path) -> None:
    lay_out(tmp_path)
    run_stage(train.run, params(tmp_path, split={"test_from": date(2024, 3, 31)}), tmp_path)
    models = load_models(tmp_path / "data/model/evaluated")
    assert models.login.card.trained_to == models.silent.card.trained_to == date(2024, 3, 16)


def test_contributions_that_are_not_lightgbms_stop_the_training_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right = contributions.contributions
    monkeypatch.setattr(
        contributions, "contributions", lambda *given: (right(*given)[0] + 0.02, right(*given)[1])
    )
    lay_out(tmp_path)
    with pytest.raises(SystemExit) as ended, expected_errors():
        run_stage(train.run, params(tmp_path), tmp_path)
    assert ended.value.code == 2
    assert "woodelf-explainer and LightGBM differ by 0.02 log-odds" in capsys.readouterr().err
    assert not list((tmp_path / "data").glob("*model*"))


def test_a_model_with_splits_by_category_is_refused_by_name(project: Path, tmp_path: Path) -> None:
    models = load_models(project / "data/model/scoring")
    x = np.arange(400.0)[:, None] % (3, 5, 7, 11)
    data = lgb.Dataset(
        x, (x[:, 2] == 4).astype(float), feature_name=[*models.login.features], categorical_feature=[2]
    )
    options = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_per_group": 5}
    save_models(replace(models, login=replace(models.login, booster=lgb.train(options, data, 2))), tmp_path)
    with pytest.raises(
        InputError, match=r"booster.txt: 1 of 4 features are split by category: tenure_days\."
    ):
        load_models(tmp_path)


def test_a_model_folder_that_does_not_say_what_its_features_are_is_to_be_trained_again(
    project: Path, tmp_path: Path
) -> None:
    shutil.copytree(project / "data/model/scoring", tmp_path / "version")
    names = load_models(tmp_path / "version").login.features
    folder = tmp_path / "version" / LOGIN
    assert tuple(feature.name for feature in load_features(folder, names)) == names
    features = read_json(folder / "features.json")
    write_json(features[1:], folder / "features.json")
    list_files(tmp_path / "version")
    with pytest.raises(InputError, match=r"features\.json: names 3 features, and the model has 4"):
        load_features(folder, names)
    (folder / "features.json").unlink()
    with pytest.raises(InputError, match=r"features\.json: there is no such file[\s\S]*dvc repro train"):
        load_features(folder, names)


def test_features_that_the_rows_lack_are_refused_and_a_column_beside_them_is_none(
    tmp_path: Path,
) -> None:
    rows = lay_out(tmp_path)
    file = tmp_path / "data/logins/features.json"
    features = read_json(file)
    write_json(features[:2], file)
    assert [feature.name for feature in features_of_rows(tmp_path / "data/logins")] == [
        "login_share_30d",
        "gap_last_days",
    ]
    assert "tenure_days" in rows.columns
    write_json([{**features[0], "name": "level"}, *features[1:]], file)
    with pytest.raises(
        InputError, match=r"the rows lack 1 of the 4 features[\s\S]*: level\.\nMake the rows again"
    ):
        features_of_rows(tmp_path / "data/logins")
