"""`reports/judge.html`: what past lists were worth, on one page for people.

Promise: the page needs no network, has the same bytes for the same report, and holds no user id.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.reporting.charts.past_lists import past_list_figures
from pipeline.reporting.report_page import embedded
from pipeline.reporting.templates import render

_TEMPLATE = "judge.html.jinja"
_NONE = "-"


def past_lists_page(report: Mapping[str, Any]) -> str:
    """The page in HTML. `report`: the content of `judge.json`."""
    figures = {key: embedded(figure) for key, figure in past_list_figures(report).items()}
    return render(
        _TEMPLATE,
        report=report,
        name=report["log"],
        figures=figures,
        groups=[_group(one) for one in report["groups"]],
        money=_money(report),
        lists=[_list(day, one) for day, one in report["predictions"]["lists"].items() if one is not None],
    )


def points(effect: Mapping[str, float] | None) -> str:
    """An effect on churn in points, with its interval."""
    if effect is None:
        return _NONE
    return f"{100 * effect['value']:.1f} ({100 * effect['low']:.1f} to {100 * effect['high']:.1f})"


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": f"{group['dimension'].replace('_', ' ')}: {group['group']}",
        "contact": group["contact"]["episodes"],
        "holdout": group["holdout"]["episodes"],
        "effect": points(group["effect"]),
        "shrunk": points(group["shrunk"]),
        "p": _p_value(group["adjusted_p"]),
        "verdict": group["too_few"] or group["verdict"]["says"],
    }


def _p_value(value: float | None) -> str:
    if value is None:
        return _NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _money(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    money = report["money"]
    if money is None:
        return []
    costs = money["costs"]
    how = "counted" if costs["offers_known"] else "assumed from the plays"
    return [
        ("revenue kept", _amount(money["revenue"])),
        (f"cost of {costs['contacts']:,} contacts", f"{costs['contact_cost']:,.2f}"),
        (f"cost of {costs['offers_taken']:,.0f} offers, {how}", f"{costs['offer_cost']:,.2f}"),
        ("profit", _amount(money["profit"])),
    ]


def _amount(value: Mapping[str, float]) -> str:
    return f"{value['value']:,.2f} ({value['low']:,.2f} to {value['high']:,.2f})"


def _list(day: str, quality: Mapping[str, Any]) -> dict[str, Any]:
    of = quality["quality"]
    return {
        "day": day,
        "users": f"{of['users']:,}",
        "predicted": f"{of['predicted']:.1%}",
        "observed": _interval(quality["intervals"]["observed"], "{:.1%}"),
        "auc": _interval(quality["intervals"]["auc"], "{:.3f}"),
        "calibration_error": _interval(quality["intervals"]["calibration_error"], "{:.3f}"),
        "expected_auc": _NONE if of["expected_auc"] is None else f"{of['expected_auc']:.3f}",
        "precision": _interval(quality["intervals"]["precision"], "{:.1%}"),
        "recall": _interval(quality["intervals"]["recall"], "{:.1%}"),
    }


def _interval(figure: Mapping[str, float | None], form: str) -> tuple[str, str]:
    """The value, and its interval in words, which stands below it."""
    if figure["value"] is None:
        return _NONE, ""
    value, low, high = (form.format(figure[name]) for name in ("value", "low", "high"))
    return value, f"{low} to {high}"
