"""The figure of effects is grey where there is no verdict."""

from typing import Any

from pipeline.reporting.charts.past_lists import effect_rows, past_list_figures

EFFECT = {"value": 0.1, "low": 0.05, "high": 0.15}


def made(verdict: str, group: str | None) -> dict[str, Any]:
    groups = [{"dimension": "risk_band", "group": "high", "shrunk": EFFECT, "verdict": {"says": group}}]
    return {
        "churn": {"effect": EFFECT, "verdict": verdict},
        "groups": groups if group else [],
        "predictions": {"lists": {}},
    }


def test_a_group_without_a_verdict_is_not_yet() -> None:
    rows = effect_rows(made("contact keeps users", "not yet"))
    assert [(row["group"], row["says"]) for row in rows] == [
        ("all episodes", "verdict"),
        ("risk band: high", "not yet"),
    ]


def test_the_title_states_the_effect() -> None:
    figure = past_list_figures(made("not yet", None))["effects"].to_dict()
    assert figure["title"]["text"] == "Not yet: 10.0 points less churn (5.0 to 15.0)"


def test_without_effect_and_lists_there_is_no_figure() -> None:
    assert past_list_figures({"churn": None, "groups": [], "predictions": {"lists": {}}}) == {}
