"""Whether a new model becomes champion: the rule, on the files of a run and the model folder of the champion.

Promise: no model is evaluated on rows that it was fitted on. Either both *settings* are fitted on the same
training rows and evaluated on the same later test rows, or both *models* are evaluated on rows that came after the
data of both had ended.
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
    """What must be the same for two models to be comparable: whose log it is, and what is foretold."""
    return {"contract": contract.stem, **dict(_flat("label", asdict(churn)))}


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}_{name}", value)
        else:
            yield f"{prefix}_{name}", str(value)


def first_decision(grade: str) -> dict[str, Any]:
    """The decision where there is no champion: A or B takes the place."""
    because = f"there is no champion yet, and the grade is {grade}"
    return _told(grade != "C", because + (": use the best baseline instead" if grade == "C" else ""))


def other_product(
    mine: dict[str, str], of_champion: dict[str, str], champion: str, model_name: str
) -> dict[str, Any] | None:
    """The decision where the champion is of another log or another label; None where it is of the same."""
    differ = [
        f"{name} is {mine[name]}, its {of_champion[name]}"
        for name in mine
        if of_champion.get(name, mine[name]) != mine[name]
    ]
    if not differ:
        return None
    because = (
        f"version {champion}, the champion of {model_name}, foretells something else: {', '.join(differ)}; "
        "give this one a registry name of its own (tracking.model_name), or: lastlogin promote"
    )
    return _told(False, because)  # noqa: FBT003


def against_champion(champion_folder: Path, result: Result) -> dict[str, Any]:
    """The decision between the champion and the evaluated model of `result`.

    Grade C, the same model again, a champion that this version cannot read, and features that this log no longer
    gives end it at once. Where settings or features differ, the settings are compared; where they are the same,
    the models on logins after the champion's data ended, if there are `split.min_rows` of each class; where there
    are fewer, the settings are equal by construction and newer data decides (`models.champion_challenger.decide`).
    Raises InputError when a folder of this run is no model.
    """
    model, evaluate = result.files.model, result.evaluate
    evaluated, scoring = load_model(model / "evaluated"), load_model(model / "scoring")
    try:
        champion = load_model(champion_folder)
    except InputError as error:  # made by an earlier version of the code
        because = (
            f"the champion cannot be read ({str(error).splitlines()[0]}), so there is no fair comparison"
        )
        return _told(False, f"{because}; take this one: lastlogin promote")  # noqa: FBT003
    if scoring.version == champion.version:
        return _told(False, "it is the champion's very model")  # noqa: FBT003
    if result.grade == "C":
        return _told(False, "grade C: not surely better than the best baseline")  # noqa: FBT003
    rows = read_rows(result.files.logins)
    lacking = [name for name in champion.features if name not in rows.columns]
    if lacking:
        return _told(
            False,  # noqa: FBT003
            f"{len(lacking)} features of the champion are not in this log any more ({', '.join(lacking[:5])}), so "
            "there is no fair comparison; if that is meant: lastlogin promote",
        )
    periods = periods_of(rows, result.label, result.split)
    newer = scoring.card.data_end > champion.card.data_end
    bootstrap = Bootstrap(evaluate.bootstrap, evaluate.seed)
    way, found = _compare(rows, periods, champion, evaluated, result.split.min_rows, bootstrap)
    decision = decide(found, newer=newer)
    return _told(decision.promoted, decision.because, way=way, newer=newer, **asdict(found))


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


def _told(promoted: bool, because: str, **figures: Any) -> dict[str, Any]:  # noqa: FBT001
    return {"promoted": promoted, "because": because, **figures}
