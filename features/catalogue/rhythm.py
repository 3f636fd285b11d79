"""How regularly a user comes back."""

import polars as pl

from features.aggregation.measures import ANGLE_SCALE
from features.define import Feature, before, life, most, past, previous, ratio, today, usual_most

_GAPS = life("logins") - 1
_MEAN_GAP = ratio(life("gap_days"), _GAPS)
_GAP_VARIANCE = ratio(life("gap_days_squared"), _GAPS) - _MEAN_GAP**2
_TENURE_DAYS = life("gap_days")
_LAST_GAP = pl.when(life("logins") > 1).then(today("gap_days"))

RHYTHM = (
    Feature(
        name="logins_life",
        value=life("logins"),
        dimension="rhythm",
        unit="logins",
        says="this is login day number {value:.0f}",
    ),
    Feature(
        name="tenure_days",
        value=_TENURE_DAYS,
        dimension="rhythm",
        unit="days",
        says="first seen {value:.0f} days ago",
    ),
    *(
        Feature(
            name=f"login_days_{days}d",
            value=past("logins", days),
            dimension="rhythm",
            unit="days",
            says=f"logged in on {{value:.0f}} of the last {days} days, usually {{own:.1f}}",
            actionable=True,
            goal="log in on {more} more days {when}",
        )
        for days in (3, 7, 14, 30, 60, 90)
    ),
    Feature(
        name="login_share_30d",
        value=past("logins", 30) / pl.min_horizontal(_TENURE_DAYS + 1, pl.lit(30)),
        dimension="rhythm",
        unit="share",
        says="logged in on {value:.0%} of the days known, of the last 30, usually {own:.0%}",
        actionable=True,
    ),
    Feature(
        name="login_days_7d_to_usual",
        value=past("logins", 7) / (life("logins") * 7 / pl.max_horizontal(_TENURE_DAYS + 1, pl.lit(7))),
        dimension="rhythm",
        unit="ratio",
        says="login days of the last 7: {value:.1f} times what the lifetime lets expect",
        actionable=True,
    ),
    Feature(
        name="login_trend_7d",
        value=ratio(past("logins", 7), before("logins", 7)),
        dimension="rhythm",
        unit="ratio",
        says="{value:.1f} times the login days of the 7 days before",
        says_missing="no login in the 7 days before the last 7",
    ),
    Feature(
        name="gap_last_days",
        value=_LAST_GAP,
        dimension="rhythm",
        unit="days",
        says="came back after {value:.0f} days, usually after {own:.1f}",
        says_missing="no earlier login",
    ),
    Feature(
        name="gap_before_last_days",
        value=pl.when(life("logins") > 2).then(previous("gap_days")),
        dimension="rhythm",
        unit="days",
        says="the time before came back after {value:.0f} days",
        says_missing="fewer than three logins so far",
    ),
    Feature(
        name="gap_mean_days",
        value=_MEAN_GAP,
        dimension="rhythm",
        unit="days",
        says="on average {value:.1f} days between logins",
        says_missing="no earlier login",
    ),
    Feature(
        name="gap_mean_90d",
        value=ratio(past("gap_days", 90), past("gap_days+", 90)),
        dimension="rhythm",
        unit="days",
        says="on average {value:.1f} days between the logins of the last 90 days",
        says_missing="no return in the last 90 days",
    ),
    Feature(
        name="gap_spread_days",
        value=_GAP_VARIANCE.clip(lower_bound=0).sqrt(),
        dimension="rhythm",
        unit="days",
        says="the days between logins spread by {value:.1f}",
        says_missing="no earlier login",
    ),
    Feature(
        name="gap_longest_days",
        value=pl.when(life("logins") > 1).then(most("gap_days")),
        dimension="rhythm",
        unit="days",
        says="the longest absence so far was {value:.0f} days",
        says_missing="no earlier login",
    ),
    Feature(
        name="gap_last_to_mean",
        value=ratio(_LAST_GAP, _MEAN_GAP),
        dimension="rhythm",
        unit="ratio",
        says="the last absence was {value:.1f} times the usual one",
        says_missing="no earlier login",
    ),
    Feature(
        name="gap_last_to_own_p90",
        value=ratio(_LAST_GAP, usual_most("gap_days")),
        dimension="rhythm",
        unit="ratio",
        says="the last absence was {value:.1f} times the length that nine in ten of the user's own stay below",
        says_missing="fewer than three logins so far",
    ),
    Feature(
        name="streak_days",
        value=today("streak_days"),
        dimension="rhythm",
        unit="days",
        says="login days in a row: {value:.0f}, usually {own:.1f}",
        actionable=True,
    ),
    Feature(
        name="weekend_share",
        value=ratio(life("weekend_logins"), life("logins")),
        dimension="rhythm",
        unit="share",
        says="{value:.0%} of the logins fall on weekends",
    ),
    Feature(
        name="weekday_regularity",
        value=ratio(
            (life("weekday_sin") ** 2 + life("weekday_cos") ** 2).sqrt(), life("logins") * ANGLE_SCALE
        ),
        dimension="rhythm",
        unit="0 to 1",
        says="weekdays of the logins agree to {value:.2f} of 1",
    ),
    Feature(
        name="hour_regularity",
        value=ratio((life("clock_sin") ** 2 + life("clock_cos") ** 2).sqrt(), life("events+") * ANGLE_SCALE),
        dimension="rhythm",
        unit="0 to 1",
        says="hours of the first event of a day agree to {value:.2f} of 1",
    ),
)
