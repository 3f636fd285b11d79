"""A model folder: `booster.txt` (LightGBM text), `model.json`, `features.json` and `norms.json`. No pickle, ever.

Promise: what is read back predicts what was saved to the last bit, or the folder is refused.
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
    told = artefacts.as_json(model.card) | {
        "version": model.version,
        "calibration": model.calibration.as_json(),
        "silences": [one.as_json() for one in model.silences],
        "evidence": model.evidence.as_json(),
    }
    write_json(told, folder / MODEL_FILE)


def load_model(folder: Path) -> TrainedModel:
    """What `save_model` wrote.

    Raises InputError when a file is missing, is no model does not belong to the other, or has
    splits by category.
    """
    finish_commits(folder)
    for name in (BOOSTER_FILE, MODEL_FILE):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: there is no such file.\nMake the model: dvc repro train")
    told, card, learnt, quiet, rule = _described(folder / MODEL_FILE)
    text = (folder / BOOSTER_FILE).read_text("utf-8", errors="replace")
    booster = _booster(folder, text, told.get("version"), learnt)
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
    return TrainedModel(booster, learnt, quiet, card, rule)


def load_features(folder: Path, trained: TrainedModel) -> tuple[Feature, ...]:
    """What the features of the model `trained`, which lies in `folder`, are; in the model's order.

    Raises InputError when the folder does not say so, or names other features than the model has.
    """
    path = folder / FEATURES_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; the model was made before it was kept.\n{_TO_DO}")
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
    """What `save_references` wrote. Raises InputError when it is not there or no references."""
    path = folder / REFERENCES_FILE
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file; the model was made before references were kept.\n{_TO_DO}"
        )
    try:
        return references_from_json(read_json(path))
    except _UNREADABLE as error:
        raise InputError(_said(path, "a model's references", error)) from error


def _said(path: Path, expected: str, error: Exception) -> str:
    found = f"there is no {error}" if isinstance(error, KeyError) else error
    return f"{path}: not {expected}: {type(error).__name__}: {found}\n{_TO_DO}"


def _described(
    path: Path,
) -> tuple[dict[str, Any], Card, calibration.Calibration, tuple[silence.Silence, ...], evidence.Evidence]:
    """`model.json` as it stands, and as values."""
    try:
        told = read_json(path)
        learnt, rule = calibration.from_json(told["calibration"]), evidence.from_json(told["evidence"])
        quiet = tuple(silence.from_json(one) for one in told["silences"])
        return told, artefacts.from_json(Card, told, "card"), learnt, quiet, rule
    except _UNREADABLE as error:
        raise InputError(_said(path, "a model's description", error)) from error


def _booster(folder: Path, text: str, version: object, learnt: calibration.Calibration) -> lgb.Booster:
    """The booster; a text that is not the one saved never reaches LightGBM, which may read half a file."""
    path = folder / BOOSTER_FILE
    if not text.startswith("tree\n"):
        raise InputError(f"{path}: not readable as LightGBM's text: it begins {text[:40]!r}.\n{_TO_DO}")
    if "end of trees" not in text:
        raise InputError(f"{path}: cut off: {len(text)} characters without the end of the trees.\n{_TO_DO}")
    if version != version_of(text, learnt):
        raise InputError(
            f"{folder}: booster and calibration are not those that were saved together.\n{MODEL_FILE} says "
            f"version {version}, the files make {version_of(text, learnt)}.\n{_TO_DO}"
        )
    try:
        return lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise InputError(f"{path}: not readable as LightGBM's text: {error}\n{_TO_DO}") from error
