"""A trained version on disk: the login model, the list model, the baseline, and what they were fitted with.

`login/` and `list/` hold `booster.txt` (`list/` may hold `linear.json` instead, or both), `model.json` and
`features.json`; `login/` also holds `norms.json` and, if the log has its components, `engagement_reference.json`.
`baseline/` holds `linear.json` and `model.json`. If the log has amounts, `value/` holds `value.json` and maybe
`booster.txt`. `files.json` lists all of them with their digests.
Promise: a loaded model predicts what the saved one predicted. A half-written, mixed or changed folder is refused.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb

from features.define import Feature
from models import artefacts
from models.checks.drift import References, references_from_json
from models.errors import DataError
from models.explanation.contributions import categorical_features
from models.health.engagement import Reference, reference_from_json
from models.learning import calibration, evidence, linear
from models.learning.linear import Linear
from models.learning.list_model import Beyond, ListModel, SilentModel
from models.learning.scorer import Blend, Scorer, parts, text_of
from models.learning.silent_training import FORMS
from models.learning.trained_model import Card, TrainedModel, version_of
from models.value.value_model import ValueModel
from models.value.value_model import from_json as value_from_json
from pipeline.errors import InputError
from pipeline.storage.digests import FILES_FILE, refuse_changed
from pipeline.storage.feature_file import FEATURES_FILE, read_features
from pipeline.storage.files import read_json, write_json

LOGIN, LIST, BASELINE, VALUE = "login", "list", "baseline", "value"
"""The folders of a version's models. A log without amounts has no value model."""
LINEAR_FILE = "linear.json"
VALUE_FILE = "value.json"
BOOSTER_FILE, MODEL_FILE, REFERENCES_FILE = "booster.txt", "model.json", "norms.json"
ENGAGEMENT_FILE = "engagement_reference.json"
_UNREADABLE = (
    json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError, DataError,
)  # fmt: skip
_TO_DO = "Fetch the folder whole, or train again: dvc repro train"


def save_models(models: ListModel, folder: Path) -> None:
    """Write both models of a version below `folder`, making it. Its value model is written by `save_value`.

    A list of its files that is there is none of these files any more, so it goes.
    """
    (folder / FILES_FILE).unlink(missing_ok=True)
    login, silent = models.login, models.silent
    of_login = {"evidence": login.evidence.as_json()}
    _save(login.booster, login.card, login.calibration, folder / LOGIN, login.version, of_login)
    of_silent = {
        "form": silent.form,
        "beyond": None if silent.beyond is None else artefacts.as_json(silent.beyond),
    }
    _save(silent.scorer, silent.card, silent.calibration, folder / LIST, models.version, of_silent)
    if (simple := models.baseline) is not None:
        of_baseline = {"form": simple.form, "beyond": None}
        _save(simple.scorer, simple.card, simple.calibration, folder / BASELINE, models.version, of_baseline)


def _save(
    scorer: Scorer,
    card: Card,
    fitted: calibration.Calibration,
    folder: Path,
    version: str,
    others: dict[str, Any],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for _, part in parts(scorer):
        name = LINEAR_FILE if isinstance(part, Linear) else BOOSTER_FILE
        (folder / name).write_text(text_of(part), "utf-8")
    content = artefacts.as_json(card) | {"version": version, "calibration": fitted.as_json()}
    write_json(content | others, folder / MODEL_FILE)


def load_models(folder: Path) -> ListModel:
    """What `save_models` wrote.

    Raises InputError when a file is missing or unreadable, when files do not belong together, when a booster splits
    by category, or when an older version made the folder, which has no list model.
    """
    login = load_login_model(folder)  # which looks at the digests of all files
    silent, version = _silent_model(folder / LIST)
    simple = _silent_model(folder / BASELINE)[0] if (folder / BASELINE).is_dir() else None
    value = load_value(folder)
    both = ListModel(login, silent, simple, value_digest=None if value is None else value.digest)
    if version != both.version:
        raise InputError(
            f"{folder}: the models of this version were not saved together.\n{LIST}/{MODEL_FILE} says "
            f"version {version}, the files make {both.version}.\n{_TO_DO}"
        )
    return both


def _silent_model(part: Path) -> tuple[SilentModel, Any]:
    """The model of silent users, or the baseline, in the folder `part`, and the version that was stored with it."""
    content, card, fitted = _described(part)
    scorer = _scorer(part)
    form = content.get("form")
    if form not in FORMS:
        raise InputError(
            f"{part / MODEL_FILE}: form is {form!r}.\nExpected one of {', '.join(FORMS)}.\n{_TO_DO}"
        )
    try:
        stored = content["beyond"]
        beyond = None if stored is None else artefacts.from_json(Beyond, stored, "beyond")
    except _UNREADABLE as error:
        raise InputError(_unreadable(part / MODEL_FILE, "a model's description", error)) from error
    return SilentModel(form, scorer, fitted, card, beyond), content.get("version")


def save_value(value: ValueModel, folder: Path) -> None:
    """Write the value model of a version below `folder`."""
    part = folder / VALUE
    part.mkdir(parents=True, exist_ok=True)
    if value.booster is not None:
        (part / BOOSTER_FILE).write_text(value.booster.model_to_string(), "utf-8")
    write_json(value.as_json(), part / VALUE_FILE)


def load_value(folder: Path) -> ValueModel | None:
    """The value model of the version in `folder`; None if its log has no amounts, or an older version made it.

    Raises InputError when it is unreadable, or lacks the booster that it uses.
    """
    refuse_changed(folder, "train")
    part = folder / VALUE
    if not part.is_dir():
        return None
    path = part / VALUE_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.\n{_TO_DO}")
    try:
        booster = _trees(part) if (part / BOOSTER_FILE).is_file() else None
        value = value_from_json(read_json(path), booster)
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a value model", error)) from error
    if value.card.method not in value.methods:
        raise InputError(
            f"{path}: method is {value.card.method!r}.\nWith the files of the folder it is one of "
            f"{', '.join(value.methods)}.\n{_TO_DO}"
        )
    return value


def load_login_model(folder: Path) -> TrainedModel:
    """The login model of the version in `folder`. Raises InputError as `load_models`."""
    refuse_changed(folder, "train")
    if folder.is_dir() and not (folder / LIST).is_dir():
        raise InputError(
            f"{folder}: there is no list model: an older version made this model.\nTrain again: dvc repro train"
        )
    part = folder / LOGIN
    content, card, fitted = _described(part)
    try:
        rule = evidence.from_json(content["evidence"])
    except _UNREADABLE as error:
        raise InputError(_unreadable(part / MODEL_FILE, "a model's description", error)) from error
    scorer = _scorer(part)
    if not isinstance(scorer, lgb.Booster):
        raise InputError(f"{part}: a login model is made of trees.\n{_TO_DO}")
    if content.get("version") != version_of(text_of(scorer), fitted):
        raise InputError(
            f"{part}: booster and calibration were not saved together.\n{MODEL_FILE} says "
            f"version {content.get('version')}, the files make {version_of(text_of(scorer), fitted)}.\n{_TO_DO}"
        )
    if tuple(scorer.feature_name()) != card.features:
        raise InputError(
            f"{part}: the booster has {scorer.num_feature()} features, {MODEL_FILE} names "
            f"{len(card.features)} or others.\n{_TO_DO}"
        )
    return TrainedModel(scorer, fitted, card, rule)


def load_features(folder: Path, names: Sequence[str]) -> tuple[Feature, ...]:
    """The features called `names`, those of the model in `folder` (`login` or `list` of a version), in their order.

    Raises InputError when `features.json` is missing, or names other features.
    """
    refuse_changed(folder.parent, "train")
    path = folder / FEATURES_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file: an older version made this model.\n{_TO_DO}")
    features = read_features(path, "train")
    if tuple(feature.name for feature in features) != tuple(names):
        raise InputError(
            f"{path}: names {len(features)} features, and the model has {len(names)} or others.\n{_TO_DO}"
        )
    return features


def save_references(references: References, folder: Path) -> None:
    """Write `references` into the model folder."""
    write_json(references.as_json(), folder / REFERENCES_FILE)


def load_references(folder: Path) -> References:
    """What `save_references` wrote. Raises InputError when the file is missing or unreadable."""
    refuse_changed(folder.parent, "train")
    path = folder / REFERENCES_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file: an older version made this model.\n{_TO_DO}")
    try:
        return references_from_json(read_json(path))
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a model's references", error)) from error


def save_engagement(reference: Reference | None, folder: Path) -> None:
    """Write the reference of engagement into the model folder; nothing if the log has no component of it."""
    if reference is not None:
        write_json(reference.as_json(), folder / ENGAGEMENT_FILE)


def load_engagement(folder: Path) -> Reference | None:
    """What `save_engagement` wrote; None if it wrote nothing, or an older version made the folder.

    Raises InputError when the file is unreadable.
    """
    refuse_changed(folder.parent, "train")
    path = folder / ENGAGEMENT_FILE
    if not path.is_file():
        return None
    try:
        return reference_from_json(read_json(path))
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a reference of engagement", error)) from error


def _unreadable(path: Path, expected: str, error: Exception) -> str:
    problem = f"there is no {error}" if isinstance(error, KeyError) else error
    return f"{path}: not {expected}: {type(error).__name__}: {problem}\n{_TO_DO}"


def _described(folder: Path) -> tuple[dict[str, Any], Card, calibration.Calibration]:
    """The content of `model.json` as JSON, and its card and calibration as values."""
    path = folder / MODEL_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.\nMake the model: dvc repro train")
    try:
        content = read_json(path)
        return (
            content,
            artefacts.from_json(Card, content, "card"),
            calibration.from_json(content["calibration"]),
        )
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a model's description", error)) from error


def _scorer(folder: Path) -> Scorer:
    """The booster or the regression in `folder`, or both blended."""
    path = folder / LINEAR_FILE
    if not path.is_file():
        return _trees(folder)
    try:
        regression = linear.from_text(path.read_text("utf-8"))
    except _UNREADABLE as error:
        raise InputError(_unreadable(path, "a linear model", error)) from error
    return Blend(_trees(folder), regression) if (folder / BOOSTER_FILE).is_file() else regression


def _trees(folder: Path) -> lgb.Booster:
    path = folder / BOOSTER_FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.\nMake the model: dvc repro train")
    text = path.read_text("utf-8", errors="replace")
    booster = _booster(path, text)
    by_category = categorical_features(text, booster.feature_name())
    if by_category:
        raise InputError(
            f"{path}: {len(by_category)} of {booster.num_feature()} features are split by category: "
            f"{', '.join(by_category[:10])}.\nReasons need numeric splits.\n{_TO_DO}"
        )
    return booster


def _booster(path: Path, text: str) -> lgb.Booster:
    """The booster. LightGBM may read half a file without an error, so the end is looked for first."""
    if not text.startswith("tree\n"):
        raise InputError(f"{path}: not readable as LightGBM's text: it begins {text[:40]!r}.\n{_TO_DO}")
    if "end of trees" not in text:
        raise InputError(f"{path}: cut off: {len(text)} characters without the end of the trees.\n{_TO_DO}")
    try:
        return lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise InputError(f"{path}: not readable as LightGBM's text: {error}\n{_TO_DO}") from error
