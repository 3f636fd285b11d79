"""How good the probabilities of past lists were, by users whom nobody treated.

Users who are watched or excluded count once. A user who is held out counts for all of the chosen: with weight 1
divided by the share of the holdout. Users of the arm contact do not count, so a good contact is no wrong prediction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Floats
from models.metrics.bootstrap import Bootstrap, Interval, interval_of, resampled, user_codes
from models.metrics.calibration_error import without_noise
from models.metrics.quality import (
    QUALITIES,
    Ranked,
    bin_residuals,
    ranked,
    weighted_auc,
    weighted_qualities,
)

SLICES = ("risk_band", "play", "style", "cause", "population")
WEIGHT = "weight"
_MOST_BACK = 0.15
_QUALITIES = ("auc", "log_loss", "brier", "calibration_error")
_OF_SIZE = ("precision", "recall", "lift")


@dataclass(frozen=True, slots=True)
class Quality:
    """`users`: whose outcome was seen; `stand_for`: their weight. `predicted`, `observed`: shares of churn.

    `auc`: None when all or none churned. `expected_auc`: the AUC to expect if each probability is right.
    """

    users: int
    stand_for: float
    predicted: float
    observed: float
    auc: float | None
    expected_auc: float | None


@dataclass(frozen=True, slots=True)
class AtSize:
    """If as many users are taken by probability as the list chose: `precision`, `recall`, and `lift` over all users."""

    chosen: int
    precision: float | None
    recall: float | None
    lift: float | None


@dataclass(frozen=True, slots=True)
class ListQuality:
    """The quality of one list, or of several together. `slices`: by slice and value.

    `intervals`: 95 % intervals, by bootstrap over users, of `observed`, `auc`, `log_loss`, `brier`, `calibration_error`
    (without the bias of noise), and of `precision`, `recall` and `lift` at the size of the list.
    `came_back`: the share of the churned who came within a second window; None when it is not known. `definition`:
    what a large share means.
    """

    quality: Quality
    at_size: AtSize
    intervals: Mapping[str, Interval]
    slices: Mapping[str, Mapping[str, Quality]]
    came_back: float | None
    definition: str | None


def untreated(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of users whom nobody contacted because of a list, with `weight`.

    `rows`: `action, arm, episode, holdout_share`. A user whom a rule excludes within an episode, such as the cool-down
    after the contact, may have been contacted and does not count. A holdout of share 0 stands for nobody.
    """
    held = (pl.col("arm") == "holdout").fill_null(value=False)
    alone = (
        pl.col("arm").is_null() & pl.col("episode").is_null() & pl.col("action").is_in(["watch", "excluded"])
    )
    return rows.filter((held & (pl.col("holdout_share") > 0)) | alone).with_columns(
        pl.when(held).then(1 / pl.col("holdout_share")).otherwise(1.0).alias(WEIGHT)
    )


def list_quality(rows: pl.DataFrame, chosen: int, bootstrap: Bootstrap) -> ListQuality | None:
    """The quality on ripe rows of lists, which chose `chosen` users; None when nobody is left untreated.

    `rows`: `user_id`, what `untreated` needs, `churn_probability`, `churned`, `came_back` and the columns of `SLICES`.
    """
    seen = untreated(rows)
    if seen.is_empty():
        return None
    slices = {
        name: {
            str(part[name][0]): _quality(part) for part in seen.drop_nulls(name).sort(name).partition_by(name)
        }
        for name in SLICES
    }
    back = _came_back(seen)
    definition = None
    if back is not None and back > _MOST_BACK:
        definition = (
            f"{back:.0%} of those who churned came back within a second window: churn is declared too early"
        )
    intervals = _intervals(seen, chosen, bootstrap)
    return ListQuality(_quality(seen), _at_size(seen, chosen), intervals, slices, back, definition)


def _intervals(rows: pl.DataFrame, chosen: int, bootstrap: Bootstrap) -> dict[str, Interval]:
    """The figures with their intervals; all None where everybody or nobody churned."""
    churned, probability, own = _columns(rows)
    order = ranked(churned, probability)
    user, own = user_codes(rows["user_id"])[order.order], own[order.order]

    def figures(weight: Floats) -> Floats:
        lost = np.array([(weight * order.churned).sum() / weight.sum()])
        qualities = weighted_qualities(order, weight)[[QUALITIES.index(name) for name in _QUALITIES]]
        return np.concatenate(
            [lost, qualities, _of_size(order, weight, chosen), bin_residuals(order, weight)]
        )

    values = figures(own)
    draws = np.array([figures(own * times[user]) for times in resampled(user, bootstrap)])
    names = ("observed", *_QUALITIES, *_OF_SIZE)
    found = {name: interval_of(values[at], draws[:, at]) for at, name in enumerate(names)}
    if found["calibration_error"].value is not None:
        residuals = slice(len(names), None)
        found["calibration_error"] = Interval(*without_noise(values[residuals], draws[:, residuals]))
    return found


def _quality(rows: pl.DataFrame) -> Quality:
    churned, probability, weight = _columns(rows)
    total = float(weight.sum())
    expected = ranked(probability, probability)
    observed = ranked(churned, probability)
    return Quality(
        rows.height,
        total,
        float((weight * probability).sum() / total),
        float((weight * churned).sum() / total),
        _known(weighted_auc(observed, weight[observed.order])),
        _known(weighted_auc(expected, weight[expected.order])),
    )


def _at_size(rows: pl.DataFrame, chosen: int) -> AtSize:
    churned, probability, weight = _columns(rows)
    order = ranked(churned, probability)
    return AtSize(chosen, *map(_known, _of_size(order, weight[order.order], chosen).tolist()))


def _of_size(order: Ranked, weight: Floats, chosen: int) -> Floats:
    """`_OF_SIZE`, NaN where it is not known. Ties at the border count in part, so that no order of the rows decides."""
    total, lost = float(weight.sum()), float((weight * order.churned).sum())
    take = min(float(chosen), total)
    reached, hits = np.cumsum(weight)[order.ends], np.cumsum(weight * order.churned)[order.ends]
    found = float(np.interp(take, np.append(0.0, reached), np.append(0.0, hits)))
    precision = found / take if take else np.nan
    return np.array(
        [precision, found / lost, precision / (lost / total)] if lost else [precision, np.nan, np.nan]
    )


def _came_back(rows: pl.DataFrame) -> float | None:
    churned = rows.filter(pl.col("churned") & pl.col("came_back").is_not_null())
    if churned.is_empty():
        return None
    return float(
        np.average(churned["came_back"].cast(pl.Float64).to_numpy(), weights=churned[WEIGHT].to_numpy())
    )


def _columns(rows: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    churned, probability, weight = (
        np.asarray(rows[name].cast(pl.Float64).to_numpy(), dtype=np.float64)
        for name in ("churned", "churn_probability", WEIGHT)
    )
    return churned, probability, weight


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
