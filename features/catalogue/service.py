"""The state of the whole service: the number of users, and the share that returns."""

from features.aggregation.service import RETURN_DAYS
from features.define import Feature, external

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
