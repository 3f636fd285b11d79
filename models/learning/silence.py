"""What silence since the login adds to the probability of churn at the login.

It adds something only where churn means staying away, not where churn is a fall in activity or the end of a
subscription. Windows of similar length share a class with curves of its own, in shares of the row's window.

Promise: without a lead, silence never lowers the probability, longer silence raises it further, and it is 1 once the
label window has passed without a login.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models import artefacts
from models.arrays import Floats
from models.bands import BANDS, band_of
from models.errors import DataError

Ints = NDArray[np.int64] | NDArray[np.int32]
_LEAST_RETURNERS = 200


@dataclass(frozen=True, slots=True)
class Silence:
    """G(s) = share of returners whose gap exceeds s, s = 0 … `window_days`, for each band.

    `window_days` is the longest window of the class. A day of a row with a shorter window of w days counts as
    `window_days` / w days. `lost` is the same share of the churned rows. Without a lead it is 1. With a lead, a user
    may log in before the lead is over and then stay away: a churned row that was not silent all the time.
    """

    window_days: int
    exceeds: Mapping[str, tuple[float, ...]]
    lost: tuple[float, ...]

    def given_silence(
        self, probability: Floats, silent_days: Ints, login_number: Ints, window_days: Ints
    ) -> Floats:
        """p·H(s) / (p·H(s) + (1 - p)·G(s)) per row: the probability of churn of users silent for `silent_days`.

        Bayes' rule: a churned row is still silent with probability H(s) = `lost`, a returning row with G(s).
        """
        days = np.clip(_scaled(silent_days, window_days, self.window_days), 0, self.window_days)
        band = np.searchsorted([first for _, first, _ in BANDS], login_number, side="right") - 1
        table = np.array([self.exceeds[name] for name in _band_names()])
        returns = (1 - probability) * table[np.maximum(band, 0), days]
        leaves = probability * np.array(self.lost)[days]
        known = np.divide(leaves, leaves + returns, out=np.ones(len(days)), where=returns > 0)
        least = probability if min(self.lost) == 1 else 0.0  # removes rounding errors only
        return np.asarray(np.maximum(known, least), dtype=np.float64)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; `from_json` gives equal curves."""
        return artefacts.as_json(self)


def given_silence(
    silences: Sequence[Silence],
    probability: Floats,
    silent_days: Ints,
    login_number: Ints,
    window_days: Ints,
) -> Floats:
    """`probability`, given that each user has been silent for `silent_days`, by the curves of the row's class.

    `silences`: one for each class of windows, by rising length. If silence is not churn there is none, and the
    probabilities stay as they are.
    """
    known = probability.copy()
    for silence, mask in zip(silences, _classes(silences, window_days), strict=True):
        known[mask] = silence.given_silence(
            probability[mask], silent_days[mask], login_number[mask], window_days[mask]
        )
    return known


def _classes(silences: Sequence[Silence], window_days: Ints) -> list[NDArray[np.bool_]]:
    """Which rows belong to each of `silences`; a window longer than all belongs to the last."""
    most = [silence.window_days for silence in silences]
    at = np.minimum(np.searchsorted(most, window_days), len(most) - 1)
    return [at == number for number in range(len(most))]


def _scaled(days: Ints, window_days: Ints, most_days: int) -> Ints:
    """`days` scaled so that each row's window of `window_days` has `most_days` parts."""
    parts: Ints = days.astype(np.int64) * most_days // window_days
    return parts


def from_json(value: Mapping[str, Any]) -> Silence:
    """The inverse of `as_json`. Raises DataError when a band is missing or a curve is no survival curve."""
    silence = artefacts.from_json(Silence, value, "silence")
    window = silence.window_days
    for name in _band_names():
        curve = np.array(silence.exceeds.get(name, ()))
        if len(curve) != window + 1 or np.any(np.diff(curve) > 0) or not (curve[0] <= 1 and curve[-1] == 0):
            raise DataError(
                f"silence: the curve of login numbers {name} has {len(curve)} values.\n"
                f"Expected {window + 1}, never rising, from at most 1 to 0.\nTrain again: dvc repro train"
            )
    return silence


def fit_silences(
    rows: pl.DataFrame, return_days: pl.Series, window_classes: Sequence[int]
) -> tuple[Silence, ...]:
    """One `fit_silence` for each class of windows: those up to its length, above the class before."""
    silences, above = [], 0
    for window_days in window_classes:
        of_class = pl.col("window_days").is_between(above + 1, window_days)
        chosen = rows.select(of_class).to_series()
        silences.append(fit_silence(rows.filter(chosen), return_days.filter(chosen), window_days))
        above = window_days
    return tuple(silences)


def fit_silence(rows: pl.DataFrame, return_days: pl.Series, window_days: int) -> Silence:
    """G and H from ripe `rows` and the days to the next login of each, null: none.

    `rows` has `login_number`, `churned` and `window_days`, at most the given ones. Returners are the rows
    that did not churn. A band with fewer than 200 of them has the curve of all.
    """
    parts = return_days.cast(pl.Int64) * window_days // rows["window_days"].cast(pl.Int64)
    known = rows.select("churned", band=band_of(pl.col("login_number")), gap=parts.clip(0, window_days + 1))
    returned = known.filter(~pl.col("churned"))
    lost = _lost(known.filter("churned")["gap"], window_days)
    everyone = _curve(returned["gap"], window_days)
    exceeds = {}
    for name in _band_names():
        gaps = returned.filter(pl.col("band") == name)["gap"]
        exceeds[name] = everyone if gaps.len() < _LEAST_RETURNERS else _curve(gaps, window_days)
    return Silence(window_days, exceeds, lost)


def _lost(gaps: pl.Series, window_days: int) -> tuple[float, ...]:
    """Share of churned rows still silent after 0, 1, …, `window_days`; never 0, so that Bayes' rule is defined."""
    if gaps.is_empty():
        return (1.0,) * (window_days + 1)
    at = np.bincount(gaps.fill_null(window_days + 1).to_numpy(), minlength=window_days + 2)[:-1]
    return tuple(np.maximum((gaps.len() - np.cumsum(at)) / gaps.len(), 1e-9).tolist())


def _curve(gaps: pl.Series, window_days: int) -> tuple[float, ...]:
    """Share of `gaps` above 0, 1, …, `window_days`; with no gap known, a straight line from 1 to 0."""
    if gaps.is_empty():
        return tuple(np.linspace(1.0, 0.0, window_days + 1).tolist())
    at = np.bincount(gaps.to_numpy(), minlength=window_days + 1)
    return tuple(((gaps.len() - np.cumsum(at)) / gaps.len()).tolist())


def _band_names() -> list[str]:
    return [name for name, _, _ in BANDS]
