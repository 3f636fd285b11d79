"""The trained model of logins as one value: booster, calibration, the rule of evidence, and its card."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta

import lightgbm as lgb
import polars as pl

from models.arrays import Floats
from models.labels.churn import Churn
from models.learning.booster import Capacity, Settings, log_odds
from models.learning.calibration import Calibration
from models.learning.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Card:
    """What a model predicts, from which rows, features and settings."""

    features: tuple[str, ...]
    churn: Churn
    settings: Settings
    capacity: Capacity
    rounds: int
    trained_from: date
    trained_to: date
    rows: int
    base_rate: float
    calibration_note: str

    @property
    def data_end(self) -> date:
        """The last day that the labels of the training rows depend on."""
        return self.trained_to + timedelta(days=self.churn.longest_days)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The model of logins. Equal rows give equal probabilities, on any machine with the same LightGBM."""

    booster: lgb.Booster
    calibration: Calibration
    card: Card
    evidence: Evidence

    @property
    def features(self) -> tuple[str, ...]:
        """The features the booster needs, in its order."""
        return self.card.features

    @property
    def version(self) -> str:
        """12 hex digits that change with the trees or the calibration (SHA-256 of both)."""
        return version_of(self.booster.model_to_string(), self.calibration)

    def log_odds(self, frame: pl.DataFrame) -> Floats:
        """Calibrated log-odds of churn of each row of `frame`. Raises DataError when it lacks a feature."""
        raw = log_odds(self.booster, frame, self.features, self.card.settings.threads)
        return self.calibration.log_odds(raw)

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Probability of churn of each row of `frame`, true at its login, strictly between 0 and 1.

        Other columns are ignored. Raises DataError when a feature is missing.
        """
        raw = log_odds(self.booster, frame, self.features, self.card.settings.threads)
        return self.calibration.probability(raw)


def version_of(booster_text: str, calibration: Calibration) -> str:
    """12 hex digits of the SHA-256 of a booster's text and its calibration."""
    content = booster_text + json.dumps(calibration.as_json(), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
