"""Every feature there is, and those that a log allows.

Promise: a feature whose column, group or kind the log lacks is absent, never a zero-filled guess.
"""

from collections import Counter

from features.attributes import attribute_features
from features.breadth import breadth
from features.calendars import calendar_features
from features.context import CONTEXT
from features.dated import dated_features
from features.define import Feature
from features.errors import ContractError
from features.intensity import INTENSITY
from features.measures import CALENDAR_MEASURES, DERIVED_MEASURES, measures_for, states_for
from features.outside import OUTSIDE_NEEDS
from features.progress import PROGRESS
from features.rhythm import RHYTHM
from features.satisfaction import SATISFACTION
from features.service import SERVICE
from features.social import SOCIAL
from features.sources import Sources
from features.spending import SPENDING
from features.told import Outside
from features.windows import measure_of

_ROW_COLUMNS = frozenset({"day"})


def every_feature(sources: Sources) -> tuple[Feature, ...]:
    """The whole catalogue for these sources, as if the log told everything.

    Raises ContractError when two features have one name.
    """
    features = (
        *RHYTHM, *INTENSITY, *PROGRESS, *SOCIAL, *SPENDING, *breadth(sources.groups), *SATISFACTION, *CONTEXT,
        *SERVICE,
        *outside_features(sources.outside),
    )  # fmt: skip
    twice = [name for name, times in Counter(feature.name for feature in features).items() if times > 1]
    if twice:
        raise ContractError(
            f"two features are named {twice[0]!r}.\nA name means one thing: rename one of them."
        )
    return features


def outside_features(told: Outside) -> tuple[Feature, ...]:
    """The features made for what is told from outside the log: attributes, dated values, calendars."""
    return (*attribute_features(told), *dated_features(told), *calendar_features(told))


def catalogue(sources: Sources) -> tuple[Feature, ...]:
    """The features that these sources allow, in the catalogue's order."""
    known = known_values(sources)
    return tuple(feature for feature in every_feature(sources) if values_named(feature) <= known)


def values_named(feature: Feature) -> frozenset[str]:
    """The measures, states and outside values that a feature is made of."""
    return frozenset(measure_of(name) for name in feature.value.meta.root_names())


def known_values(sources: Sources) -> frozenset[str]:
    """The measures, states and outside values that such a log has."""
    places = sources.tells | sources.outside.fills
    return frozenset(
        {
            *_ROW_COLUMNS,
            *CALENDAR_MEASURES,
            *(measure.name for measure in measures_for(sources)),
            *(state.name for state in states_for(sources.tells)),
            *(name for name, needs in DERIVED_MEASURES.items() if needs <= sources.tells),
            *(name for feature in SERVICE for name in values_named(feature)),
            *(name for name, needs in OUTSIDE_NEEDS.items() if needs <= places),
            *(name for feature in outside_features(sources.outside) for name in values_named(feature)),
        }
    )
