"""The tables of the value model's quality, with 95 % intervals, as text.

Promise: a value that was not measured is a dash, never a zero.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.reporting.quality_tables import Cell, with_interval
from pipeline.reporting.tables import NOTHING

MODEL = "model"
_HEAD = {
    "deviance": "Tweedie deviance",
    "gini": "Gini of the order",
    "predicted": "expected revenue",
    "actual": "revenue",
    "ratio": "expected / revenue",
}
_NEW = "first 30 days"


def value_tables(section: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of `value` of metrics.json.

    Without test rows: `facts` alone, which say why. Otherwise `head` and `lines` (the model and each other method, on
    all test rows), and `methods` and `groups`: the revenue of each band of login numbers and of users in their first
    30 days, with the ratio of each method.
    """
    facts = {name: section.get(name) for name in ("method", "horizon_days", "judged_days", "note", "because")}
    if "by_band" not in section:
        return {"facts": facts}
    parts = {MODEL: section, **section["baselines"], **section["others"]}
    named = {name.replace("_", " "): part for name, part in parts.items()}
    return {
        "facts": facts,
        "rows": f"{section['rows']:,}",
        "users": f"{section['users']:,}",
        "head": _HEAD,
        "lines": {name: _line(part) for name, part in named.items()},
        "methods": list(named),
        "groups": _groups(section, named),
    }


def _line(part: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        "deviance": with_interval(part["deviance"], "{:.3f}"),
        "gini": with_interval(part["gini"], "{:.3f}"),
        "predicted": (f"{part['total_predicted']:,.0f}", ""),
        "actual": (f"{part['total_actual']:,.0f}", ""),
        "ratio": with_interval(part["ratio"], "{:.2f}"),
    }


def _groups(section: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    of_methods = {
        name: {**{part["band"]: part for part in of["by_band"]}, _NEW: of["first_30_days"]}
        for name, of in named.items()
    }
    groups = {**{part["band"]: part for part in section["by_band"]}, _NEW: section["first_30_days"]}
    return [
        {
            "group": group if group == _NEW else f"login {group}",
            "rows": f"{part['rows']:,}",
            "users": f"{part['users']:,}",
            "actual": f"{part['actual']:,.0f}",
            "ratios": [_ratio(of[group]) for of in of_methods.values()],
        }
        for group, part in groups.items()
        if part["rows"]
    ]


def _ratio(part: Mapping[str, Any]) -> Cell:
    if part["ratio"] is None:
        return (NOTHING, "")
    return with_interval({"value": part["ratio"], "low": part["low"], "high": part["high"]}, "{:.2f}")
