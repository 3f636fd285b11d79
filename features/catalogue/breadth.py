"""Breadth of use: the number of areas of the product that a user knows, and their mix.

The features of a log depend on the kinds and groups of its contract.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from features.catalogue.kinds import kind_features
from features.define import Feature, life, past, ratio, today
from features.names import NOUNS, Nouns, Words, group_measure, kind_measures


def breadth(
    groups: Mapping[str, Sequence[str]],
    meaning: Mapping[str, Sequence[str]],
    names: Mapping[str, Words],
    nouns: Nouns = NOUNS,
) -> tuple[Feature, ...]:
    """The features of a log with these groups and meanings of kinds; none of the mix if there is only one kind.

    `names`: the words for kinds; `nouns`: those for what every log has.
    """
    kinds = kind_measures(groups)
    features: tuple[Feature, ...] = ()
    if len(kinds) > 1:
        features += (*_variety(list(kinds.values())), *kind_features(groups, meaning, names, nouns))
    if len(groups) > 1:
        features += (_groups_used([group_measure(group) for group in groups]),)
    return (*features, _paid_for([kinds[kind] for kind in meaning.get("paid_for", ())]))


def _used(measures: Iterable[str], days: int) -> pl.Expr:
    return pl.sum_horizontal((past(measure, days) > 0).cast(pl.Int32) for measure in measures)


def _variety(measures: list[str]) -> Iterable[Feature]:
    for days in (7, 30):
        yield Feature(
            name=f"kinds_used_{days}d",
            value=_used(measures, days),
            dimension="breadth",
            form="count",
            worse="low",
            cause="NARROW_USE",
            unit="kinds",
            says=f"did {{value:.0f}} different things in the last {days} days, usually {{own:.1f}}",
            actionable=True,
            goal="do {more:different thing|different things} {when}",
        )
    yield Feature(
        name="kinds_new_today",
        value=pl.sum_horizontal(
            ((today(measure) > 0) & (life(measure) == today(measure))).cast(pl.Int32) for measure in measures
        ),
        dimension="breadth",
        form="count",
        worse="low",
        cause="NARROW_USE",
        unit="kinds",
        says="did {value:.0f} things for the first time on the login day, usually {own:.1f}",
        says_zero="did nothing new on the login day",
        actionable=True,
        speaks=False,  # on most days nobody does anything new
    )
    known = pl.sum_horizontal(past(measure, 30) for measure in measures)
    yield Feature(
        name="concentration_30d",
        value=ratio(pl.sum_horizontal(past(measure, 30) ** 2 for measure in measures), known**2),
        dimension="breadth",
        form="score",
        worse="high",
        cause="NARROW_USE",
        unit="0 to 1",
        says="did {value:variety} in the last 30 days, usually {own:variety}",
        says_missing="did none of the known actions in the last 30 days",
    )


def _groups_used(measures: list[str]) -> Feature:
    return Feature(
        name="groups_used_7d",
        value=_used(measures, 7),
        dimension="breadth",
        form="count",
        worse="low",
        cause="NARROW_USE",
        unit="groups",
        says="used {value:.0f} areas of the product in the last 7 days, usually {own:.1f}",
        says_zero="used no area of the product in the last 7 days",
        actionable=True,
        goal="use {more:area|areas} of the product {when}",
    )


def _paid_for(measures: list[str]) -> Feature:
    """A log without such kinds does not have the feature, so its value is never computed."""
    used = _used(measures, 30) if measures else past("paid_for_marks", 30)
    return Feature(
        name="paid_for_share_30d",
        value=used / max(1, len(measures)),
        dimension="breadth",
        form="share",
        worse="low",
        cause="NARROW_USE",
        unit="share",
        says="used {value:.0%} of the functions that cost extra in the last 30 days, usually {own:.0%}",
        actionable=True,
        needs=frozenset({"meaning:paid_for"}),
    )
