"""The quality of lists as they are acted upon: every user of a day once, days after the login.

Promise: the model was fitted on days whose outcome was known before the test period, and the lists lie in it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Floats
from models.evaluation.grade import grade
from models.evaluation.list_baselines import list_baselines
from models.learning.list_model import ListModel
from models.learning.split import TimeSplit
from models.metrics.bootstrap import Bootstrap, Interval, auc_gain, log_loss_gain, qualities
from models.metrics.decisions import at_capacity
from models.metrics.expected_performance import expected_and_observed
from models.metrics.quality import auc
from models.rows import labels
from models.targeting.risk import risk_band
from pipeline.config.sections import Policy, RiskBands

OF_VERSION = "rfm_logistic"
"""The baseline that belongs to the version: a list can be scored by it."""
_STEPS = (0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
_BANDS = ("low", "medium", "high")
_OF_CURVE = ("auc", "average_precision", "log_loss", "calibration_error", "base_rate", "rows")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of the test period with the model's `probability`, and the baselines on the same rows.

    `rows`: `user_id, as_of, login_day, login_number, silent_days, window_days, churned, probability`.
    """

    rows: pl.DataFrame
    baselines: Mapping[str, Floats]

    @property
    def silent(self) -> NDArray[np.bool_]:
        """(rows,) whether the user had not come on the list's day."""
        return np.asarray(self.rows["silent_days"].to_numpy() > 0)


def lists_of(
    landmarks: pl.DataFrame,
    logins: pl.DataFrame,
    models: ListModel,
    periods: TimeSplit,
    seed: int,
) -> Lists:
    """The lists among `landmarks`; `logins`: all login rows."""
    listed = landmarks.filter(pl.col("listed") & pl.col("ripe"))
    probability = pl.Series("probability", models.predict(listed), dtype=pl.Float64)
    kept = ("user_id", "as_of", "login_day", "login_number", "silent_days", "window_days", "churned")
    if listed.is_empty():
        return Lists(listed.select(*kept, probability), {})
    simple = list_baselines(landmarks, logins, periods, models.card.churn, seed)
    if models.baseline is not None:
        simple[OF_VERSION] = models.by("baseline").predict(listed)
    return Lists(listed.select(*kept, probability), simple)


def list_section(lists: Lists, bootstrap: Bootstrap, policy: Policy, bands: RiskBands) -> dict[str, Any]:
    """`list` of metrics.json.

    Qualities of all listed users and of the silent ones, baselines on the same rows, the results at capacity, expected
    against observed figures, and predicted against observed churn by silent days and by band.
    """
    rows = lists.rows
    if rows.is_empty():
        return {"because": "no day of the test period has a list whose outcome is known", "lists": 0}
    users, churned, probability = rows["user_id"], labels(rows), rows["probability"].to_numpy()
    silent = lists.silent
    return {
        **qualities(users, churned, probability, bootstrap),
        "lists": rows["as_of"].n_unique(),
        "first_day": rows["as_of"].min(),
        "last_day": rows["as_of"].max(),
        "silent": _of(rows.filter(pl.Series(silent)), bootstrap),
        "came_today": _of(rows.filter(pl.Series(~silent)), bootstrap),
        "baselines": {
            name: qualities(users, churned, other, bootstrap) for name, other in lists.baselines.items()
        },
        "gains": {
            name: {
                "auc": auc_gain(users, churned, probability, other, bootstrap),
                "log_loss": log_loss_gain(users, churned, probability, other, bootstrap),
            }
            for name, other in lists.baselines.items()
        },
        "capacity": at_capacity(
            rows["as_of"],
            churned,
            probability,
            share=policy.capacity_share,
            most_users=policy.capacity_users,
        ),
        "expected": expected_and_observed(users, churned, probability, bootstrap),
        "by_silent_days": predicted_and_observed(rows, silent_group(rows)),
        "by_band": predicted_and_observed(
            rows,
            rows.select(
                risk_band("probability", bands.medium_from, bands.high_from).cast(pl.Enum(_BANDS))
            ).to_series(),
        ),
    }


def graded(lists: Lists, section: Mapping[str, Any]) -> dict[str, Any]:
    """`grade`, `grade_because` and `auc_gain` of metrics.json: the grade is of the list."""
    if not lists.baselines:
        return {
            "grade": "C",
            "grade_because": section["because"],
            "auc_gain": asdict(Interval()) | {"over": None},
        }
    churned = labels(lists.rows)
    best = max(lists.baselines, key=lambda name: auc(churned, lists.baselines[name]))
    gain = section["gains"][best]["auc"]
    letter = grade(gain, best, section["calibration_error"], section["base_rate"].value or 0.0)
    return {
        "grade": letter.letter,
        "grade_because": letter.because,
        "auc_gain": asdict(gain) | {"over": best},
    }


def better_scorer(section: Mapping[str, Any]) -> dict[str, Any]:
    """`scorer` of metrics.json: whose probability a list has if `policy.scorer` is better, and the reason.

    It is the baseline's where the model's log loss on the lists is surely not lower: the 95 % interval of its gain lies
    at or below 0.
    """
    gain = section.get("gains", {}).get(OF_VERSION, {}).get("log_loss", Interval())
    if gain.value is None or gain.high is None:
        return {
            "better": "model",
            "because": "model and baseline could not be compared on lists of the test period",
        }
    told = f"its log loss on lists is {abs(gain.value):.4f} {'lower' if gain.value > 0 else 'higher'} than that of the "
    told += f"baseline of recency, frequency and money ({gain.low:+.4f} to {gain.high:+.4f})"
    if gain.high <= 0:
        return {"better": "baseline", "because": f"the model is surely no better: {told}"}
    return {"better": "model", "because": f"the baseline is not surely as good as the model: {told}"}


def after_silence(lists: Lists, bootstrap: Bootstrap) -> dict[str, Any]:
    """Quality of the list's number by days of silence: `0_days`, `1_days`, … , `5_to_6_days`, up to the horizon."""
    if lists.rows.is_empty():
        return {}
    groups = silent_group(lists.rows)
    return {
        name: {
            quality: value
            for quality, value in _of(lists.rows.filter(groups == name), bootstrap).items()
            if quality in _OF_CURVE
        }
        for name in groups.unique(maintain_order=False).sort().to_list()
    }


def silent_group(rows: pl.DataFrame) -> pl.Series:
    """The group of `silent_days` of each of `rows`, as an ordered category: `0_days`, `5_to_6_days`, …"""
    longest = int(rows["silent_days"].max() or 0)  # type: ignore[arg-type]  # of an integer column
    begins = [step for step in _STEPS if step <= longest]
    ends = [*(begin - 1 for begin in begins[1:]), longest]
    names = [
        f"{begin}_days" if begin == end else f"{begin}_to_{end}_days"
        for begin, end in zip(begins, ends, strict=True)
    ]
    at = np.searchsorted(begins, rows["silent_days"].to_numpy(), side="right") - 1
    return pl.Series("silent", [names[i] for i in at], dtype=pl.Enum(names))


def predicted_and_observed(rows: pl.DataFrame, group: pl.Series) -> list[dict[str, Any]]:
    """For each group: rows, the mean probability, and the share that churned."""
    table = (
        rows.with_columns(group.alias("group"))
        .group_by("group", maintain_order=True)
        .agg(rows=pl.len(), predicted=pl.col("probability").mean(), observed=pl.col("churned").mean())
        .sort("group")
    )
    return table.with_columns(pl.col("group").cast(pl.String)).to_dicts()


def _of(rows: pl.DataFrame, bootstrap: Bootstrap) -> dict[str, Interval]:
    return qualities(rows["user_id"], labels(rows), rows["probability"].to_numpy(), bootstrap)
