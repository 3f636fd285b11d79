"""The effect of contacts on episodes whose outcome is known: on churn, on days with a login, on revenue.

An episode begins when the choice of a list takes a user, and is drawn into the arm contact or holdout.
Promise: intention to treat. The arm that was drawn counts, whoever was contacted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Floats
from models.effect.estimate import Estimate, Trial, estimate_of, regression_effect
from models.effect.pooling import Pooled, false_discovery_rates, partially_pooled, pooled_towards
from models.effect.sample_ratio import SampleRatio, sample_ratio
from models.effect.shares import Arm, Difference, difference
from models.effect.verdict import LEAST_HELD_OUT, Verdict, held_out_needed, verdict_of

Dimension = Literal["risk_band", "play", "style"]
DIMENSIONS: tuple[Dimension, ...] = ("risk_band", "play", "style")
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True, slots=True)
class ChurnEffect:
    """The share of churn among the held out less that among the contacted: above 0, contact keeps users.

    `effect`: adjusted by regression. `unadjusted`: the plain difference. Both are None when an arm is too small, or
    `because` the arms are not what was drawn, by the test `ratio`.
    """

    contact: Arm
    holdout: Arm
    effect: Estimate | None
    unadjusted: Difference | None
    verdict: Verdict
    because: str | None
    ratio: SampleRatio | None = None


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """The effect in a group of episodes.

    `shrunk`: after partial pooling with the other groups of the dimension. `adjusted_p`: the p-value, adjusted for the
    number of groups of all dimensions. `too_few`: why there is no effect. `by_band`: of a play with an effect, that in
    each risk band with 50 users in each arm, drawn towards the play's; empty with fewer than two such bands.
    """

    dimension: Dimension
    group: str
    contact: Arm
    holdout: Arm
    effect: Estimate | None
    shrunk: Estimate | None
    adjusted_p: float | None
    verdict: Verdict
    too_few: str | None
    by_band: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Groups:
    """The effects of all groups, and by dimension what pooling found where it had two groups."""

    effects: tuple[GroupEffect, ...]
    pooled: Mapping[Dimension, Pooled]


def trial_of(episodes: pl.DataFrame) -> Trial:
    """The experiment of `episodes`: `user_id, arm, holdout_share`, and the covariates.

    The covariates were known on the list's day: the logit of `churn_probability`, log (1 + `expected_revenue`), and
    whether `population` is newcomer.
    """
    risk = pl.col("churn_probability").clip(_LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    covariates = episodes.select(
        risk=(risk / (1 - risk)).log(),
        revenue=pl.col("expected_revenue").fill_null(0.0).clip(lower_bound=0.0).log1p(),
        newcomer=(pl.col("population") == "newcomer").fill_null(value=False).cast(pl.Float64),
    )
    return Trial(
        contacted=(episodes["arm"] == "contact").cast(pl.Float64).to_numpy(),
        covariates=np.asarray(covariates.to_numpy(), dtype=np.float64),
        users=episodes["user_id"].rank("dense").cast(pl.Int64).to_numpy(),
        share=episodes["holdout_share"].to_numpy(),
    )


def churn_effect(episodes: pl.DataFrame, decide_at: float) -> ChurnEffect:
    """The effect on churn. `episodes`: as for `trial_of`, with `churned`, `as_of` and `DIMENSIONS`, in order of time.

    `decide_at`: the effect that the experiment must be large enough to show before there is a verdict.
    """
    trial = trial_of(episodes)
    ratio = sample_ratio(trial, _parts(episodes))
    if ratio.because is not None:
        contact, holdout = _arms(episodes)
        share = holdout.episodes / max(episodes.height, 1)
        because = (
            f"{ratio.because}; in all, {share:.1%} of the episodes are held out where "
            f"{float(trial.share.mean()):.1%} were to be"
        )
        return ChurnEffect(contact, holdout, None, None, Verdict("not yet", 0), because, ratio)
    return replace(_churn_effect(episodes, trial, decide_at), ratio=ratio)


def _parts(episodes: pl.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """The episodes of each list, and of each group of `DIMENSIONS`, by name."""
    parts = {}
    for column in ("as_of", *DIMENSIONS):
        kind = "the list of" if column == "as_of" else column.replace("_", " ")
        for value in episodes[column].drop_nulls().unique().sort():
            parts[f"{kind} {value}"] = (episodes[column] == value).fill_null(value=False).to_numpy()
    return parts


def _churn_effect(episodes: pl.DataFrame, trial: Trial, decide_at: float) -> ChurnEffect:
    contact, holdout = _arms(episodes)
    found = regression_effect(_numbers(episodes, "churned"), trial) if episodes.height else None
    effect = None if found is None else found.scaled(-1)
    needs = needed(episodes, decide_at)
    verdict = verdict_of(effect, holdout.episodes, needs)
    return ChurnEffect(contact, holdout, effect, difference(contact, holdout), verdict, None)


def needed(episodes: pl.DataFrame, decide_at: float) -> int:
    """The held-out episodes needed for a verdict on these `episodes`, by the churn that their lists predicted."""
    if episodes.is_empty():
        return LEAST_HELD_OUT
    rate, share = (float(episodes[name].to_numpy().mean()) for name in ("churn_probability", "holdout_share"))
    return held_out_needed(rate, share, decide_at)


def group_effects(episodes: pl.DataFrame, decide_at: float) -> Groups:
    """The effect on churn by risk band, play and style. Groups with fewer than 50 held out have none.

    `episodes`: as for `churn_effect`, with the columns of `DIMENSIONS`. A group's verdict rests on the group's own
    episodes, and needs an adjusted p-value of at most 0.05.
    """
    trial = trial_of(episodes)
    found: list[tuple[Dimension, str, ChurnEffect]] = []
    for dimension in DIMENSIONS:
        for group in episodes[dimension].drop_nulls().unique().sort():
            rows = (episodes[dimension] == group).fill_null(value=False)
            part = episodes.filter(rows)
            found.append((dimension, str(group), _churn_effect(part, trial.part(rows.to_numpy()), decide_at)))
    measured = [one for one in found if one[2].effect is not None and _is_large(one[2])]
    own = {(dimension, group): effect.effect for dimension, group, effect in measured if effect.effect}
    rates = dict(zip(own, false_discovery_rates(list(own.values())), strict=True))
    pooled, shrunk = _pooled_by_dimension(own)
    groups = (
        _group(dimension, group, effect, shrunk.get((dimension, group)), rates.get((dimension, group)))
        for dimension, group, effect in found
    )
    return Groups(tuple(_with_bands(group, episodes, trial, decide_at) for group in groups), pooled)


def _with_bands(group: GroupEffect, episodes: pl.DataFrame, trial: Trial, decide_at: float) -> GroupEffect:
    """A play's `group` with its effects by risk band; other groups as they are."""
    if group.dimension != "play" or group.shrunk is None:
        return group
    own: dict[str, Estimate] = {}
    for band in episodes["risk_band"].drop_nulls().unique().sort():
        in_band = (pl.col("play") == group.group) & (pl.col("risk_band") == band)
        rows = episodes.select(in_band.fill_null(value=False)).to_series()
        effect = _churn_effect(episodes.filter(rows), trial.part(rows.to_numpy()), decide_at)
        if effect.effect is not None and _is_large(effect):
            own[str(band)] = effect.effect
    if len(own) < 2:
        return group
    return replace(
        group, by_band=dict(zip(own, pooled_towards(list(own.values()), group.shrunk), strict=True))
    )


def _is_large(effect: ChurnEffect) -> bool:
    return min(effect.holdout.episodes, effect.contact.episodes) >= LEAST_HELD_OUT


def _pooled_by_dimension(
    own: Mapping[tuple[Dimension, str], Estimate],
) -> tuple[dict[Dimension, Pooled], dict[tuple[Dimension, str], Estimate]]:
    pooled: dict[Dimension, Pooled] = {}
    shrunk: dict[tuple[Dimension, str], Estimate] = {}
    for dimension in DIMENSIONS:
        keys = [key for key in own if key[0] == dimension]
        result = partially_pooled([own[key] for key in keys])
        if result is not None:
            pooled[dimension] = result
            shrunk |= dict(zip(keys, result.shrunk, strict=True))
    return pooled, shrunk


def _group(
    dimension: Dimension, group: str, of: ChurnEffect, shrunk: Estimate | None, adjusted_p: float | None
) -> GroupEffect:
    if adjusted_p is None:
        has = f"{of.holdout.episodes:,} held out, {of.contact.episodes:,} contacted"
        too_few = f"too few: needs {of.verdict.needs:,} held out and {LEAST_HELD_OUT} contacted, has {has}"
        verdict = Verdict("not yet", of.verdict.needs)
        return GroupEffect(dimension, group, of.contact, of.holdout, None, None, None, verdict, too_few)
    verdict = of.verdict
    if verdict.decided and adjusted_p > 0.05:
        verdict = Verdict("no effect is seen", verdict.needs)
    return GroupEffect(
        dimension, group, of.contact, of.holdout, of.effect, shrunk or of.effect, adjusted_p, verdict, None
    )


def first_episodes(episodes: pl.DataFrame) -> pl.DataFrame:
    """The first episode of each user: the arm cannot have decided that it took place. `episodes`: in order of time."""
    return episodes.unique("user_id", keep="first", maintain_order=True)


def outcome_effect(episodes: pl.DataFrame, outcome: str) -> Estimate | None:
    """The effect of the arm contact on the mean of the column `outcome`. `episodes`: as for `trial_of`."""
    if episodes.is_empty():
        return None
    return regression_effect(_numbers(episodes, outcome), trial_of(episodes))


@dataclass(frozen=True, slots=True)
class ComplierEffect:
    """The effect on churn of being contacted, for those whom the arm decides on (Angrist, Imbens & Rubin 1996).

    `contact_share`, `holdout_share`: the share of each arm that was contacted. `effect`: None when the shares do not
    differ surely.
    """

    contact_share: float
    holdout_share: float
    effect: Estimate | None


def complier_effect(episodes: pl.DataFrame) -> ComplierEffect | None:
    """The effect of the contact itself; None when the arms were contacted as drawn, or an arm is too small.

    `episodes`: as for `churn_effect`, with `was_contacted`. The effect of the arm on churn, divided by its effect on
    being contacted. The standard error is that of the residual churned - effect * contacted, so that the uncertainty
    of the divisor is included.
    """
    shares = {
        arm: episodes.filter(pl.col("arm") == arm)["was_contacted"].cast(pl.Float64).mean()
        for arm in ("contact", "holdout")
    }
    contact, holdout = shares["contact"], shares["holdout"]
    if not isinstance(contact, float) or not isinstance(holdout, float) or (contact, holdout) == (1.0, 0.0):
        return None
    trial, churned, taken = (
        trial_of(episodes),
        _numbers(episodes, "churned"),
        _numbers(episodes, "was_contacted"),
    )
    intended, first = regression_effect(churned, trial), regression_effect(taken, trial)
    if intended is None or first is None:
        return None
    if first.low <= 0:
        return ComplierEffect(contact, holdout, None)
    ratio = -intended.value / first.value
    residual = regression_effect(churned + ratio * taken, trial)
    if residual is None:
        return None
    freedom = max(len(np.unique(trial.users)) - 2 * trial.covariates.shape[1] - 2, 1)
    effect = estimate_of(ratio, residual.standard_error / first.value, freedom)
    return ComplierEffect(contact, holdout, effect)


def arms_by(episodes: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """By `keys`: the episodes of each arm, how many churned, and the mean predicted churn, in the order of the keys."""
    counts = []
    for arm in ("contact", "holdout"):
        of_arm = pl.col("arm") == arm
        counts += [
            of_arm.sum().cast(pl.Int64).alias(arm),
            (of_arm & pl.col("churned")).sum().cast(pl.Int64).alias(f"{arm}_churned"),
        ]
    return episodes.group_by(*keys).agg(*counts, predicted=pl.col("churn_probability").mean()).sort(*keys)


def _arms(episodes: pl.DataFrame) -> tuple[Arm, Arm]:
    """The arms contact and holdout."""
    of = {arm: episodes.filter(pl.col("arm") == arm)["churned"] for arm in ("contact", "holdout")}
    contact, holdout = (Arm(len(churned), int(churned.sum())) for churned in of.values())
    return contact, holdout


def _numbers(episodes: pl.DataFrame, name: str) -> Floats:
    return np.asarray(episodes[name].cast(pl.Float64).to_numpy(), dtype=np.float64)
