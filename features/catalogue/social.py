"""Whom a user meets: contacts made and received, with how many, and how that changes."""

from features.define import Feature, before, days_with, fresh, life, past, ratio, since, today

SOCIAL = (
    Feature(
        name="contacts_today",
        value=today("contacts"),
        dimension="social",
        unit="contacts",
        says="contacts with others on the day: {value:.0f}, usually {own:.1f}",
        actionable=True,
    ),
    *(
        Feature(
            name=f"contacts_{days}d",
            value=past("contacts", days),
            dimension="social",
            unit="contacts",
            says=f"contacts with others in the last {days} days: {{value:.0f}}, usually {{own:.1f}}",
            actionable=True,
        )
        for days in (7, 30)
    ),
    Feature(
        name="contact_days_share_30d",
        value=ratio(past(days_with("contacts"), 30), past("logins", 30)),
        dimension="social",
        unit="share",
        says="met others on {value:.0%} of the login days of the last 30 days, usually {own:.0%}",
        actionable=True,
    ),
    Feature(
        name="counterparts_per_contact_day_30d",
        value=ratio(past("counterparts", 30), past(days_with("contacts"), 30)),
        dimension="social",
        unit="people per day",
        says="people met on a day with contact: {value:.1f}, usually {own:.1f}",
        says_missing="met nobody in the last 30 days",
    ),
    Feature(
        name="contacts_trend_14d",
        value=ratio(past("contacts", 14), before("contacts", 14)),
        dimension="social",
        unit="ratio",
        says="{value:.1f} times the contacts of the 14 days before",
        says_missing="met nobody in the 14 days before the last 14",
    ),
    Feature(
        name="days_since_contact",
        value=since("contacts"),
        dimension="social",
        unit="days",
        says="met nobody for {value:.0f} days, usually {own:.1f}",
        says_missing="has not met anybody yet",
        actionable=True,
        goal="meet somebody{again}",
    ),
    Feature(
        name="social_share_30d",
        value=ratio(past("social_events", 30), past("events", 30)),
        dimension="social",
        unit="share",
        says="{value:.0%} of what was done in the last 30 days is social, usually {own:.0%}",
    ),
    Feature(
        name="social_share_to_usual",
        value=ratio(
            ratio(past("social_events", 14), past("events", 14)), ratio(life("social_events"), life("events"))
        ),
        dimension="social",
        unit="ratio",
        says="the social share of the last 14 days is {value:.1f} times the usual one",
        says_missing="nothing social so far",
    ),
    *(
        Feature(
            name=f"received_{days}d",
            value=past("received", days),
            dimension="social",
            unit="contacts",
            says=f"contacts received in the last {days} days: {{value:.0f}}, usually {{own:.1f}}",
            actionable=True,
        )
        for days in (7, 30)
    ),
    Feature(
        name="replies_since_login",
        value=fresh("replies"),
        dimension="social",
        unit="contacts",
        says="answers received since the last login: {value:.0f}, usually {own:.1f}",
        says_missing="no earlier login",
        actionable=True,
    ),
    Feature(
        name="received_to_made_30d",
        value=ratio(past("received", 30), past("contacts", 30)),
        dimension="social",
        unit="ratio",
        says="received {value:.1f} contacts for each one made in the last 30 days, usually {own:.1f}",
        says_missing="made no contact in the last 30 days",
        actionable=True,
    ),
    Feature(
        name="days_since_received",
        value=since("received"),
        dimension="social",
        unit="days",
        says="heard from nobody for {value:.0f} days, usually {own:.1f}",
        says_missing="has not heard from anybody yet",
        actionable=True,
        goal="hear from somebody{again}",
    ),
    Feature(
        name="received_trend_14d",
        value=ratio(past("received", 14), before("received", 14)),
        dimension="social",
        unit="ratio",
        says="{value:.1f} times the contacts received in the 14 days before",
        says_missing="heard from nobody in the 14 days before the last 14",
        actionable=True,
    ),
    Feature(
        name="new_counterparts_30d",
        value=past("new_counterparts", 30),
        dimension="social",
        unit="people",
        says="people met for the first time in the last 30 days: {value:.0f}, usually {own:.1f}",
        actionable=True,
    ),
    Feature(
        name="ceased_counterparts_share",
        value=ratio(today("ceased_counterparts"), today("regular_counterparts")),
        dimension="social",
        unit="share",
        says="{value:.0%} of the regular contacts have gone silent, usually {own:.0%}",
        says_missing="no regular contact so far",
        actionable=True,
        goal="meet again some of those who went silent: {target} silent instead of {now}",
    ),
)
