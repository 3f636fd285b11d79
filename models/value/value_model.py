"""The value model: what a user is expected to pay in the days ahead, given that the user stays.

Promise: equal rows give equal amounts, and none is negative.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from models import artefacts
from models.arrays import Floats
from models.value.baselines import (
    BASELINES,
    BUYING,
    OWN_DAYS,
    SHRUNK,
    TRAILING,
    Buying,
    Shrunk,
    buying,
    own_days,
    shrunk,
    trailing,
)
from models.value.booster import predicted_revenue
from models.value.rows import BAND_NAMES, band_numbers

BOOSTER, BLEND = "booster", "blend"
METHODS = (*BASELINES, BOOSTER, BLEND)


@dataclass(frozen=True, slots=True)
class ValueCard:
    """What the value model says, and what it was made from.

    `method`: one of `METHODS`. `baseline`: the best one, and the half of the blend that is not the booster.
    `judged_days`: the days over which it was fitted and judged; None where that was not possible. `label_days`,
    `lead_days`: the label's window, in which a user stays. `power`, `rounds`: of the booster. `because`: why the method
    is no better one. `note`: from the judged days to `horizon_days`.
    """

    method: str
    baseline: str
    horizon_days: int
    judged_days: int | None
    label_days: int
    lead_days: int
    features: tuple[str, ...]
    threads: int
    trained_from: date | None
    trained_to: date | None
    rows: int
    power: float
    rounds: int
    because: str
    note: str


@dataclass(frozen=True, slots=True)
class ValueModel:
    """The method in use and the methods beside it, with factors of the bands of login numbers.

    `calibration`: of the method in use. `extension`: from `judged_days` to `horizon_days`.
    """

    card: ValueCard
    shrunk: Shrunk | None = None
    buying: Buying | None = None
    booster: lgb.Booster | None = None
    calibration: tuple[float, ...] = (1.0,) * len(BAND_NAMES)
    extension: tuple[float, ...] = (1.0,) * len(BAND_NAMES)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that were fitted."""
        lacking = {SHRUNK: self.shrunk, BUYING: self.buying, BOOSTER: self.booster, BLEND: self.booster}
        return tuple(name for name in METHODS if lacking.get(name, name) is not None)

    def as_json(self) -> dict[str, Any]:
        """All but the booster, as plain values."""
        return {
            "card": artefacts.as_json(self.card),
            "shrunk": None if self.shrunk is None else artefacts.as_json(self.shrunk),
            "buying": None if self.buying is None else artefacts.as_json(self.buying),
            "calibration": list(self.calibration),
            "extension": list(self.extension),
        }

    @property
    def digest(self) -> str:
        """The SHA-256 of whatever makes an amount, in hex digits."""
        trees = None if self.booster is None else self.booster.model_to_string()
        return hashlib.sha256(json.dumps([self.as_json(), trees], sort_keys=True).encode()).hexdigest()

    def by_method(self, rows: pl.DataFrame, method: str) -> Floats:
        """What `method` expects of each row over the judged days, uncalibrated, in the reporting currency.

        `rows`: landmark rows with `PAYMENTS`, and for the booster with its features.
        """
        card = self.card
        days = card.judged_days or card.horizon_days
        if method == BOOSTER and self.booster is not None:
            return predicted_revenue(self.booster, rows, card.features, card.threads)
        if method == BLEND and self.booster is not None:
            return blended(self.by_method(rows, BOOSTER), self.by_method(rows, card.baseline))
        if method == BUYING and self.buying is not None:
            return buying(rows, self.buying, days, card.label_days, card.lead_days)
        if method == SHRUNK and self.shrunk is not None:
            return shrunk(rows, self.shrunk, days)
        if method == OWN_DAYS:
            return own_days(rows, card.horizon_days, days)
        if method == TRAILING:
            return trailing(rows, card.horizon_days, days)
        raise ValueError(f"the value model has no method {method!r}, only {', '.join(self.methods)}")

    def judged(self, rows: pl.DataFrame) -> Floats:
        """The expected revenue of each row over the judged days, in the reporting currency, for a user who stays."""
        factors: Floats = np.array(self.calibration)[band_numbers(rows)]
        return self.by_method(rows, self.card.method) * factors

    def expected_revenue(self, rows: pl.DataFrame) -> Floats:
        """The expected revenue of each row over `horizon_days`, in the reporting currency, for a user who stays."""
        factors: Floats = np.array(self.extension)[band_numbers(rows)]
        return self.judged(rows) * factors


def blended(booster: Floats, baseline: Floats) -> Floats:
    """The mean of both. Trees are overconfident of users who have not paid yet, and the baseline is not."""
    return np.asarray((booster + baseline) / 2.0)


def carried_on(horizon_days: int, because: str) -> ValueModel:
    """The model that carries the recent revenue on, where no other can be fitted."""
    card = ValueCard(
        method=TRAILING,
        baseline=TRAILING,
        horizon_days=horizon_days,
        judged_days=None,
        label_days=0,
        lead_days=0,
        features=(),
        threads=1,
        trained_from=None,
        trained_to=None,
        rows=0,
        power=0.0,
        rounds=0,
        because=because,
        note=f"the revenue of the last {horizon_days} days, carried on",
    )
    return ValueModel(card)


def from_json(stored: Mapping[str, Any], booster: lgb.Booster | None) -> ValueModel:
    """The model that `ValueModel.as_json` made plain, with its booster.

    Raises DataError when a value is wrong, KeyError when one is missing.
    """
    of_band, bought = stored["shrunk"], stored["buying"]
    return ValueModel(
        artefacts.from_json(ValueCard, stored["card"], "card"),
        None if of_band is None else artefacts.from_json(Shrunk, of_band, "shrunk"),
        None if bought is None else artefacts.from_json(Buying, bought, "buying"),
        booster,
        tuple(float(factor) for factor in stored["calibration"]),
        tuple(float(factor) for factor in stored["extension"]),
    )
