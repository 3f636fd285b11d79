"""Checks the columns in features against a log, before any heavy work.

Promise: a name that no log could have is refused, with the feature's name. A name that this log does not have makes
the feature absent, with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from features.aggregation.measures import measure_needs, state_needs
from features.catalogue.context import SERVICE
from features.contract.sources import Sources
from features.define import Feature
from features.errors import ContractError
from features.external.holidays import EXTERNAL_NEEDS
from features.external.join import external_features
from features.names import OF_QUANTITIES
from features.totals import Total, look_back_days, totals_of

_QUARTER_DAYS = 90
_ROW_COLUMNS = ("day",)
_Ways = tuple[frozenset[str], ...]


def check_features(features: Iterable[Feature], sources: Sources) -> None:
    """Raise ContractError for duplicate names, and for measures, states and values that no log could have.

    There is one message for each problem.
    """
    declared = tuple(features)
    times = Counter(feature.name for feature in declared)
    problems = [
        f"two features are named {name!r}.\nA name means one thing: rename one of them."
        for name, count in times.items()
        if count > 1
    ]
    known = _known(sources)
    for feature in declared:
        for name in sorted(feature.value.meta.root_names()):
            if not _ways(name, known):
                problems.append(_unknown(feature, name, known))
    if problems:
        raise ContractError("\n".join(problems))


def lacking(features: Iterable[Feature], sources: Sources) -> dict[str, tuple[str, ...]]:
    """By feature the things that the log lacks, in words (`column level`, `group support`); empty for none."""
    known = _known(sources)
    tells = sources.tells | sources.external.fills
    return {feature.name: _lacks(feature, tells, known) for feature in features}


def too_long(features: Iterable[Feature], log_days: int) -> dict[str, int]:
    """The features that look back over more days than the log has, with that number of days."""
    longest = {feature.name: look_back_days([feature.value]) for feature in features}
    return {name: days for name, days in longest.items() if days > log_days}


def mostly_cut(features: Iterable[Feature], log_days: int) -> dict[str, int]:
    """The features that look back over more than a quarter of a year and half of the log, with that number of days.

    The log's beginning would cut the window of most rows, so that a value would say how old the log is.
    """
    longest = {feature.name: look_back_days([feature.value]) for feature in features}
    return {name: days for name, days in longest.items() if days > _QUARTER_DAYS and 2 * days > log_days}


def _lacks(feature: Feature, tells: frozenset[str], known: dict[str, dict[str, _Ways]]) -> tuple[str, ...]:
    ways = [_ways(name, known) for name in _names(feature)] + [(frozenset({need}),) for need in feature.needs]
    return tuple(sorted({words for several in ways for words in _missing([way - tells for way in several])}))


def _names(feature: Feature) -> list[str]:
    return feature.value.meta.root_names()


def _known(sources: Sources) -> dict[str, dict[str, _Ways]]:
    """By kind of total: each measure, state or external value that any log could have, with its needs."""
    measures = measure_needs(sources)
    nothing: _Ways = (frozenset(),)
    return {
        "today": measures | dict.fromkeys(_ROW_COLUMNS, nothing),
        "total": measures,
        "known": {name: (needs,) for name, needs in state_needs(sources.quantities).items()},
        "external": {name: (needs,) for name, needs in EXTERNAL_NEEDS.items()}
        | dict.fromkeys(_given(sources), nothing),
    }


def _given(sources: Sources) -> set[str]:
    """The external values that do not depend on the log's events."""
    features = (*SERVICE, *external_features(sources.external))
    return {
        total.measure
        for feature in features
        for total in totals_of(feature.value)
        if total.window == "external"
    }


def _family(total: Total) -> str:
    """The key of `_known` with the names that the total may use."""
    return {"day": "today", "known": "known", "external": "external"}.get(str(total.window), "total")


def _ways(name: str, known: dict[str, dict[str, _Ways]]) -> _Ways:
    """The alternative needs of the column `name`: one is enough. Empty: no log could have it."""
    total = Total.parse(name)
    if total is None:
        return ()
    family = _family(total)
    if family in ("known", "external"):
        return known[family].get(total.measure, ())
    return known[family].get(total.source, ()) or _of_another_log(total.source, known["total"])


def _of_another_log(measure: str, measures: dict[str, _Ways]) -> _Ways:
    """The needs of the count of another contract's group or kind; none if this contract has a very similar name."""
    for what, form in (("kind", r"kind_(.+)"), ("group", "(.+)_events")):
        if wanted := re.fullmatch(form, measure):
            names = [match[1] for name in measures if (match := re.fullmatch(form, name))]
            like = get_close_matches(wanted[1], names, cutoff=0.85)
            return () if like else (frozenset({f"{what}:{wanted[1]}"}),)
    return ()


def _unknown(feature: Feature, name: str, known: dict[str, dict[str, _Ways]]) -> str:
    total = Total.parse(name)
    if total is None:
        return (
            f"feature {feature.name!r}: nothing is called {name!r}.\n"
            "Name measures and states through the functions of features/define.py."
        )
    family, stem = _family(total), total.source
    what = {"known": "state", "external": "external value"}.get(family, "measure")
    near = get_close_matches(stem, known[family], n=3, cutoff=0.6)
    elsewhere = [other for other, names in known.items() if stem in names and other != "today"]
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Known: {', '.join(known[family])}."
    if elsewhere:
        words = {"total": "today, past or life", "known": "last_known", "external": "external"}
        hint = f"{stem!r} is read with {words[elsewhere[0]]}."
    return f"feature {feature.name!r}: there is no {what} {stem!r}.\n{hint}"


def _missing(ways: list[frozenset[str]]) -> list[str]:
    """The missing needs in words; nothing if one of the alternative `ways` lacks nothing."""
    if not all(ways):
        return []
    words = [sorted(map(_in_words, way)) for way in ways]
    return words[0] if len(words) == 1 else [" or ".join(map(" and ".join, words))]


def _in_words(need: str) -> str:
    if need == "clock":
        return "a time of day"
    if need.startswith(OF_QUANTITIES):
        return f"quantity {need.removeprefix(OF_QUANTITIES)}"
    what, colon, name = need.partition(":")
    return f"{what} {name}" if colon else f"column {need}"
