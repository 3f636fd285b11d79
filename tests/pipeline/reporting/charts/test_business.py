"""The figures of the business."""

from typing import Any

from pipeline.reporting.charts.business import business_figures
from pipeline.reporting.charts.style import Figure, svg_of


def row(period: str, kpi: str, value: float | None, **changes: Any) -> dict[str, Any]:
    known = {"low": value, "high": value, "n": 500, "provisional": False, "alarm": None, "because": None,
             "grain": "month", "partial": False, "unit": "share"}  # fmt: skip
    return {"period": period, "kpi": kpi, "value": value, **known, **changes}


def report(**changes: Any) -> dict[str, Any]:
    return {
        "period": "month", "currency": "EUR", "movements_of": "MRR", "figures": [], "cohorts": [], "fade": [], **changes
    }  # fmt: skip


def title_of(figure: Figure) -> str:
    title: str = figure.to_dict()["title"]["text"]
    return title


def drawn(figure: Figure) -> list[dict[str, Any]]:
    return [one for rows in figure.to_dict()["datasets"].values() for one in rows]


def test_a_report_without_figures_has_no_pictures() -> None:
    assert business_figures(report()) == {}


def test_courses_count_their_alarms_and_leave_partial_periods_out() -> None:
    rows = [
        row("2024-01", "churn_rate", 0.05),
        row("2024-02", "churn_rate", 0.09, alarm="level"),
        row("2024-03", "churn_rate", 0.05, provisional=True),
        row("2024-04", "churn_rate", 0.01, partial=True),
    ]
    figure = business_figures(report(figures=rows))["courses"]
    assert title_of(figure) == "1 alarm of these figures in the last 3 months"
    assert {one["period"]: one["state"] for one in drawn(figure)} == {
        "2024-01": "final", "2024-02": "alarm", "2024-03": "open"
    }  # fmt: skip
    assert svg_of(figure).startswith("<svg")


def test_movements_say_by_how_much_the_revenue_moved() -> None:
    rows = [
        row("2024-01", name, value, unit="money") for name, value in (("mrr_new", 50.0), ("mrr_churn", -20.0))
    ]
    assert title_of(business_figures(report(figures=rows))["movements"]) == "MRR moved by +30 EUR in 2024-01"
    other = business_figures(report(figures=rows, movements_of="net revenue of the period"))["movements"]
    assert title_of(other) == "Net revenue moved by +30 EUR in 2024-01"


def test_cohorts_say_who_comes_in_the_next_period() -> None:
    cells = [
        {"cohort": cohort, "age": age, "users": 10, "active": active, "retained": active / 10}
        for cohort, age, active in (
            ("2024-01", 0, 10),
            ("2024-01", 1, 4),
            ("2024-02", 0, 10),
            ("before the log", 1, 9),
        )
    ]
    figure = business_figures(report(cohorts=cells))["cohorts"]
    assert title_of(figure) == "40% come in the month after that of the sign-up"
    assert svg_of(figure) == svg_of(figure)  # no name that counts the pictures of a process


def test_the_fade_curve_compares_the_last_week() -> None:
    rows = [
        {"weeks_before": week, "who": who, "login_days_per_week": days, "low": days, "high": days, "users": 9}
        for who, days in (("lost", 2.0), ("stayed", 3.5))
        for week in (1, 2)
    ]
    figure = business_figures(report(fade=rows))["fade"]
    assert title_of(figure) == "2.0 login days in the last week of the lost, 3.5 of those who stayed"
    assert business_figures(report(fade=rows[:2])) == {}
