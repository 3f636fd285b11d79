"""What a model predicts for some rows, and how much each feature adds to it.

Promise: a row's contributions and its base add up to the log-odds of the model that gives its probability. For the
list that is the login model on the day of a login, else the model of silent users.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Floats
from models.explanation.contributions import contributions
from models.explanation.points import base_probability, slopes
from models.learning.calibration import Calibration
from models.learning.linear import Linear
from models.learning.list_model import ListModel
from models.learning.scorer import Scorer, Single, parts
from models.learning.trained_model import TrainedModel
from models.rows import feature_columns


@dataclass(frozen=True, slots=True)
class Attribution:
    """One entry per row. `values`: (rows, features of the model) uncalibrated log-odds.

    `base_log_odds`: what the values are added to; `base_probability`: the calibrated probability there. `slope`:
    points of probability per log-odds.
    """

    probability: Floats
    base_log_odds: Floats
    base_probability: Floats
    values: Floats
    slope: Floats


def attribution(rows: pl.DataFrame, model: TrainedModel | ListModel) -> Attribution:
    """The attribution of each of `rows`, in their order and the order of `model.features`.

    `rows`: login rows, or for a list model landmark rows. Raises DataError when they lack a feature.
    """
    if isinstance(model, TrainedModel):
        inputs = feature_columns(rows, model.features)
        return _of(model.booster, model.calibration, inputs, model.features, model.predict(inputs))
    came, names, other = model.by_login_model(rows), model.features, model.of_silence
    inputs = feature_columns(rows, names)
    probability = model.predict(rows)
    parts = [
        (mask, _of(scorer, calibration, inputs.filter(pl.Series(mask)), names, probability[mask]))
        for mask, scorer, calibration in (
            (came, model.login.booster, model.login.calibration),
            (~came, other.scorer, other.calibration),
        )
    ]
    return Attribution(
        probability,
        *(
            _together(came, [(mask, getattr(part, name)) for mask, part in parts])
            for name in ("base_log_odds", "base_probability", "values", "slope")
        ),
    )


def _of(
    scorer: Scorer,
    calibration: Calibration,
    inputs: pl.DataFrame,
    names: tuple[str, ...],
    probability: Floats,
) -> Attribution:
    """The attribution by one scorer; a feature of `names` that it does not use adds nothing."""
    values, base = np.zeros((inputs.height, len(names))), 0.0
    for share, part in parts(scorer):
        used, of_part, by_feature = _contributions(part, inputs)
        values[:, [names.index(name) for name in used]] += share * by_feature
        base += share * of_part
    slope = slopes(values.sum(axis=1), base, calibration)
    at_base = np.full(inputs.height, base_probability(base, calibration))
    return Attribution(probability, np.full(inputs.height, base), at_base, values, slope)


def _contributions(scorer: Single, inputs: pl.DataFrame) -> tuple[tuple[str, ...], float, Floats]:
    """The features that the scorer uses, its base, and (rows, features) what each adds to it."""
    if isinstance(scorer, Linear):
        return scorer.features, scorer.base, scorer.contributions(inputs)
    by_feature, base = contributions(scorer, inputs)
    return tuple(scorer.feature_name()), base, by_feature


def _together(came: NDArray[np.bool_], parts: list[tuple[NDArray[np.bool_], Floats]]) -> Floats:
    """The parts in the order of the rows."""
    shape = (len(came), *parts[0][1].shape[1:])
    whole = np.empty(shape)
    for mask, part in parts:
        whole[mask] = part
    return whole
