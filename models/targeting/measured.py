"""What contacts with each play did, measured on past lists against the users who were held out.

Promise: a play is measured or assumed as a whole. An effect of 0 or less means that the play is not used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from models.arrays import Floats
from models.targeting.risk import BANDS


@dataclass(frozen=True, slots=True)
class PlayEffect:
    """Share of churn that contacts with a play take away; below 0, they add churn.

    `overall`: of all its users. `by_band`: by risk band, where enough users of the band were held out.
    """

    overall: float
    by_band: Mapping[str, float] = field(default_factory=dict)

    def of_band(self, band: str) -> float:
        """The effect in a risk band; that of all users where the band has none of its own."""
        return self.by_band.get(band, self.overall)


def measured_effect(
    effects: Mapping[str, PlayEffect], plays: Iterable[str | None], bands: Iterable[str]
) -> Floats:
    """(rows,) the effect of each row's play in its risk band, at least 0; NaN where the play is not measured."""
    return np.array(
        [
            max(0.0, effects[play].of_band(band)) if play is not None and play in effects else np.nan
            for play, band in zip(plays, bands, strict=True)
        ],
        dtype=np.float64,
    )


def without_effect(effects: Mapping[str, PlayEffect]) -> dict[str, tuple[str, ...]]:
    """By play the risk bands in which contacts with it keep nobody."""
    useless = {
        play: tuple(band for band in BANDS if effect.of_band(band) <= 0) for play, effect in effects.items()
    }
    return {play: bands for play, bands in useless.items() if bands}
