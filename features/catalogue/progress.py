"""Progress of a user: levels gained, goals reached, and time without progress."""

from collections.abc import Mapping, Sequence

import polars as pl

from features.define import Feature, before, last_known, life, past, ratio, since, today


def progress(meaning: Mapping[str, Sequence[str]]) -> tuple[Feature, ...]:
    """The features of a log, by the meanings of its kinds."""
    return (*_LEVELS_AND_GOALS, *_onboarding(len(meaning.get("onboarding", ()))))


def _onboarding(steps: int) -> tuple[Feature, ...]:
    reached, of_all = life("onboarding_gain"), f"{steps} in " if steps else ""
    return (
        Feature(
            name="onboarding_step",
            value=reached,
            dimension="progress",
            form="count",
            worse="low",
            cause="ONBOARDING_STALLS",
            unit=f"steps of {steps}" if steps else "steps",
            says=f"has reached step {{value:.0f}} of {of_all}the onboarding",
            says_zero="has not begun the onboarding",
            actionable=True,
            goal="do {more:step|steps} of the onboarding",
        ),
        Feature(
            name="days_on_onboarding_step",
            value=pl.when(reached < steps).then(pl.coalesce(since("onboarding_gain"), life("gap_days"))),
            dimension="progress",
            form="days_since",
            worse="high",
            cause="ONBOARDING_STALLS",
            unit="days",
            says="has stood at the same step of the onboarding for {value:.0f} days",
            says_zero="reached this step of the onboarding on the day of the login",
            says_missing="has done the last step of the onboarding",
            actionable=True,
            goal="do the next step of the onboarding",
            goal_value=0.0,
        ),
    )


_LEVELS_AND_GOALS = (
    Feature(
        name="level",
        value=last_known("level"),
        dimension="progress",
        form="score",
        worse="low",
        cause="STUCK",
        unit="level",
        says="has reached level {value:.0f}",
        says_missing="has no level yet",
    ),
    *(
        Feature(
            name=f"level_gain_{days}d",
            value=past("level_gain", days),
            dimension="progress",
            form="count",
            worse="low",
            cause="STUCK",
            unit="levels",
            says=f"{{value:.0f}} levels gained in the last {days} days, usually {{own:.1f}}",
            actionable=True,
            goal="gain {more:level|levels} {when}",
        )
        for days in (7, 30)
    ),
    Feature(
        name="level_gain_per_hour_30d",
        value=pl.when(past("seconds", 30) > 0).then(
            past("level_gain", 30) / ((past("seconds", 30) + 60) / 3600)
        ),
        dimension="progress",
        form="rate",
        worse="low",
        cause="STUCK",
        unit="levels per hour",
        says="{value:.1f} levels gained per hour of use in the last 30 days, usually {own:.1f}",
        says_zero="no levels gained in the last 30 days",
        says_missing="less than a minute of use in the last 30 days",
        actionable=True,
    ),
    Feature(
        name="days_since_level_gain",
        value=since("level_gain"),
        dimension="progress",
        form="days_since",
        worse="high",
        cause="STUCK",
        unit="days",
        says="last new level {value:.0f} days before the login, usually {own:.1f} days before",
        says_missing="no new level so far",
        actionable=True,
        goal="gain a level{again}",
    ),
    Feature(
        name="goals_30d",
        value=past("goal_marks", 30),
        dimension="progress",
        form="count",
        worse="low",
        cause="STUCK",
        unit="goals",
        says="{value:.0f} goals reached in the last 30 days, usually {own:.1f}",
        actionable=True,
        goal="reach {more:goal|goals} {when}",
    ),
    Feature(
        name="days_since_goal",
        value=since("goal_marks"),
        dimension="progress",
        form="days_since",
        worse="high",
        cause="STUCK",
        unit="days",
        says="last reached a goal {value:.0f} days before the login, usually {own:.1f} days before",
        says_missing="no goal reached so far",
        actionable=True,
        goal="reach a goal{again}",
    ),
    Feature(
        name="logins_since_goal",
        value=last_known("logins_since_goal"),
        dimension="progress",
        form="count",
        worse="high",
        cause="STUCK",
        unit="days",
        says="no goal reached on the last {value:.0f} visits, usually {own:.1f}",
        says_zero="reached a goal on the day of the login",
        actionable=True,
        goal="reach a goal{again}",
        goal_value=0.0,
    ),
    Feature(
        name="failures_since_goal",
        value=last_known("failures_since_goal"),
        dimension="progress",
        form="count",
        worse="high",
        cause="STUCK",
        unit="failures",
        says="failed {value:.0f} times without reaching a goal, usually {own:.1f}",
        says_zero="has not failed without reaching a goal afterwards",
        actionable=True,
    ),
    Feature(
        name="progress_today",
        value=today("progress_events"),
        dimension="progress",
        form="count",
        worse="low",
        cause="STUCK",
        unit="events",
        says="{value:.0f} steps of progress on the login day, usually {own:.1f}",
        actionable=True,
    ),
    Feature(
        name="progress_share_30d",
        value=ratio(past("progress_events", 30), past("events", 30)),
        dimension="progress",
        form="share",
        worse="low",
        cause="STUCK",
        unit="share",
        says="{value:.0%} of the actions of the last 30 days were progress, usually {own:.0%}",
        actionable=True,
    ),
    Feature(
        name="progress_trend_14d",
        value=ratio(past("progress_events", 14), before("progress_events", 14)),
        dimension="progress",
        form="ratio",
        worse="low",
        cause="STUCK",
        unit="ratio",
        says="{value:more|less} progress in the last 14 days than in the 14 days before",
        says_zero="no progress in the last 14 days, but some in the 14 days before",
        says_missing="no progress in the two weeks before the last 14 days",
    ),
)
