"""The tables of the figures of the business."""

from typing import Any

from pipeline.reporting.business_tables import business_tables
from pipeline.reporting.tables import NOTHING

KPI = {"is": "share lost", "unit": "share", "better": "low", "norm": 0.04, "compared_with": "a norm"}


def row(period: str, kpi: str = "churn_rate", **changes: Any) -> dict[str, Any]:
    known = {"value": 0.05, "low": 0.04, "high": 0.06, "n": 1234, "provisional": False, "alarm": None, "because": None,
             "grain": "month", "partial": False, "unit": "share"}  # fmt: skip
    return {"period": period, "kpi": kpi, **known, **changes}


def report(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    alarms = [one for one in rows if one["alarm"]]
    return {
        "period": "month", "currency": None, "customer": "A user.", "movements_of": None, "figures": list(rows),
        "kpis": {"churn_rate": KPI, "clv": {**KPI, "unit": "money", "norm": None}}, "alarms": alarms, **changes,
    }  # fmt: skip


def test_the_last_whole_period_stands_beside_the_one_before() -> None:
    told = business_tables(
        report(row("2024-01", value=0.03), row("2024-02", alarm="level, norm"), row("2024-03", partial=True))
    )
    assert (told["period"], told["before"]) == ("2024-02", "2024-01")
    line = told["lines"][0]
    assert (line["value"], line["interval"], line["n"], line["before"], line["norm"]) == (
        "5.0%", "4.0% to 6.0%", "1,234", "3.0%", "4.0%"
    )  # fmt: skip
    assert line["alarm"] == "far from the 6 periods before; worse than the norm"
    assert told["alarms"][0]["says"] == "5.0% (4.0% to 6.0%)"


def test_a_figure_with_a_lower_end_only_says_so_and_one_without_any_has_its_reason() -> None:
    bound = row("2024-01", "clv", value=None, low=12.0, high=None, unit="money", because="nobody was lost")
    unknown = row("2024-01", value=None, low=None, high=None, n=None, because="the log begins on 2024-01-01")
    told = business_tables(report(bound, unknown))
    assert [(line["kpi"], line["value"], line["interval"]) for line in told["lines"]] == [
        ("CLV", NOTHING, "12.00 or more")
    ]
    assert {one["because"]: one["kpis"] for one in told["missing"]} == {
        "nobody was lost": "CLV", "the log begins on 2024-01-01": "churn rate"
    }  # fmt: skip


def test_a_log_without_a_whole_period_has_no_lines() -> None:
    told = business_tables(report(row("2024-01", partial=True)))
    assert (told["period"], told["lines"]) == (None, [])
