"""The figures of lists: predicted against observed churn, and the quality from minutes to silent days."""

from typing import Any

from pipeline.reporting.charts.lists import list_figures
from pipeline.reporting.charts.style import Figure, svg_of


def part(auc: float | None, error: float | None = 0.01) -> dict[str, Any]:
    return {
        name: {"value": value, "low": value, "high": value}
        for name, value in (("auc", auc), ("calibration_error", error))
    }


def metrics(
    silence: dict[str, Any], within_day: dict[str, Any], *groups: tuple[str, int, float, float]
) -> Any:
    names = ("group", "rows", "predicted", "observed")
    by_silent_days = [dict(zip(names, group, strict=True)) for group in groups]
    return {
        "list": {"by_silent_days": by_silent_days} if groups else {"because": "no lists"},
        "earliness": {"silence": silence, "within_day": within_day},
    }


def title_of(figure: Figure) -> str:
    title: str = figure.to_dict()["title"]["text"]
    return title


def drawn(figure: Figure) -> list[dict[str, Any]]:
    return [row for rows in figure.to_dict()["datasets"].values() for row in rows]


def test_predicted_and_observed_are_drawn_by_silent_days_and_the_title_tells_the_mean_difference() -> None:
    figure = list_figures(metrics({}, {}, ("0_days", 300, 0.1, 0.12), ("5_to_6_days", 100, 0.5, 0.42)))[
        "list_calibration"
    ]
    assert title_of(figure) == "Predicted and observed churn differ by 3.5 points on average"
    assert [row["group"] for row in drawn(figure)] == ["0", "5 to 6"]
    assert svg_of(figure).startswith("<svg")


def test_the_curve_goes_from_minutes_to_silent_days_with_the_calibration_error_at_each_point() -> None:
    silence = {"0_days": part(0.8, 0.0), "1_days": part(0.75, None), "2_to_3_days": part(None)}
    within = {"5_minutes": part(0.7), "1_hour": part(0.72), "end_of_day": part(0.74), "not_yet_logins": 3}
    figure = list_figures(metrics(silence, within))["earliness"]
    assert title_of(figure) == (
        "AUC by the time of the score: 0.700 (5 minutes), 0.720 (1 hour), 0.740 (end of the day); "
        "after silence 0.750 to 0.800"
    )
    rows = drawn(figure)
    moments = ["5 minutes", "1 hour", "end of the day", "0 silent days"]
    assert [row["moment"] for row in rows if row["quality"] == "auc"] == [*moments, "1 silent day"]
    assert [row["moment"] for row in rows if row["quality"] == "calibration_error"] == [
        *moments, "2 to 3 silent days",
    ]  # fmt: skip
    assert svg_of(figure).startswith("<svg")


def test_without_scores_within_the_day_or_without_lists_the_rest_is_drawn() -> None:
    because = {"because": "events have no time of day"}
    assert title_of(list_figures(metrics({"0_days": part(0.8)}, because))["earliness"]) == (
        "AUC by the time of the score: after silence 0.800 to 0.800"
    )
    assert title_of(list_figures(metrics({}, {"1_hour": part(0.7)}))["earliness"]).endswith("0.700 (1 hour)")
    assert list_figures(metrics({}, because)) == {}
    assert list_figures(metrics({"0_days": part(None, None)}, because)) == {}
