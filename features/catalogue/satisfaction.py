"""What a user says of the product, and how often help was needed."""

import math

import polars as pl

from features.define import Feature, last_known, past, since

_ANSWER = "answer the open complaint"

SATISFACTION = (
    Feature(
        name="score_last",
        value=last_known("score"),
        dimension="satisfaction",
        unit="0 to 10",
        says="the last recommendation score was {value:.0f} of 10",
        says_missing="has not answered a survey yet",
        actionable=True,
        goal="earn a {target} of 10 in the next survey instead of {now}",
    ),
    Feature(
        name="score_group",
        value=(last_known("score") >= 9).cast(pl.Int32) - (last_known("score") <= 6).cast(pl.Int32),
        dimension="satisfaction",
        unit="-1 detractor, 0 passive, 1 promoter",
        says="promoter (1), passive (0) or detractor (-1): {value:.0f}",
        says_missing="has not answered a survey yet",
        actionable=True,
    ),
    Feature(
        name="days_since_score",
        value=since("answers"),
        dimension="satisfaction",
        unit="days",
        says="last answered a survey {value:.0f} days ago",
        says_missing="has not answered a survey yet",
    ),
    Feature(
        name="support_30d",
        value=past("support_events", 30),
        dimension="satisfaction",
        unit="contacts",
        says="contacts with support in the last 30 days: {value:.0f}, usually {own:.1f}",
        actionable=True,
    ),
    Feature(
        name="days_since_support",
        value=since("support_events"),
        dimension="satisfaction",
        unit="days",
        says="last contact with support {value:.0f} days ago",
        says_missing="no contact with support so far",
    ),
    Feature(
        name="praise_90d",
        value=past("praise_marks", 90),
        dimension="satisfaction",
        unit="times",
        says="praised the product {value:.0f} times in the last 90 days, usually {own:.1f}",
        actionable=True,
    ),
    Feature(
        name="open_complaints",
        value=last_known("open_complaints").fill_null(0),
        dimension="satisfaction",
        unit="complaints",
        says="complaints that nobody has answered: {value:.0f}",
        actionable=True,
        goal=_ANSWER,
        goal_value=0.0,
    ),
    Feature(
        name="days_complaint_waits",
        value=pl.when(last_known("complaint_waits") == 1).then(since("complaint_marks")),
        dimension="satisfaction",
        unit="days",
        says="the last complaint has been waiting for an answer for {value:.0f} days",
        says_missing="the last complaint is answered, or there was none",
        actionable=True,
        goal=_ANSWER,
        goal_value=math.nan,
    ),
    Feature(
        name="answer_hours_last",
        value=last_known("answer_hours"),
        dimension="satisfaction",
        unit="hours",
        says="the last answer to a complaint took {value:.1f} hours, usually {own:.1f}",
        says_missing="no complaint was answered so far",
        actionable=True,
        goal="answer the next complaint within {target} instead of {now}",
    ),
)
