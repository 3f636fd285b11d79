"""Features of each kind of event: its share of the actions, the time since the last one, and the days with it.

Promise: what a kind speaks of follows from its meaning in the contract, or else from its group, never from its name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from features.define import Cause, Dimension, Feature, Worse, days_with, life, past, ratio, since
from features.names import Nouns, Words, kind_measures, words_of

_LATELY_DAYS = 14
_MOST_KINDS = 24  # features are made for this many of the contract's first kinds


@dataclass(frozen=True, slots=True)
class Theme:
    """What a kind speaks of; `worse`: whether those who leave do less ("low") or more ("high") of it."""

    dimension: Dimension
    cause: Cause
    worse: Worse


OF_MEANING: Mapping[str, Theme] = {
    "refund": Theme("spending", "REFUNDED", "high"),
    "complaint": Theme("satisfaction", "SUPPORT_WAITS", "high"),
    "answer": Theme(
        "satisfaction", "SUPPORT_WAITS", "either"
    ),  # an answer is good, but who has one had a complaint
    "praise": Theme("satisfaction", "UNHAPPY", "low"),
    "failure": Theme("progress", "STUCK", "high"),
    "goal": Theme("progress", "STUCK", "low"),
    "subscription_end": Theme("spending", "PAYS_LESS", "high"),
    "subscription_start": Theme("spending", "PAYS_LESS", "low"),
    "onboarding": Theme("progress", "ONBOARDING_STALLS", "low"),
}
"""By meaning the theme of its kinds. For a kind with several meanings the first of these counts."""
_ACCESS = "access"
"""The group of kinds that every visit has: who does less of these in a visit does more of something else."""
OF_GROUP: Mapping[str, Theme] = {
    _ACCESS: Theme("breadth", "NARROW_USE", "either"),
    "progress": Theme("progress", "STUCK", "either"),  # a quest that is begun may mean either
    "social": Theme("social", "ALONE", "low"),
    "trade": Theme("spending", "PAYS_LESS", "either"),
    "support": Theme("satisfaction", "UNHAPPY", "either"),
    "feedback": Theme("satisfaction", "UNHAPPY", "either"),
}
"""By name of a group the theme of its kinds that have no meaning."""
_OTHERWISE = Theme("breadth", "NARROW_USE", "low")


@dataclass(frozen=True, slots=True)
class _Sentences:
    """What is said of a kind: its share of the actions, the `last` one, `never` one, its days, and its rate
    `against_usual`.

    `no_share`, `no_day`: instead of a share of 0; `one`: as a goal.
    """

    share: str
    no_share: str
    last: str
    never: str
    days: str
    no_day: str
    against_usual: str
    one: str = ""


def kind_features(
    groups: Mapping[str, Sequence[str]],
    meaning: Mapping[str, Sequence[str]],
    names: Mapping[str, Words],
    nouns: Nouns,
) -> Iterable[Feature]:
    """The features of the kinds of these groups. `meaning`: kinds by meaning.

    `names`: the words for kinds; `nouns`: those for what every log has.
    """
    group_of = {kind: group for group, members in groups.items() for kind in members}
    refunds = meaning.get("refund", ())
    for kind, measure in list(kind_measures(groups).items())[:_MOST_KINDS]:
        words = words_of(kind, names)
        refund = _of_refund("" if len(refunds) == 1 else f" ({words.one})", nouns)
        says = refund if kind in refunds else _of_any(words, nouns)
        yield from _features(measure, _theme(kind, group_of[kind], meaning), says)


def _theme(kind: str, group: str, meaning: Mapping[str, Sequence[str]]) -> Theme:
    by_meaning = (theme for name, theme in OF_MEANING.items() if kind in meaning.get(name, ()))
    return next(by_meaning, OF_GROUP.get(group, _OTHERWISE))


def _of_any(words: Words, nouns: Nouns) -> _Sentences:
    one, many, actions, visit = words.one, words.many, nouns.action.many, nouns.visit
    return _Sentences(
        share=f"{many} made up {{value:.0%}} of the {actions} of the last 30 days, usually {{own:.0%}}",
        no_share=f"none of the {actions} of the last 30 days were {many}",
        last=f"last {one} {{value:.0f}} days before the login, usually {{own:.1f}} days before",
        never=f"no {one} so far",
        days=f"{many} on {{value:.0%}} of the {visit.many}",
        no_day=f"{many} on none of the {visit.many}",
        against_usual=f"{{value:more|fewer}} {many} per {visit.one} in the last {_LATELY_DAYS} days than on average",
        one=f"have one {one}",
    )


def _of_refund(which: str, nouns: Nouns) -> _Sentences:
    actions, visit = nouns.action.many, nouns.visit
    return _Sentences(
        share=f"refunds{which} made up {{value:.0%}} of the {actions} of the last 30 days, usually {{own:.0%}}",
        no_share=f"none of the {actions} of the last 30 days were refunds{which}",
        last=f"received a refund{which} {{value:.0f}} days before the login",
        never=f"has received no refund{which} so far",
        days=f"received a refund{which} on {{value:.0%}} of the {visit.many}",
        no_day=f"received a refund{which} on none of the {visit.many}",
        against_usual=f"{{value:more|fewer}} refunds{which} per {visit.one} "
        f"in the last {_LATELY_DAYS} days than on average",
    )


def _features(measure: str, theme: Theme, says: _Sentences) -> Iterable[Feature]:
    clock: dict[Worse, Worse] = {"low": "high", "high": "low", "either": "either"}
    comes_once = theme.cause == "ONBOARDING_STALLS"
    goal = says.one if theme.worse == "low" and not comes_once else ""
    yield Feature(
        name=f"share_of_{measure}_30d",
        value=ratio(past(measure, 30), past("events", 30)),
        dimension=theme.dimension,
        form="share",
        worse=theme.worse,
        cause=theme.cause,
        unit="share",
        says=says.share,
        says_zero=says.no_share,
    )
    yield Feature(
        name=f"days_since_{measure}",
        value=since(measure),
        dimension=theme.dimension,
        form="days_since",
        worse=clock[theme.worse],
        cause=theme.cause,
        unit="days",
        says=says.last,
        says_missing=says.never,
        actionable=bool(goal),
        goal=goal,
    )
    yield Feature(
        name=f"days_with_{measure}_share",
        value=ratio(life(days_with(measure)), life("logins")),
        dimension=theme.dimension,
        form="share",
        worse=theme.worse,
        cause=theme.cause,
        unit="share",
        says=says.days,
        says_zero=says.no_day,
    )
    of_visit = ratio(past(measure, _LATELY_DAYS), past("logins", _LATELY_DAYS))
    yield Feature(
        name=f"{measure}_per_login_{_LATELY_DAYS}d_to_usual",
        value=ratio(of_visit, ratio(life(measure), life("logins"))),
        dimension=theme.dimension,
        form="ratio",
        worse=theme.worse,
        cause=theme.cause,
        unit="ratio",
        says=says.against_usual,
        says_missing=says.never,
        speaks=False,  # the share and the clock say it more simply
    )
