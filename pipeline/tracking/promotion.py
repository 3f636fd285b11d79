"""The rule by which a new model becomes champion, from the files of a run and the model folder of the champion.

Promise: no model is evaluated on rows that it was fitted on. Either both *settings* are fitted on the same training
rows and evaluated on the same later test rows, or both *models* are evaluated on rows after the data of both ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from models.evaluation.champion_challenger import ChampionChallenger, champion_challenger, decide
from models.labels.churn import Churn
from models.learning.list_model import ListModel
from models.learning.silent_training import fit_silent, silent_model, silent_rows
from models.learning.split import TimeSplit, within
from models.learning.trained_model import TrainedModel
from models.learning.training import fit_model
from models.metrics.bootstrap import Bootstrap
from models.rows import labels
from pipeline.errors import InputError
from pipeline.learning.dataset import periods_of, read_landmarks, read_rows
from pipeline.learning.landmarks import forms_of
from pipeline.storage.model_folder import load_models
from pipeline.tracking.result import Result

SETTINGS = "both settings, fitted on the same training rows, on the same later lists"
MODELS = "both models, on lists after the data of both had ended"
_MOST_AUC_LOST = 0.001
"""The login model of a challenger may not have a lower AUC than the champion's by more than this."""


def product_of(contract: Path, churn: Churn) -> dict[str, str]:
    """What two comparable models have in common: the log's contract and the definition of churn."""
    return {"contract": contract.stem, **dict(_flat("label", asdict(churn)))}


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}_{name}", value)
        else:
            yield f"{prefix}_{name}", str(value)


def first_decision(grade: str) -> dict[str, Any]:
    """The decision without a champion: a model of grade A or B becomes champion."""
    because = f"there is no champion yet, and the grade is {grade}"
    return _decision(grade != "C", because + (": use the best baseline instead" if grade == "C" else ""))


def other_product(
    product: dict[str, str], of_champion: dict[str, str], champion: str, model_name: str
) -> dict[str, Any] | None:
    """The decision when the champion has another contract or definition of churn; None when both are the same."""
    differ = [
        f"{name} is {product[name]}, its {of_champion[name]}"
        for name in product
        if of_champion.get(name, product[name]) != product[name]
    ]
    if not differ:
        return None
    because = (
        f"version {champion}, the champion of {model_name}, foretells something else: {', '.join(differ)}; "
        "give this one a registry name of its own (tracking.model_name), or: lastlogin promote"
    )
    return _decision(False, because)  # noqa: FBT003


def against_champion(champion_folder: Path, result: Result) -> dict[str, Any]:
    """The decision between the champion and the evaluated version of `result`, by the log loss of lists.

    Four cases are refused without a comparison: grade C, the same version, a champion that this version of the code
    cannot read, and a champion with features that this log lacks. If settings or features differ, the settings are
    compared. If they are the same, the models are compared on lists after the champion's data ended, given
    `split.min_rows` of each class. With fewer rows the settings are equal, and newer data decides
    (`champion_challenger.decide`). A challenger whose login model is surely worse by more than 0.001 AUC stays one.
    Raises InputError when a folder of this run holds no model.
    """
    model = result.files.model
    evaluated, scoring = load_models(model / "evaluated"), load_models(model / "scoring")
    try:
        champion = load_models(champion_folder)
    except InputError as error:  # made by an earlier version of the code
        because = (
            f"the champion cannot be read ({str(error).splitlines()[0]}), so there is no fair comparison"
        )
        return _decision(False, f"{because}; take this one: lastlogin promote")  # noqa: FBT003
    if scoring.version == champion.version:
        return _decision(False, "it is the champion's very model")  # noqa: FBT003
    if result.grade == "C":
        return _decision(False, "grade C: not surely better than the best baseline")  # noqa: FBT003
    landmarks = read_landmarks(result.files.landmarks)
    lacking = [name for name in champion.features if name not in landmarks.columns]
    if lacking:
        return _decision(
            False,  # noqa: FBT003
            f"{len(lacking)} features of the champion are not in this log any more ({', '.join(lacking[:5])}), so "
            "there is no fair comparison; if that is meant: lastlogin promote",
        )
    newer = scoring.card.data_end > champion.card.data_end
    compared = _compare(landmarks, champion, evaluated, result)
    decision = decide(compared.of_lists, newer=newer)
    promoted, because = decision.promoted, decision.because
    lost = compared.of_logins.auc_gain
    if promoted and (lost.value or 0.0) < -_MOST_AUC_LOST and (lost.high or 0.0) < 0:
        promoted = False
        because += f", but on the day of a login its AUC is lower by {-(lost.value or 0.0):.4f}: surely worse"
    return _decision(
        promoted, because, way=compared.way, newer=newer, **asdict(compared.of_lists),
        login_auc_gain=asdict(lost),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Compared:
    way: str
    of_lists: ChampionChallenger
    of_logins: ChampionChallenger


def _compare(landmarks: pl.DataFrame, champion: ListModel, evaluated: ListModel, result: Result) -> _Compared:
    """Both versions on the same lists and on the same logins, later than the training data of either."""
    rows = read_rows(result.files.logins)
    periods = periods_of(rows, result.label, result.split)
    listed, test = landmarks.filter(pl.col("listed") & pl.col("ripe")), rows.filter(within(periods.test))
    bootstrap = Bootstrap(result.evaluate.bootstrap, result.evaluate.seed)
    same = (champion.login.card.settings, champion.features, champion.silent.form) == (
        evaluated.login.card.settings, evaluated.features, evaluated.silent.form,
    )  # fmt: skip
    later = listed.filter(pl.col("as_of") > champion.card.data_end)
    churned = int(later["churned"].sum())
    if same and min(churned, later.height - churned) >= result.split.min_rows:
        after = test.filter(pl.col("login_day") > champion.card.data_end)
        return _Compared(
            MODELS,
            _on(later, champion, evaluated, bootstrap),
            _on(after, champion.login, evaluated.login, bootstrap),
        )
    other = evaluated if same else _refitted(champion, rows, landmarks, periods, result.split.min_rows)
    return _Compared(
        SETTINGS, _on(listed, other, evaluated, bootstrap), _on(test, other.login, evaluated.login, bootstrap)
    )


Model = TypeVar("Model", TrainedModel, ListModel)


def _on(rows: pl.DataFrame, champion: Model, challenger: Model, bootstrap: Bootstrap) -> ChampionChallenger:
    of_champion, of_challenger = champion.predict(rows), challenger.predict(rows)
    return champion_challenger(rows["user_id"], labels(rows), of_champion, of_challenger, bootstrap)


def _refitted(
    champion: ListModel, rows: pl.DataFrame, landmarks: pl.DataFrame, periods: TimeSplit, min_rows: int
) -> ListModel:
    """A version with the champion's settings and features, fitted on the training rows of this run."""
    settings, card = champion.login.card.settings, champion.login.card
    fit = fit_model(rows, champion.login.features, periods, settings)
    login = TrainedModel(fit.booster, fit.calibration, card, champion.evidence)
    silent, columns = silent_rows(landmarks, card.churn.lead_days), forms_of(champion.features)
    of_silent = fit_silent(silent, columns, periods, settings, min_rows)
    return ListModel(login, silent_model(of_silent, landmarks, columns, periods.training, card))


def _decision(promoted: bool, because: str, **figures: Any) -> dict[str, Any]:  # noqa: FBT001
    return {"promoted": promoted, "because": because, **figures}
