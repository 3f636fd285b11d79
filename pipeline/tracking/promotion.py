"""The rule by which a new model becomes champion, from the files of a run and the model folder of the champion.

Promise: no model is evaluated on rows that it was fitted on. Either both *settings* are fitted on the same training
rows and evaluated on the same later test rows, or both *models* are evaluated on rows after the data of both ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from models.evaluation.champion_challenger import ChampionChallenger, champion_challenger, decide
from models.labels.churn import Churn
from models.learning.booster import log_odds
from models.learning.split import TimeSplit, within
from models.learning.trained_model import TrainedModel
from models.learning.training import fit_model
from models.metrics.bootstrap import Bootstrap
from models.rows import labels
from pipeline.errors import InputError
from pipeline.learning.dataset import periods_of, read_rows
from pipeline.storage.model_folder import load_model
from pipeline.tracking.result import Result

SETTINGS = "both settings, fitted on the same training rows, on the same later test rows"
MODELS = "both models, on logins after the data of both had ended"


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
    """The decision between the champion and the evaluated model of `result`.

    Four cases are refused without a comparison: grade C, the same model, a champion that this version cannot read, and
    a champion with features that this log lacks. If settings or features differ, the settings are compared. If they
    are the same, the models are compared on logins after the champion's data ended, given `split.min_rows` of each
    class. With fewer rows the settings are equal, and newer data decides (`champion_challenger.decide`).
    Raises InputError when a folder of this run holds no model.
    """
    model, evaluate = result.files.model, result.evaluate
    evaluated, scoring = load_model(model / "evaluated"), load_model(model / "scoring")
    try:
        champion = load_model(champion_folder)
    except InputError as error:  # made by an earlier version of the code
        because = (
            f"the champion cannot be read ({str(error).splitlines()[0]}), so there is no fair comparison"
        )
        return _decision(False, f"{because}; take this one: lastlogin promote")  # noqa: FBT003
    if scoring.version == champion.version:
        return _decision(False, "it is the champion's very model")  # noqa: FBT003
    if result.grade == "C":
        return _decision(False, "grade C: not surely better than the best baseline")  # noqa: FBT003
    rows = read_rows(result.files.logins)
    lacking = [name for name in champion.features if name not in rows.columns]
    if lacking:
        return _decision(
            False,  # noqa: FBT003
            f"{len(lacking)} features of the champion are not in this log any more ({', '.join(lacking[:5])}), so "
            "there is no fair comparison; if that is meant: lastlogin promote",
        )
    periods = periods_of(rows, result.label, result.split)
    newer = scoring.card.data_end > champion.card.data_end
    bootstrap = Bootstrap(evaluate.bootstrap, evaluate.seed)
    way, comparison = _compare(rows, periods, champion, evaluated, result.split.min_rows, bootstrap)
    decision = decide(comparison, newer=newer)
    return _decision(decision.promoted, decision.because, way=way, newer=newer, **asdict(comparison))


def _compare(
    rows: pl.DataFrame,
    periods: TimeSplit,
    champion: TrainedModel,
    evaluated: TrainedModel,
    min_rows: int,
    bootstrap: Bootstrap,
) -> tuple[str, ChampionChallenger]:
    test = rows.filter(within(periods.test))
    same = (champion.card.settings, champion.features) == (evaluated.card.settings, evaluated.features)
    later = test.filter(pl.col("login_day") > champion.card.data_end)
    churned = int(later["churned"].sum())
    if same and min(churned, later.height - churned) >= min_rows:
        of_champion = champion.predict(later)
        return MODELS, champion_challenger(
            later["user_id"], labels(later), of_champion, evaluated.predict(later), bootstrap
        )
    of_challenger = evaluated.predict(test)
    of_champion = of_challenger
    if not same:
        settings = champion.card.settings
        refitted = fit_model(rows, champion.features, periods, settings)
        raw = log_odds(refitted.booster, test, refitted.features, settings.threads)
        of_champion = refitted.calibration.probability(raw)
    return SETTINGS, champion_challenger(test["user_id"], labels(test), of_champion, of_challenger, bootstrap)


def _decision(promoted: bool, because: str, **figures: Any) -> dict[str, Any]:  # noqa: FBT001
    return {"promoted": promoted, "because": because, **figures}
