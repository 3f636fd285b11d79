"""A model folder: `booster.txt` (LightGBM text) and `model.json` (all else). No pickle, ever.

Promise: what is read back predicts what was saved to the last bit, or the folder is refused.
"""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb

from models import calibration, churn, silence
from models.categorical import categorical_features
from models.classifier import Capacity, Settings
from models.errors import DataError
from models.trained import Card, TrainedModel, version_of
from pipeline.errors import InputError
from pipeline.storage import read_json, write_json

BOOSTER_FILE, MODEL_FILE = "booster.txt", "model.json"


def save_model(model: TrainedModel, folder: Path) -> None:
    """Write `model` to `folder`, making it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BOOSTER_FILE).write_text(model.booster.model_to_string(), "utf-8")
    told = asdict(model.card) | {
        "version": model.version,
        "calibration": model.calibration.as_json(),
        "silences": [one.as_json() for one in model.silences],
    }
    write_json(told, folder / MODEL_FILE)


def load_model(folder: Path) -> TrainedModel:
    """What `save_model` wrote.

    Raises InputError when a file is missing, is no model does not belong to the other, or has
    splits by category.
    """
    for name in (BOOSTER_FILE, MODEL_FILE):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: there is no such file.\nMake the model: dvc repro train")
    text = (folder / BOOSTER_FILE).read_text("utf-8", errors="replace")
    model = _model(folder, text)
    if _stored_version(folder) != version_of(text, model.calibration):
        raise InputError(
            f"{folder}: booster and calibration are not those that were saved together.\n"
            f"{MODEL_FILE} says version {_stored_version(folder)}, the files make "
            f"{version_of(text, model.calibration)}.\nFetch the folder whole, or train again: dvc repro train"
        )
    return model


def _model(folder: Path, text: str) -> TrainedModel:
    try:
        told = read_json(folder / MODEL_FILE)
        card = _card(told)
        learnt = calibration.from_json(told["calibration"])
        silences = tuple(silence.from_json(one) for one in told["silences"])
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, DataError) as error:
        raise InputError(
            f"{folder / MODEL_FILE}: not a model's description: {type(error).__name__}: {error}\n"
            "Train again: dvc repro train"
        ) from error
    try:
        booster = lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise InputError(
            f"{folder / BOOSTER_FILE}: not readable as LightGBM's text: {error}\nTrain again: dvc repro train"
        ) from error
    if tuple(booster.feature_name()) != card.features:
        raise InputError(
            f"{folder}: the booster has {booster.num_feature()} features, {MODEL_FILE} names "
            f"{len(card.features)} or others.\nFetch the folder whole, or train again: dvc repro train"
        )
    by_category = categorical_features(text, card.features)
    if by_category:
        raise InputError(
            f"{folder / BOOSTER_FILE}: {len(by_category)} of {len(card.features)} features are split by category: "
            f"{', '.join(by_category[:10])}.\nReasons are told of numeric splits only.\n"
            "Train again: dvc repro train"
        )
    return TrainedModel(booster, learnt, silences, card)


def _card(told: dict[str, Any]) -> Card:
    return Card(
        features=tuple(told["features"]),
        churn=churn.from_json(told["churn"]),
        settings=Settings(**told["settings"]),
        capacity=Capacity(**told["capacity"]),
        rounds=int(told["rounds"]),
        trained_from=date.fromisoformat(told["trained_from"]),
        trained_to=date.fromisoformat(told["trained_to"]),
        rows=int(told["rows"]),
        base_rate=float(told["base_rate"]),
        calibration_note=str(told["calibration_note"]),
    )


def _stored_version(folder: Path) -> str:
    return str(read_json(folder / MODEL_FILE).get("version"))
