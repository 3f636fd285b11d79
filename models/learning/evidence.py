"""Whether there is enough evidence about a user for an individual probability.

Some groups of newcomers get the group's share of churn instead of the model's probability: groups in which, on rows
out of time, the model is no better than that share (selective prediction: El-Yaniv & Wiener 2010). Too few rows prove
nothing, so the model's probability stays (Altman & Bland 1995, "Absence of evidence is not evidence of absence").

Promise: the rule is fitted to out-of-time predictions. More logins or more events never mean less evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import beta

from models import artefacts
from models.arrays import Floats
from models.bands import BANDS, band_of
from models.errors import DataError
from models.metrics.bootstrap import Bootstrap, log_loss_gain
from models.metrics.quality import log_losses
from models.rows import labels

EVENTS = "events_life"  # the feature that counts a user's events so far; a log without it has logins only
THIN, ENOUGH = "thin", "enough"
_LOGINS = (1, 2, 3)  # from the fourth on there is enough
_MOST_EVENTS = (32, 16, 8, 4)
_LEAST_ROWS = 200
_GROUP = "group"
_LITTLE = 0.02  # of the share's log loss: a smaller gain is negligible
_BOOTSTRAP = Bootstrap(200, 1)
_TO_DO = "Train again: dvc repro train"


@dataclass(frozen=True, slots=True)
class ThinGroup:
    """Rows of one login number with at most `most_events` events, and their share of churn among the fitted rows.

    `most_events`: None where the log counts no events. `low` and `high`: 95 % interval of `rate` (Jeffreys).
    """

    login_number: int
    most_events: int | None
    rows: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The groups with too little evidence, at most one for each login number, and each band's share of churn."""

    thin: tuple[ThinGroup, ...]
    rates: Mapping[str, float]

    def group_of(self, rows: pl.DataFrame) -> pl.Series:
        """The position in `thin` of each row's group; null for a row with enough evidence.

        `rows`: `login_number` and, where the log has it, `events_life`.
        """
        position = pl.lit(None, pl.Int64)
        for number, group in enumerate(self.thin):
            member = pl.col("login_number") == group.login_number
            if group.most_events is not None:
                member &= (
                    pl.col(EVENTS).fill_nan(None) <= group.most_events if EVENTS in rows.columns else False
                )
            position = pl.when(member).then(pl.lit(number, pl.Int64)).otherwise(position)
        return rows.with_columns(position.alias(_GROUP))[_GROUP]

    def rate_of(self, group: pl.Series) -> pl.Series:
        """The share of churn of each thin `group` that `group_of` gave; null for enough evidence."""
        rates = [one.rate for one in self.thin]
        return pl.Series("evidence_rate", rates, dtype=pl.Float64).gather(group)

    @property
    def rule(self) -> str:
        """The rule in words."""
        if not self.thin:
            return "every row has enough evidence"
        groups = (
            f"login {group.login_number}"
            + ("" if group.most_events is None else f" with at most {group.most_events} events")
            for group in self.thin
        )
        return f"too little evidence: {'; '.join(groups)}"

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; `from_json` gives an equal rule."""
        return artefacts.as_json(self)


def from_json(value: Mapping[str, Any]) -> Evidence:
    """The inverse of `as_json`. Raises DataError when a band has no rate, or a rate is not within 0 and 1."""
    evidence = artefacts.from_json(Evidence, value, "evidence")
    missing = [name for name, _, _ in BANDS if name not in evidence.rates]
    if missing:
        raise DataError(
            f"evidence: there is no share of churn for login numbers {', '.join(missing)}.\n{_TO_DO}"
        )
    if not all(
        0 <= rate <= 1 for rate in (*evidence.rates.values(), *(group.rate for group in evidence.thin))
    ):
        raise DataError(f"evidence: a share of churn lies outside 0 and 1.\n{_TO_DO}")
    return evidence


def fit_evidence(predicted: pl.DataFrame, fitted: pl.DataFrame) -> Evidence:
    """The rule from out-of-time predictions, and its shares of churn from the rows that the model was fitted to.

    `predicted`: login rows with the calibrated `probability` of a model that was not fitted to them. `fitted`: the
    rows that the model was fitted to. For logins 1, 2 and 3 in turn the rule takes the largest bound of events, never
    above the one before, at which the model is no better than the group's share. That is: the 95 % interval of its
    gain in log loss (user bootstrap) includes 0 and ends below 2 % of the share's log loss. A group of fewer than
    200 rows, or whose interval ends higher, keeps the model's probability.
    """
    groups: list[ThinGroup] = []
    bounds: tuple[int | None, ...] = _MOST_EVENTS if EVENTS in predicted.columns else (None,)
    for number in _LOGINS:
        of_number = predicted.filter(pl.col("login_number") == number)
        bounds = _from_first_without_gain(of_number, bounds)
        if not bounds:
            break
        groups.append(_group(number, bounds[0], labels(_members(fitted, number, bounds[0]))))
    return Evidence(tuple(groups), _rates(fitted))


def _members(rows: pl.DataFrame, number: int, most: int | None) -> pl.DataFrame:
    return _upto(rows.filter(pl.col("login_number") == number), most)


def _upto(rows: pl.DataFrame, most: int | None) -> pl.DataFrame:
    return rows if most is None else rows.filter(pl.col(EVENTS).fill_nan(None) <= most)


def _from_first_without_gain(rows: pl.DataFrame, bounds: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The falling `bounds` from the first one on at which the model is no better than the share."""
    for position, most in enumerate(bounds):
        if _no_better_than_share(_upto(rows, most)):
            return bounds[position:]
    return ()


def _no_better_than_share(rows: pl.DataFrame) -> bool:
    """Whether there are enough rows, and the interval of the gain includes 0 and ends below 2 % of the log loss."""
    churned = labels(rows)
    both_classes = 0 < churned.sum() < rows.height
    if rows.height < _LEAST_ROWS or not both_classes:
        return False
    share = np.full(rows.height, churned.mean())
    gain = log_loss_gain(rows["user_id"], churned, rows["probability"].to_numpy(), share, _BOOTSTRAP)
    little = _LITTLE * float(log_losses(churned, share).mean())
    return gain.low is not None and gain.high is not None and gain.low <= 0 and gain.high < little


def _group(number: int, most: int | None, churned: Floats) -> ThinGroup:
    lost, kept = float(churned.sum()) + 0.5, float(len(churned) - churned.sum()) + 0.5
    low, high = (float(beta.ppf(level, lost, kept)) for level in (0.025, 0.975))
    return ThinGroup(number, most, len(churned), lost / (lost + kept), low, high)


def _rates(fitted: pl.DataFrame) -> dict[str, float]:
    """The share of churn in each band of login numbers; for an empty band that of all rows."""
    everyone = float(labels(fitted).mean())
    bands = fitted.select(band_of(pl.col("login_number"))).to_series()
    churned = {name: labels(fitted.filter(bands == name)) for name, _, _ in BANDS}
    return {name: float(part.mean()) if len(part) else everyone for name, part in churned.items()}
