"""Every feature there is, and those that a log allows.

Promise: a feature whose column, group or kind the log lacks is absent, never a zero-filled guess.
"""

from features.around import outside_features
from features.breadth import breadth
from features.context import CONTEXT
from features.declarations import check_features, lacking, too_long
from features.define import Feature
from features.intensity import INTENSITY
from features.progress import progress
from features.rhythm import RHYTHM
from features.satisfaction import SATISFACTION
from features.service import SERVICE
from features.social import SOCIAL
from features.sources import Sources
from features.spending import spending
from features.windows import measure_of


def every_feature(sources: Sources) -> tuple[Feature, ...]:
    """The whole catalogue for these sources, as if the log told everything.

    Raises ContractError when two features have one name, or one is made of what no log could have.
    """
    features = (
        *RHYTHM, *INTENSITY, *progress(sources.meaning), *SOCIAL, *spending(sources.meaning, sources.renewal_days),
        *breadth(sources.groups, sources.meaning), *SATISFACTION, *CONTEXT, *SERVICE,
        *outside_features(sources.outside),
    )  # fmt: skip
    check_features(features, sources)
    return features


def catalogue(sources: Sources) -> tuple[Feature, ...]:
    """The features that these sources allow, in the catalogue's order."""
    features = every_feature(sources)
    lacks = lacking(features, sources)
    long = {} if sources.log_days is None else too_long(features, sources.log_days)
    return tuple(f for f in features if not lacks[f.name] and f.name not in long)


def values_named(feature: Feature) -> frozenset[str]:
    """The measures, states and outside values that a feature is made of."""
    return frozenset(measure_of(name) for name in feature.value.meta.root_names())
