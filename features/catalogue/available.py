"""The whole catalogue of features, and the features that a log allows.

Promise: a feature whose column, group or kind the log lacks is absent, never filled with zeros.
"""

from collections.abc import Sequence
from dataclasses import replace

from features.catalogue.breadth import breadth
from features.catalogue.context import CONTEXT, SERVICE
from features.catalogue.hours import HOURS
from features.catalogue.intensity import ACT_MORE, INTENSITY
from features.catalogue.progress import progress
from features.catalogue.quantities import quantity_features
from features.catalogue.rhythm import RHYTHM
from features.catalogue.satisfaction import SATISFACTION
from features.catalogue.social import SOCIAL
from features.catalogue.spending import spending
from features.catalogue.validation import check_features, lacking, too_long
from features.contract.sources import Sources
from features.define import Feature
from features.external.join import external_features
from features.names import NOUNS, Nouns


def every_feature(sources: Sources) -> tuple[Feature, ...]:
    """The whole catalogue for these sources, as if the log had everything.

    Raises ContractError when two features have the same name, or a feature uses a column that no log could have.
    """
    of_user = (*RHYTHM, *HOURS, *INTENSITY, *progress(sources.meaning), *SOCIAL, *spending(sources))
    beyond = (*SATISFACTION, *CONTEXT, *SERVICE)
    features = (
        *(_said(feature, sources.nouns) for feature in of_user),
        *breadth(sources.groups, sources.meaning, sources.names, sources.nouns),
        *quantity_features(sources.quantities, sources.names, sources.nouns),
        *(_said(feature, sources.nouns) for feature in beyond),
        *external_features(sources.external),
    )
    check_features(features, sources)
    return features


def _said(feature: Feature, nouns: Nouns) -> Feature:
    """`feature` with the log's own words for actions, sessions and visits."""
    goal = nouns.said(feature.goal)
    if goal.startswith(ACT_MORE) and nouns.action != NOUNS.action:  # nobody "does" an item
        goal = goal.replace(ACT_MORE, f"have {{more:{nouns.action.one}|{nouns.action.many}}}")
    return replace(
        feature,
        says=nouns.said(feature.says),
        says_not=nouns.said(feature.says_not),
        says_zero=nouns.said(feature.says_zero),
        says_missing=nouns.said(feature.says_missing),
        goal=goal,
    )


def available(sources: Sources) -> tuple[Feature, ...]:
    """The features that these sources allow, in the catalogue's order."""
    return allowed(every_feature(sources), sources)


def allowed(features: Sequence[Feature], sources: Sources) -> tuple[Feature, ...]:
    """Those of `features` that these sources allow, in their order."""
    lacks = lacking(features, sources)
    long = {} if sources.log_days is None else too_long(features, sources.log_days)
    return tuple(f for f in features if not lacks[f.name] and f.name not in long)
