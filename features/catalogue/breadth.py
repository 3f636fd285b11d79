"""Breadth of use: the number of areas of the product that a user knows, and their mix.

The features of a log depend on the kinds and groups of its contract.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from features.define import Cause, Dimension, Feature, days_with, life, past, ratio, since, today
from features.names import braceless as _braceless
from features.names import group_measure, kind_measures

_MOST_KINDS = 24  # features of a single kind are made for this many of the contract's first kinds
_SPEAKS_OF: Mapping[str, Dimension] = {
    "progress": "progress",
    "social": "social",
    "trade": "spending",
    "support": "satisfaction",
    "feedback": "satisfaction",
}
"""The dimension of a kind, by its group: failed quests belong to progress, chats to company. Otherwise breadth."""
_CAUSES: Mapping[Dimension, Cause] = {
    "progress": "STUCK",
    "social": "ALONE",
    "spending": "PAYS_LESS",
    "breadth": "NARROW_USE",
    "satisfaction": "UNHAPPY",
}
_CAUSES_BY_WORD: Mapping[Dimension, Mapping[str, Cause]] = {
    "progress": {"onboarding": "ONBOARDING_STALLS"},
    "social": {"received": "UNANSWERED"},
    "spending": {"subscription": "SUBSCRIPTION_LAPSES"},
    "satisfaction": {"complaint": "SUPPORT_WAITS", "support": "SUPPORT_WAITS"},
}
"""The cause of a kind, by a word in its name."""


def breadth(groups: Mapping[str, Sequence[str]], meaning: Mapping[str, Sequence[str]]) -> tuple[Feature, ...]:
    """The features of a log with these groups and meanings of kinds; none of the mix if there is only one kind."""
    kinds = kind_measures(groups)
    features: tuple[Feature, ...] = ()
    if len(kinds) > 1:
        features += (*_variety(list(kinds.values())), *_of_each_kind(kinds, groups))
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
            says=f"different actions in the last {days} days: {{value:.0f}}, usually {{own:.1f}}",
            actionable=True,
            goal="{more:different action|different actions} {when}",
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
        says="actions done for the first time: {value:.0f}, usually {own:.1f}",
        actionable=True,
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
        says="concentration of the actions in the last 30 days (1: all of one kind): {value:.2f}, usually {own:.2f}",
        says_missing="none of the known kinds in the last 30 days",
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
        says="areas of the product used in the last 7 days: {value:.0f}, usually {own:.1f}",
        actionable=True,
        goal="{more:area|areas} of the product used {when}",
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


def _of_each_kind(kinds: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> Iterable[Feature]:
    group_of = {kind: group for group, members in groups.items() for kind in members}
    for kind, measure in list(kinds.items())[:_MOST_KINDS]:
        dimension = _SPEAKS_OF.get(group_of[kind], "breadth")
        cause = _cause_of_kind(measure, dimension)
        # More of a kind is better for company and variety; of other kinds it may mean either.
        more_is_better = dimension in ("social", "breadth")
        yield Feature(
            name=f"share_of_{measure}_30d",
            value=ratio(past(measure, 30), past("events", 30)),
            dimension=dimension,
            form="share",
            worse="low" if dimension == "social" else "either",
            cause=cause,
            unit="share",
            says=f"{{value:.0%}} of the events of the last 30 days are '{_braceless(kind)}', usually {{own:.0%}}",
        )
        yield Feature(
            name=f"days_since_{measure}",
            value=since(measure),
            dimension=dimension,
            form="days_since",
            worse="high" if more_is_better else "either",
            cause=cause,
            unit="days",
            says=f"last '{_braceless(kind)}' {{value:.0f}} days ago, usually {{own:.1f}}",
            says_missing=f"never '{_braceless(kind)}' so far",
        )
        yield Feature(
            name=f"days_with_{measure}_share",
            value=ratio(life(days_with(measure)), life("logins")),
            dimension=dimension,
            form="share",
            worse="low" if more_is_better else "either",
            cause=cause,
            unit="share",
            says=f"'{_braceless(kind)}' on {{value:.0%}} of the login days",
        )


def _cause_of_kind(measure: str, dimension: Dimension) -> Cause:
    words = _CAUSES_BY_WORD.get(dimension, {})
    return next((cause for word, cause in words.items() if word in measure), _CAUSES[dimension])
