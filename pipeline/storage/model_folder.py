"""A model folder: `booster.txt` (LightGBM text), `model.json`, `features.json` and `norms.json`. No pickle, ever.

Promise: a loaded model predicts as the saved one, to the last bit, or the folder is refused.
"""

import json
from pathlib import Path
from typing import Any

import lightgbm as lgb

from features.define import Feature
from models import artefacts
from models.checks.drift import References, references_from_json
from models.errors import DataError
from models.explanation.contributions import categorical_features
from models.learning import calibration, evidence, silence
from models.learning.trained_model import Card, TrainedModel, version_of
from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits
from pipeline.storage.feature_file import FEATURES_FILE, read_features
from pipeline.storage.files import read_json, write_json

BOOSTER_FILE, MODEL_FILE, REFERENCES_FILE = "booster.txt", "model.json", "norms.json"
_UNREADABLE = (
    json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError, DataError,
)  # fmt: skip
_TO_DO = "Fetch the folder whole, or train again: dvc repro train"


def save_model(model: TrainedModel, folder: Path) -> None:
    """Write `model` to `folder`, making it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BOOSTER_FILE).write_text(model.booster.model_to_string(), "utf-8")
    content = artefacts.as_json(model.card) | {
        "version": model.version,
        "calibration": model.calibration.as_json(),
        "silences": [one.as_json() for one in model.silences],
        "evidence": model.evidence.as_json(),
    }
    write_json(content, folder / MODEL_FILE)


def load_model(folder: Path) -> TrainedModel:
    """What `save_model` wrote.

    Raises InputError when a file is missing or unreadable, when the two do not belong together, or when the booster
    splits by category.
    """
    finish_commits(folder)
    for name in (BOOSTER_FILE, MODEL_FILE):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: there is no such file.\nMake the model: dvc repro train")
    content, card, fitted, silences, rule = _described(folder / MODEL_FILE)
    text = (folder / BOOSTER_FILE).read_text("utf-8", errors="replace")
    booster = _booster(folder, text, content.get("version"), fitted)
    if tuple(booster.feature_name()) != card.features:
        raise InputError(
            f"{folder}: the booster has {booster.num_feature()} features, {MODEL_FILE} names "
            f"{len(card.features)} or others.\n{_TO_DO}"
        )
    by_category = categorical_features(text, card.features)
    if by_category:
        raise InputError(
            f"{folder / BOOSTER_FILE}: {len(by_category)} of {len(card.features)} features are split by category: "
            f"{', '.join(by_category[:10])}.\nReasons need numeric splits.\n{_TO_DO}"
        )
    return TrainedModel(booster, fitted, silences, card, rule)


def load_features(folder: Path, trained: TrainedModel) -> tuple[Feature, ...]:
    """The features of the model `trained`, read from its `folder`, in the model's order.

    Raises InputError when `features.json` is missing, or names other features than the model has.
    """
    path = folder / FEATURES_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file: an older version made this model.\n{_TO_DO}")
    features = read_features(path, "train")
    if tuple(feature.name for feature in features) != trained.features:
        raise InputError(
            f"{path}: names {len(features)} features, and the model has {len(trained.features)} or others.\n{_TO_DO}"
        )
    return features


def save_references(references: References, folder: Path) -> None:
    """Write `references` into the model folder."""
    write_json(references.as_json(), folder / REFERENCES_FILE)


def load_references(folder: Path) -> References:
    """What `save_references` wrote. Raises InputError when the file is missing or unreadable."""
    path = folder / REFERENCES_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file: an older version made this model.\n{_TO_DO}")
    try:
        return references_from_json(read_json(path))
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a model's references", error)) from error


def _unreadable(path: Path, expected: str, error: Exception) -> str:
    problem = f"there is no {error}" if isinstance(error, KeyError) else error
    return f"{path}: not {expected}: {type(error).__name__}: {problem}\n{_TO_DO}"


def _described(
    path: Path,
) -> tuple[dict[str, Any], Card, calibration.Calibration, tuple[silence.Silence, ...], evidence.Evidence]:
    """The content of `model.json` as JSON, and as values."""
    try:
        content = read_json(path)
        fitted, rule = calibration.from_json(content["calibration"]), evidence.from_json(content["evidence"])
        silences = tuple(silence.from_json(one) for one in content["silences"])
        return content, artefacts.from_json(Card, content, "card"), fitted, silences, rule
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a model's description", error)) from error


def _booster(folder: Path, text: str, version: object, fitted: calibration.Calibration) -> lgb.Booster:
    """The booster. LightGBM may read half a file without an error, so the version is checked first."""
    path = folder / BOOSTER_FILE
    if not text.startswith("tree\n"):
        raise InputError(f"{path}: not readable as LightGBM's text: it begins {text[:40]!r}.\n{_TO_DO}")
    if "end of trees" not in text:
        raise InputError(f"{path}: cut off: {len(text)} characters without the end of the trees.\n{_TO_DO}")
    if version != version_of(text, fitted):
        raise InputError(
            f"{folder}: booster and calibration were not saved together.\n{MODEL_FILE} says "
            f"version {version}, the files make {version_of(text, fitted)}.\n{_TO_DO}"
        )
    try:
        return lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise InputError(f"{path}: not readable as LightGBM's text: {error}\n{_TO_DO}") from error
