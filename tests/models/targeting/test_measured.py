"""A measured play has an effect in each risk band, and is not used where it keeps nobody."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.targeting.measured import PlayEffect, measured_effect, without_effect
from models.targeting.risk import BANDS

EFFECT = st.floats(-1, 1)
EFFECTS = st.dictionaries(
    st.sampled_from(["call", "gift", "word"]),
    st.builds(PlayEffect, EFFECT, st.dictionaries(st.sampled_from(BANDS), EFFECT)),
)


@given(EFFECTS)
def test_a_play_is_not_used_exactly_where_its_effect_is_0(effects: dict[str, PlayEffect]) -> None:
    aside = without_effect(effects)
    for play in effects:
        found = measured_effect(effects, [play] * len(BANDS), BANDS)
        assert aside.get(play, ()) == tuple(
            band for band, effect in zip(BANDS, found, strict=True) if effect == 0
        )


def test_the_effect_is_that_of_the_band_or_of_all_and_unknown_for_other_plays() -> None:
    effects = {"call": PlayEffect(0.04, {"high": 0.1, "low": -0.02})}
    found = measured_effect(
        effects, ["call", "call", "call", "gift", None], ["high", "medium", "low", "high", "low"]
    )
    assert found[:3].tolist() == [0.1, 0.04, 0.0]
    assert np.isnan(found[3:]).all()
    assert without_effect(effects) == {"call": ("low",)}
