"""The circumstances of the user: the calendar, the value of the user's currency, and the state of the whole service."""

from features.aggregation.service import RETURN_DAYS
from features.define import Feature, external, login_day
from features.external.price_changes import CURRENCY_WINDOWS

_NOTICED = 1.05
"""Prices that rose by less move with every exchange rate, and are no reason to leave."""

CONTEXT = (
    Feature(
        name="weekday",
        value=login_day().dt.weekday(),
        dimension="context",
        form="number",
        worse="either",
        cause="CALENDAR",
        unit="1 Monday to 7 Sunday",
        moves=True,
        says="the day is a {value:weekday}",
    ),
    Feature(
        name="holiday",
        value=external("holiday"),
        dimension="context",
        form="flag",
        worse="either",
        cause="CALENDAR",
        unit="0 or 1",
        moves=True,
        says="the day is a public holiday in the user's country",
        says_not="the day is no public holiday in the user's country",
        says_missing="the user's country is not known",
    ),
    Feature(
        name="days_to_holiday",
        value=external("days_to_holiday"),
        dimension="context",
        form="days_to",
        worse="either",
        cause="CALENDAR",
        unit="days",
        moves=True,
        says="the next public holiday is in {value:.0f} days",
        says_missing="the user's country is not known",
    ),
    Feature(
        name="days_since_holiday",
        value=external("days_since_holiday"),
        dimension="context",
        form="days_since",
        worse="either",
        cause="CALENDAR",
        unit="days",
        moves=True,
        says="the last public holiday was {value:.0f} days ago",
        says_missing="the user's country is not known",
    ),
    *(
        Feature(
            name=f"currency_price_change_{days}d",
            value=external(f"currency_price_change_{days}d"),
            dimension="context",
            form="ratio",
            worse="high",
            cause="PRICES_ROSE",
            unit="ratio",
            moves=True,
            says=f"prices in the user's currency are {{value:higher|lower}} than {days} days before",
            says_missing="no exchange rate for the user's currency",
            stands_out_above=_NOTICED,
        )
        for days in CURRENCY_WINDOWS
    ),
)

SERVICE = (
    Feature(
        name="service_active_to_weekday",
        value=external("service_active_to_weekday"),
        dimension="context",
        form="ratio",
        worse="low",
        cause="SERVICE_FADES",
        unit="ratio",
        moves=True,
        says="{value:more|fewer} users came on the day than on the same weekday of the four weeks before",
        says_missing="the log is younger than four weeks",
    ),
    Feature(
        name="service_active_trend",
        value=external("service_active_trend"),
        dimension="context",
        form="ratio",
        worse="low",
        cause="SERVICE_FADES",
        unit="ratio",
        moves=True,
        says="the last week of the whole service was {value:busier|quieter} than its last four weeks",
        says_missing="the log is younger than four weeks",
    ),
    Feature(
        name="service_newcomer_share",
        value=external("service_newcomer_share"),
        dimension="context",
        form="share",
        worse="either",
        cause="SERVICE_FADES",
        unit="share",
        moves=True,
        says="{value:.0%} of all users' logins of the last four weeks were first logins",
    ),
    *(
        Feature(
            name=f"service_return_rate_{days}d",
            value=external(f"service_return_rate_{days}d"),
            dimension="context",
            form="share",
            worse="low",
            cause="SERVICE_FADES",
            unit="share",
            moves=True,
            says=f"{{value:.0%}} of all users' latest logins were followed by another within {days} days",
            says_missing=f"the log is younger than {days} days",
        )
        for days in RETURN_DAYS
    ),
)
