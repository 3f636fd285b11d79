"""A model folder is read whole or refused with the file, what was found and what to do; and it holds no pickle."""

import json
import pickletools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.learning.scorer import Blend, text_of
from pipeline.errors import InputError
from pipeline.storage.digests import FILES_FILE
from pipeline.storage.model_folder import (
    BASELINE,
    LIST,
    LOGIN,
    VALUE,
    VALUE_FILE,
    load_features,
    load_login_model,
    load_models,
    load_references,
    load_value,
    save_models,
    save_references,
    save_value,
)
from tests.support.finished import MLFLOW_WARNINGS, finished, tracked_store

pytestmark = [pytest.mark.filterwarnings(warning) for warning in MLFLOW_WARNINGS]


def features_of(part: Path) -> object:
    return load_features(part, ["logins"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder of its own, to be broken."""
    there = finished(tmp_path / "project") / "data/model/scoring"
    save_models(load_models(there), tmp_path / "model")
    value = load_value(there)
    assert value is not None
    save_value(value, tmp_path / "model")
    save_references(load_references(there / LOGIN), tmp_path / "model" / LOGIN)
    return tmp_path / "model"


def changed_ways(text: str, *, is_json: bool) -> Iterator[str]:
    """The text of a file with one value changed: of JSON each key's first value, else one digit here and there."""
    if not is_json:
        digits = [found.start() for found in re.finditer(r"\d", text)]
        for at in digits[:: max(1, len(digits) // 20)]:
            yield text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
        return
    seen = set()
    for found in re.finditer(r'"(\w+)": (?:\[\s*)*("[^"]|-?\d|true|false|null)', text):
        if found[1] not in seen:
            seen.add(found[1])
            yield text[: found.start(2)] + "7" + text[found.start(2) :]


@pytest.mark.parametrize("version", ["evaluated", "scoring"])
def test_whatever_is_changed_in_a_trained_version_is_refused_with_its_file(
    version: str, tmp_path: Path
) -> None:
    """Cards, features, references and calibrations count as much as trees do: all make the numbers of a list."""
    model = finished(tmp_path) / "data/model" / version
    files = [file for file in sorted(model.rglob("*")) if file.is_file() and file.name != FILES_FILE]
    assert {file.parent.name for file in files} == {LOGIN, LIST, BASELINE, VALUE}
    tried = 0
    for file in files:
        whole = file.read_text("utf-8")
        for changed in changed_ways(whole, is_json=file.suffix == ".json"):
            assert changed != whole
            file.write_text(changed, "utf-8")
            with pytest.raises(InputError) as refused:
                load_models(model)
            assert str(refused.value).startswith(f"{file}: damaged or changed"), str(refused.value)
            assert str(refused.value).endswith("dvc repro train")
            tried += 1
        file.write_text(whole, "utf-8")
    assert tried > 150
    assert load_models(model).version


@pytest.mark.parametrize("load", [load_models, load_login_model, load_value, load_references, features_of])
def test_every_reader_of_a_version_refuses_a_changed_one(load: Callable[[Path], Any], tmp_path: Path) -> None:
    model = finished(tmp_path) / "data/model/scoring"
    (model / BASELINE / "model.json").unlink()
    with pytest.raises(
        InputError, match=r"baseline/model\.json: there is no such file, and files\.json lists it"
    ):
        load(model / LOGIN if load in (load_references, features_of) else model)


@pytest.mark.parametrize("part", [LOGIN, LIST])
def test_a_text_cut_off_never_reaches_lightgbm(folder: Path, part: str) -> None:
    whole, folder = folder, folder / part
    text = (folder / "booster.txt").read_text()
    for share in (0.2, 0.5, 0.9):
        (folder / "booster.txt").write_text(text[: int(share * text.index("end of trees"))])
        with pytest.raises(InputError, match=r"booster\.txt: cut off: \d+ characters.*\n.*dvc repro train"):
            load_models(whole)
    (folder / "booster.txt").write_text(re.sub(r"(leaf_value=-?0\.)\d", r"\g<1>9", text, count=1))
    with pytest.raises(InputError, match="were not saved together"):
        load_models(whole)
    (folder / "booster.txt").write_bytes(b"\x80\x04\x95 pickled")
    with pytest.raises(InputError, match=r"not readable as LightGBM's text: it begins"):
        load_models(whole)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("settings", None, "there is no 'settings'"),
        ("evidence", None, "there is no 'evidence'"),
        ("settings", {"leaves": 8}, "there is no 'settings.seed'"),
        (
            "calibration",
            {"kind": "sigmoid", "knots_from": [1, 0], "knots_to": [0, 1], "end_slope": 1},
            "increasing",
        ),
        ("rounds", "many", "rounds: Input should be a valid integer"),
        ("trained_to", 20240101, "trained_to: "),
        ("evidence", {"thin": [], "rates": {"1": 7, "2-5": 0, "6-20": 0, "21+": 0}}, "outside 0 and 1"),
    ],
)
def test_a_description_with_a_wrong_or_missing_key_is_named(
    folder: Path, key: str, value: Any, message: str
) -> None:
    path = folder / LOGIN / "model.json"
    content = json.loads(path.read_text())
    content.pop(key)
    path.write_text(json.dumps(content if value is None else content | {key: value}))
    with pytest.raises(
        InputError, match=rf"login/model\.json: not a model's description: .*{message}[\s\S]*dvc repro train"
    ):
        load_models(folder)


@pytest.mark.parametrize("form", ["forest", None])
def test_the_form_of_the_list_model_is_checked(folder: Path, form: str | None) -> None:
    path = folder / LIST / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"form": form}))
    with pytest.raises(
        InputError,
        match=rf"list/model\.json: form is {form!r}[\s\S]*trees, blend, logistic, rates[\s\S]*dvc repro",
    ):
        load_models(folder)


@pytest.mark.parametrize("reach", ["many", None])
def test_how_far_the_list_model_reaches_beyond_the_horizon_is_checked(folder: Path, reach: object) -> None:
    path = folder / LIST / "model.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"beyond": content["beyond"] | {"most_silent_days": reach}}))
    with pytest.raises(
        InputError, match=r"list/model\.json: not a model's description: .*most_silent_days[\s\S]*dvc repro"
    ):
        load_models(folder)


def test_a_blend_of_trees_and_regression_comes_back_with_both_parts(tmp_path: Path, folder: Path) -> None:
    models = load_models(folder)
    silent, regression = models.silent, models.silent.beyond
    assert regression is not None
    blend = replace(silent, form="blend", scorer=Blend(silent.scorer, regression.scorer))
    save_models(replace(models, silent=blend, value_digest=None), tmp_path / "blend")
    again = load_models(tmp_path / "blend")
    assert text_of(again.silent.scorer) == text_of(blend.scorer)
    assert again.version not in (models.version, None)


def test_a_list_where_a_mapping_belongs_is_refused(folder: Path) -> None:
    (folder / LOGIN / "model.json").write_text("[1, 2]")
    with pytest.raises(InputError, match=r"model\.json: not a model's description"):
        load_models(folder)
    (folder / LOGIN / "norms.json").write_text("[1, 2]")
    with pytest.raises(InputError, match=r"norms\.json: not a model's references"):
        load_references(folder / LOGIN)
    (folder / LOGIN / "norms.json").unlink()
    with pytest.raises(InputError, match=r"norms\.json: there is no such file"):
        load_references(folder / LOGIN)


@pytest.mark.parametrize("part", [LOGIN, LIST])
def test_the_login_model_and_the_list_model_of_two_versions_are_refused(
    folder: Path, tmp_path: Path, part: str
) -> None:
    shutil.rmtree(folder / part)
    shutil.copytree(tmp_path / "project/data/model/evaluated" / part, folder / part)
    with pytest.raises(
        InputError,
        match=r"the models of this version were not saved together[\s\S]*dvc repro train$",
    ):
        load_models(folder)


def test_a_folder_of_an_older_version_is_one_message_that_says_to_train_again(folder: Path) -> None:
    """An older version wrote one model, without a folder of its own."""
    for file in (folder / LOGIN).iterdir():
        file.rename(folder / file.name)
    for part in (LOGIN, LIST):
        shutil.rmtree(folder / part)
    for load in (load_models, load_login_model):
        with pytest.raises(InputError) as refused:
            load(folder)
        assert str(refused.value) == (
            f"{folder}: there is no list model: an older version made this model.\nTrain again: dvc repro train"
        )


def is_pickle(path: Path) -> bool:
    """Whether the whole file is one pickle, of any protocol."""
    try:
        with path.open("rb") as opened:
            for _ in pickletools.genops(opened):
                pass
            return opened.read(1) == b""
    except Exception:  # whatever is no pickle
        return False


def test_no_file_of_a_model_or_of_mlflow_is_a_pickle(tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415  # to see that one would be found

    (tmp_path / "planted").write_bytes(pickle.dumps({"a": 1}))
    assert is_pickle(tmp_path / "planted")
    files = [
        path
        for name in ("data/model", "mlartifacts")
        for path in (tracked_store() / name).rglob("*")
        if path.is_file()
    ]
    assert len(files) > 20
    assert [path for path in files if is_pickle(path)] == []
    assert {path.suffix for path in files}.isdisjoint({".pkl", ".pickle", ".joblib", ".npy", ".pt"})


def test_a_value_model_belongs_to_its_version(folder: Path) -> None:
    path = folder / VALUE / VALUE_FILE
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"calibration": [2.0, 2.0, 2.0, 2.0]}))
    with pytest.raises(InputError, match=r"were not saved together[\s\S]*dvc repro train"):
        load_models(folder)
    shutil.rmtree(folder / VALUE)
    assert load_value(folder) is None
    with pytest.raises(InputError, match="were not saved together"):
        load_models(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"card": None}, "not a value model"),
        ({"calibration": ["much"]}, "not a value model"),
        ({"shrunk": {"days": 3}}, "there is no 'mean_a_day'"),
    ],
)
def test_a_damaged_value_model_is_refused_with_its_file(
    folder: Path, change: dict[str, Any], message: str
) -> None:
    path = folder / VALUE / VALUE_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=rf"value/value\.json: [\s\S]*{message}[\s\S]*dvc repro train"):
        load_value(folder)


def test_a_value_model_that_lacks_the_booster_it_uses_is_refused(folder: Path) -> None:
    path = folder / VALUE / VALUE_FILE
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"card": content["card"] | {"method": "booster"}}))
    (folder / VALUE / "booster.txt").unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"value\.json: method is 'booster'\.[\s\S]*one of trailing"):
        load_value(folder)
