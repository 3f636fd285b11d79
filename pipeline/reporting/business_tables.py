"""The tables of the figures of the business, as text.

Promise: a figure that is not known is a dash with its reason, never a zero.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.reporting.tables import NOTHING

_FORMS = {"users": "{:,.0f}", "number": "{:,.2f}", "share": "{:.1%}", "money": "{:,.2f}", "points": "{:.0f}"}
_MOST_ALARMS = 12
ALARMS = {
    "level": "far from the 6 periods before",
    "slow_fall": "worse three times in a row",
    "norm": "worse than the norm",
}
_WHOLE_NUMBERS = ("orders",)
_SHORT = ("arpc", "cac", "clv", "mrr", "nps")
"""Written in capital letters."""


def business_tables(report: Mapping[str, Any]) -> dict[str, Any]:
    """`period` and `before` (the last two whole periods; None where there are none), `lines`, and `alarms`.

    A line has the name of a figure, what it is, its value and interval, n, its value in the period before, its alarm.
    `report`: `reports/business.json`.
    """
    own = [row for row in report["figures"] if row["grain"] == report["period"]]
    whole = list(dict.fromkeys(row["period"] for row in own if not row["partial"]))
    period, before = ([*[None, None], *whole][-1], [*[None, None], *whole][-2])
    of = {(row["period"], row["kpi"]): row for row in own}
    listed = [row for row in report["figures"] if row["grain"] == "list"]
    lines = [
        _line(name, kpi, of.get((period, name)), of.get((before, name)))
        for name, kpi in report["kpis"].items()
    ]
    alarms = list(reversed(report["alarms"]))[:_MOST_ALARMS]
    return {
        "period": period,
        "before": before,
        "provisional": any(row["provisional"] for row in own if row["period"] == period),
        "currency": report["currency"],
        "customer": report["customer"],
        "movements_of": report["movements_of"],
        "lines": [line for line in lines if line is not None],
        "missing": _missing(report["kpis"], period, of),
        "alarms": [_alarm(row, report["kpis"]) for row in alarms],
        "alarm_count": len(report["alarms"]),
        "ahead": [{"kpi": _named(row["kpi"]), **_cells(row)} for row in listed if row["value"] is not None],
    }


def _line(
    name: str, kpi: Mapping[str, Any], row: Mapping[str, Any] | None, before: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    if row is None or (row["value"] is None and row["low"] is None):
        return None
    earlier = _said(name, kpi["unit"], None if before is None else before["value"])
    alarm = None if row["alarm"] is None else "; ".join(ALARMS[part] for part in row["alarm"].split(", "))
    return {
        "kpi": _named(name),
        "is": kpi["is"],
        "before": earlier,
        "norm": None if kpi["norm"] is None else _said(name, kpi["unit"], kpi["norm"]),
        "alarm": alarm,
        **_cells(row),
    }


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    name, unit = row["kpi"], row["unit"]
    low, high = (_said(name, unit, row[end]) for end in ("low", "high"))
    interval = "" if row["low"] is None else f"{low} or more" if row["high"] is None else f"{low} to {high}"
    return {"value": _said(name, unit, row["value"]), "interval": interval, "n": f"{row['n'] or 0:,}"}


def _named(kpi: str) -> str:
    """The name of a figure for people: `gross_mrr_churn` is "gross MRR churn"."""
    return " ".join(word.upper() if word in _SHORT else word for word in kpi.split("_"))


def _said(name: str, unit: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    return ("{:,.0f}" if name in _WHOLE_NUMBERS else _FORMS[unit]).format(value)


def _missing(
    kpis: Mapping[str, Any], period: str | None, of: Mapping[tuple[Any, str], Mapping[str, Any]]
) -> Sequence[dict[str, str]]:
    """The reasons for which figures of the period are missing, each with the names of its figures."""
    reasons: dict[str, list[str]] = {}
    for name in kpis:
        row = of.get((period, name))
        if row is not None and row["because"] is not None:
            reasons.setdefault(row["because"], []).append(_named(name))
    return [{"because": because, "kpis": ", ".join(names)} for because, names in reasons.items()]


def _alarm(row: Mapping[str, Any], kpis: Mapping[str, Any]) -> dict[str, str]:
    kpi = kpis[row["kpi"]]
    value, low, high = (_said(row["kpi"], kpi["unit"], row[end]) for end in ("value", "low", "high"))
    return {
        "period": row["period"],
        "kpi": _named(row["kpi"]),
        "says": f"{value} ({low} to {high})",
        "alarm": "; ".join(ALARMS[part] for part in row["alarm"].split(", ")),
    }
