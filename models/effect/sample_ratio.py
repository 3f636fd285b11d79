"""Were the arms drawn as they should be: of all episodes, and of each list, risk band, play and style?

The test is the one of Fabijan et al. 2019. Only the first episode of each user counts: within a period a user is drawn
alike each time, and the arm may decide whether there is a second episode.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from statsmodels.stats.multitest import multipletests

from models.arrays import Floats
from models.effect.estimate import Trial
from models.targeting.arms_check import SURELY_WRONG

Bools = NDArray[np.bool_]
_LEAST_EXPECTED = 5
"""A part with fewer expected in an arm is not tested: the distribution of the test is that of large samples."""

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the episodes: how many first episodes it has, how many are held out, and how many were to be.

    `p_value`: the probability of arms as far from what was drawn, adjusted for the number of parts (Holm 1979).
    """

    name: str
    episodes: int
    held_out: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """`p_value`: of all episodes; None when no arm could differ. `tested`: the number of parts. `wrong`: those that
    were surely not drawn so."""

    p_value: float | None
    tested: int
    wrong: tuple[Part, ...]

    @property
    def because(self) -> str | None:
        """Why there can be no effect; None when the arms may be what was drawn."""
        if self.p_value is not None and self.p_value < SURELY_WRONG:
            return f"the arms are not what was drawn (p = {self.p_value:.2g})"
        if self.wrong:
            parts = "; ".join(
                f"{one.name}: {one.held_out:,} of {one.episodes:,} held out, where {one.expected:,.1f} were to be "
                f"(p = {one.p_value:.2g})"
                for one in self.wrong[:_MOST_NAMED]
            )
            return f"the arms are not what was drawn: {parts}"
        return None


def sample_ratio(trial: Trial, parts: Mapping[str, Bools]) -> SampleRatio:
    """The test of `trial`, in the order of time, and of its `parts`: by name the episodes that belong to it."""
    is_first = np.zeros(len(trial.users), dtype=np.bool_)
    is_first[np.unique(trial.users, return_index=True)[1]] = True
    names = [name for name, rows in parts.items() if _is_large(trial.share[rows & is_first])]
    firsts = [trial.part(parts[name] & is_first) for name in names]
    p_values = [_p_value(1 - one.contacted, one.share) for one in firsts]
    adjusted = multipletests(p_values, method="holm")[1] if p_values else ()
    wrong = (
        Part(name, len(one.share), one.arms[1], float(one.share.sum()), float(p))
        for name, one, p in zip(names, firsts, adjusted, strict=True)
        if p < SURELY_WRONG
    )
    return SampleRatio(sample_ratio_p(trial), len(names), tuple(wrong))


def sample_ratio_p(trial: Trial) -> float | None:
    """The probability of arms as far from what was drawn; None when no arm could differ.

    `trial`: in the order of time.
    """
    first = np.unique(trial.users, return_index=True)[1]
    share = trial.share[first]
    return _p_value(1 - trial.contacted[first], share) if np.sum(share * (1 - share)) > 0 else None


def _is_large(share: Floats) -> bool:
    return min(float(share.sum()), float((1 - share).sum())) >= _LEAST_EXPECTED


def _p_value(held: Floats, share: Floats) -> float:
    return float(chi2.sf(float(np.sum(held - share)) ** 2 / float(np.sum(share * (1 - share))), df=1))
