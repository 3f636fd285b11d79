"""The processor time of training, in a project after its stages `logins` and `landmarks`.

`python -m benchmarks.tasks.list_training`: prints as JSON the seconds of the login model (fit and refit) and of the
model of silent users, each with the check of its contributions.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.explanation.contributions import check_contributions
from models.learning.linear import Linear
from models.learning.scorer import parts
from models.learning.silent_training import fit_silent, refit_silent, silent_rows
from models.learning.training import fit_model, refit
from models.thinning import step_to_at_least
from pipeline.config.params import load_params
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import features_of_rows, periods_of, read_landmarks, read_rows, settings_of
from pipeline.learning.landmarks import forms_of
from pipeline.storage.datasets import LANDMARKS, LOGINS


def main() -> None:
    """Train both, and print their costs."""
    params = load_params(Path("params.yaml"))
    rows, settings = read_rows(LOGINS.path), settings_of(params.train)
    names = [feature.name for feature in features_of_rows(LOGINS.path)]
    periods = periods_of(rows, params.label, params.split)
    silent = silent_rows(read_landmarks(LANDMARKS.path), churn_of(params.label).lead_days)
    columns = forms_of([feature.name for feature in features_of_rows(LANDMARKS.path)])

    def login() -> None:
        fitted = fit_model(rows, names, periods, settings)
        for one in (fitted, refit(rows, fitted, periods)):
            check_contributions(one.booster, rows.gather_every(step_to_at_least(rows.height, 500)))

    def of_silent() -> None:
        fitted = fit_silent(silent, columns, periods, settings, params.split.min_rows)
        for one in (fitted, refit_silent(silent, fitted, periods)):
            sample = silent.gather_every(step_to_at_least(silent.height, 500))
            for _, part in parts(one.scorer):
                if not isinstance(part, Linear):
                    check_contributions(part, sample)

    sys.stdout.write(json.dumps([_seconds(login), _seconds(of_silent)]) + "\n")


def _seconds(train: Callable[[], Any]) -> float:
    began = time.process_time()
    train()
    return time.process_time() - began


if __name__ == "__main__":
    main()
