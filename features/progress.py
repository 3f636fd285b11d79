"""How a user gets on: levels gained, goals reached, and how long nothing moved."""

from features.define import Feature, before, last_known, life, past, ratio, since, today

PROGRESS = (
    Feature(
        name="level",
        value=last_known("level"),
        dimension="progress",
        unit="level",
        says="has reached level {value:.0f}",
        says_missing="no level seen yet",
    ),
    *(
        Feature(
            name=f"level_gain_{days}d",
            value=past("level_gain", days),
            dimension="progress",
            unit="levels",
            says=f"levels gained in the last {days} days: {{value:.0f}}, usually {{own:.1f}}",
            actionable=True,
        )
        for days in (7, 30)
    ),
    Feature(
        name="days_since_level_gain",
        value=since("level_gain"),
        dimension="progress",
        unit="days",
        says="no new level for {value:.0f} days, usually {own:.1f}",
        says_missing="no level gained so far",
        actionable=True,
    ),
    Feature(
        name="level_gain_per_login_day",
        value=ratio(life("level_gain"), life("logins")),
        dimension="progress",
        unit="levels per login day",
        says="gains {value:.2f} levels per login day",
    ),
    Feature(
        name="progress_today",
        value=today("progress_events"),
        dimension="progress",
        unit="events",
        says="steps of progress on the day: {value:.0f}, usually {own:.1f}",
        actionable=True,
    ),
    *(
        Feature(
            name=f"progress_share_{days}d",
            value=ratio(past("progress_events", days), past("events", days)),
            dimension="progress",
            unit="share",
            says=f"{{value:.0%}} of what was done in the last {days} days is progress, usually {{own:.0%}}",
            actionable=True,
        )
        for days in (7, 30)
    ),
    Feature(
        name="progress_trend_14d",
        value=ratio(past("progress_events", 14), before("progress_events", 14)),
        dimension="progress",
        unit="ratio",
        says="{value:.1f} times the progress of the 14 days before",
        says_missing="no progress in the 14 days before the last 14",
    ),
)
