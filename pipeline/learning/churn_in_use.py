"""The section `label` as `models` knows it, and whether a log and a model go with it."""

from collections.abc import Collection

from models.labels.churn import Churn, from_json
from pipeline.config.params import Label
from pipeline.errors import InputError


def churn_of(label: Label) -> Churn:
    """The definition of churn in the section `label`."""
    return from_json(label.model_dump())


def refuse_without_ends(churn: Churn, meanings: Collection[str], contract: str) -> None:
    """Raise InputError when churn is the end of a contract and the log's contract file names no such kinds."""
    if churn.kind == "cancel" and "subscription_end" not in meanings:
        raise InputError(
            f"{contract}: meaning.subscription_end is missing, and label.kind = cancel is about it.\n"
            f"It names {', '.join(meanings) or 'no meaning'}. Name the kinds that end a contract there, or choose "
            "another label.kind in params.yaml."
        )


def refuse_other_churn(learnt: Churn, asked: Churn, model: str) -> None:
    """Raise InputError when the model in the folder `model` has learnt another churn than the one asked for."""
    if learnt != asked:
        raise InputError(
            f"{model}: the model was fitted for another churn than params.yaml asks for.\n"
            f"Fitted: {learnt}.\nAsked: {asked}.\nTrain again: dvc repro train"
        )
