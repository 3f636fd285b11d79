"""What stops learning: rows that are not ready, a log without the churn asked for, a model of another churn.

Promise: each message says what is wrong, what was found, and what to do.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from models.labels.churn import Churn
from pipeline.errors import InputError
from pipeline.storage.files import found_whole, read_json
from pipeline.storage.frames import columns_of


def refuse_unready(report: Path) -> None:
    """Raise InputError when a check of `reports/readiness.json` says stop, with its figures and its advice."""
    with found_whole(report):
        stopped = [check for check in read_json(report)["checks"] if check["verdict"] == "stop"]
    if stopped:
        raise InputError(
            "\n".join(f"{report}: {check['check']}: {check['says']}\n{check['advice']}" for check in stopped)
        )


def refuse_without_ends(
    churn: Churn, meanings: Collection[str], tells: Collection[str], contract: str
) -> None:
    """Raise InputError when churn is the end of a subscription, and the log of `contract` tells neither ends nor the
    last day that is paid for.
    """
    if churn.kind == "cancel" and "subscription_end" not in meanings and "paid_until" not in tells:
        raise InputError(
            f"{contract}: meaning.subscription_end is missing, and label.kind = cancel needs it.\n"
            f"It names {', '.join(meanings) or 'no meaning'}. Name there the kinds that end a subscription, name "
            "columns.paid_until, or choose another label.kind in params.yaml."
        )


def refuse_other_churn(fitted: Churn, asked: Churn, model: str) -> None:
    """Raise InputError when the model in the folder `model` was fitted for another churn than `asked`."""
    if fitted != asked:
        raise InputError(
            f"{model}: the model was fitted with another definition of churn than that of params.yaml.\n"
            f"Fitted: {fitted}.\nAsked: {asked}.\nTrain again: dvc repro train"
        )


def refuse_lacking_features(logins: Path, names: Sequence[str]) -> None:
    """Raise InputError when the login rows in the folder `logins` lack features called `names`, those of a model."""
    columns = columns_of(logins)
    gone = [name for name in names if name not in columns]
    if gone:
        raise InputError(
            f"{logins}: the model was trained with {', '.join(gone[:3])}, {len(gone)} features in all that these "
            "login rows lack.\n"
            "Use a log with the same columns and at least the same length, or train again."
        )
