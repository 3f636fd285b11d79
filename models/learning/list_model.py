"""The list model: the number of a list, true on the list's day, for users who came that day and for silent ones.

On the day of a login the login model gives the number. From the first silent day on the model of silent users does.
Where the list is scored by the baseline, that gives every number.
Promise: all belong to one version, with one digest.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Floats
from models.errors import DataError
from models.learning.calibration import IDENTITY, Calibration
from models.learning.evidence import Evidence
from models.learning.linear import Linear
from models.learning.scorer import Scorer, log_odds, text_of
from models.learning.trained_model import Card, TrainedModel

SILENT_DAYS = "silent_days"
ScoredBy = Literal["model", "baseline"]


@dataclass(frozen=True, slots=True)
class Beyond:
    """The regression for users whose silence has reached the horizon, up to `most_silent_days`, as in training."""

    scorer: Linear
    most_silent_days: int


@dataclass(frozen=True, slots=True)
class SilentModel:
    """The model of users who have not come for a day or more. `form`: see `models.learning.silent_training`.

    `beyond`: None where training had too few users who were silent for so long.
    """

    form: str
    scorer: Scorer
    calibration: Calibration
    card: Card
    beyond: Beyond | None


@dataclass(frozen=True, slots=True)
class ListModel:
    """The models of one version. `baseline`: a regression for all listed users; `scored_by`: whose number counts.

    `value_digest`: that of the value model beside them; None if there is none.
    """

    login: TrainedModel
    silent: SilentModel
    baseline: SilentModel | None = None
    scored_by: ScoredBy = "model"
    value_digest: str | None = None

    def by(self, scorer: ScoredBy) -> "ListModel":
        """The same version, with the numbers of `scorer`. Raises DataError when it has no baseline."""
        if scorer == "baseline" and self.baseline is None:
            raise DataError("this version has no baseline to score with.\nTrain again: dvc repro train")
        return replace(self, scored_by=scorer)

    @property
    def of_silence(self) -> SilentModel:
        """The model of the rows for which the login model does not speak."""
        return self.baseline if self.scored_by == "baseline" and self.baseline is not None else self.silent

    def by_login_model(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """(rows,) whether the login model gives the number: on the day of a login, unless the baseline scores."""
        return came_today(frame) & (self.scored_by == "model")

    @property
    def features(self) -> tuple[str, ...]:
        """The features of landmark rows: those of the login model, and those of the silence."""
        return self.silent.card.features

    @property
    def card(self) -> Card:
        """What the model of silent users predicts, and from which rows."""
        return self.silent.card

    @property
    def evidence(self) -> Evidence:
        """The rule of evidence at a login."""
        return self.login.evidence

    @property
    def version(self) -> str:
        """12 hex digits that change with whatever makes a number of the list: its models, evidence and value model."""
        return version_of(self.login, self.silent, self.baseline, self.value_digest)

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Probability of churn as of each row's day, strictly between 0 and 1.

        `frame`: landmark rows within the horizon, with `silent_days`. Raises DataError when a feature is missing.
        """
        came, other = self.by_login_model(frame), self.of_silence
        probability = np.empty(frame.height)
        probability[came] = self.login.predict(frame.filter(pl.Series(came)))
        silent = frame.filter(pl.Series(~came))
        raw = log_odds(other.scorer, silent, self.card.settings.threads)
        probability[~came] = other.calibration.probability(raw)
        return probability

    def predict_beyond(self, frame: pl.DataFrame) -> Floats:
        """Probability of churn of users whose silence has reached the horizon; NaN where training reaches no further.

        `frame`: landmark rows, with `silent_days`.
        """
        beyond = self.silent.beyond
        if beyond is None:
            return np.full(frame.height, np.nan)
        reached = frame[SILENT_DAYS].to_numpy() <= beyond.most_silent_days
        return np.where(reached, IDENTITY.probability(beyond.scorer.log_odds(frame)), np.nan)


def came_today(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """(rows,) whether the user came on the row's day."""
    return np.asarray(frame[SILENT_DAYS].to_numpy() == 0)


def version_of(
    login: TrainedModel,
    silent: SilentModel,
    baseline: SilentModel | None = None,
    value_digest: str | None = None,
) -> str:
    """12 hex digits of the SHA-256 of the models: scorers, calibrations, their reach, and the rule of evidence.

    With a value model its digest counts, too.
    """
    beyond = silent.beyond
    content = [
        login.booster.model_to_string(),
        login.calibration.as_json(),
        login.evidence.as_json(),
        text_of(silent.scorer),
        silent.calibration.as_json(),
        None if beyond is None else [text_of(beyond.scorer), beyond.most_silent_days],
    ]
    if baseline is not None:
        content += [text_of(baseline.scorer), baseline.calibration.as_json()]
    if value_digest is not None:
        content.append(value_digest)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
