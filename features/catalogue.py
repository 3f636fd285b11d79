"""Every feature there is, and those that a log allows.

Promise: a feature whose column, group or kind the log lacks is absent, never a zero-filled guess.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from features.breadth import breadth
from features.context import CONTEXT
from features.define import Feature
from features.errors import ContractError
from features.intensity import INTENSITY
from features.measures import CALENDAR_MEASURES, DERIVED_MEASURES, measures_for, states_for
from features.outside import OUTSIDE_NEEDS
from features.progress import PROGRESS
from features.rhythm import RHYTHM
from features.satisfaction import SATISFACTION
from features.social import SOCIAL
from features.spending import SPENDING
from features.windows import measure_of

_ROW_COLUMNS = frozenset({"day"})


def every_feature(groups: Mapping[str, Sequence[str]]) -> tuple[Feature, ...]:
    """The whole catalogue for a contract with these groups of kinds.

    Raises ContractError when two features have one name.
    """
    features = (
        *RHYTHM, *INTENSITY, *PROGRESS, *SOCIAL, *SPENDING, *breadth(groups), *SATISFACTION, *CONTEXT,
    )  # fmt: skip
    twice = [name for name, times in Counter(feature.name for feature in features).items() if times > 1]
    if twice:
        raise ContractError(
            f"two features are named {twice[0]!r}.\nA name means one thing: rename one of them."
        )
    return features


def catalogue(tells: frozenset[str], groups: Mapping[str, Sequence[str]]) -> tuple[Feature, ...]:
    """The features that a log which tells `tells` allows, in the catalogue's order."""
    known = known_values(tells, groups)
    return tuple(feature for feature in every_feature(groups) if values_named(feature) <= known)


def values_named(feature: Feature) -> frozenset[str]:
    """The measures, states and outside values that a feature is made of."""
    return frozenset(measure_of(name) for name in feature.value.meta.root_names())


def known_values(tells: frozenset[str], groups: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The measures, states and outside values that such a log has."""
    return frozenset(
        {
            *_ROW_COLUMNS,
            *CALENDAR_MEASURES,
            *(measure.name for measure in measures_for(tells, groups)),
            *(state.name for state in states_for(tells)),
            *(name for name, needs in DERIVED_MEASURES.items() if needs <= tells),
            *(name for name, needs in OUTSIDE_NEEDS.items() if needs <= tells),
        }
    )
