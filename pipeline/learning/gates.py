"""Refuses to train on what the stage `readiness` says is senseless to learn from."""

from pathlib import Path

from pipeline.errors import InputError
from pipeline.storage.files import read_json


def refuse_unready(report: Path) -> None:
    """Raise InputError with every check of `reports/readiness.json` that says stop: its figures, what to do."""
    stopped = [check for check in read_json(report)["checks"] if check["verdict"] == "stop"]
    if stopped:
        raise InputError(
            "\n".join(f"{report}: {check['check']}: {check['says']}\n{check['advice']}" for check in stopped)
        )
