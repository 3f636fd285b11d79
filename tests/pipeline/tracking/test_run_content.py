"""What a run of MLflow holds: the figures of the business."""

from datetime import date
from pathlib import Path

import polars as pl

from models.business.figures import FIGURES
from pipeline.tracking.run_content import business_tables, headline_figures


def figure(
    period: str, last_day: date, value: float | None, grain: str = "month", *, partial: bool = False
) -> pl.DataFrame:
    known = {
        "period": period,
        "kpi": "churn_rate",
        "value": value,
        "grain": grain,
        "last_day": last_day,
        "partial": partial,
    }
    return pl.DataFrame([known], schema=FIGURES)


def test_headlines_are_of_the_last_whole_month() -> None:
    january, march = date(2024, 1, 31), date(2024, 3, 3)
    figures = pl.concat(
        [
            figure("2024-01", january, 0.1),
            figure("2024-02", date(2024, 2, 29), 0.2),
            figure("2024-03", march, 0.3, partial=True),
            figure("2024-W09", march, 0.4, "week"),
        ]
    )
    assert headline_figures(figures) == {"business.churn_rate": 0.2}
    assert headline_figures(figures.filter(pl.col("grain") == "week")) == {"business.churn_rate": 0.4}
    assert headline_figures(figure("2024-01", january, None)) == {}
    assert headline_figures(figures.head(0)) == {}


def test_tables_have_days_as_texts(tmp_path: Path) -> None:
    for name in ("cohorts", "fade"):
        (tmp_path / f"{name}.csv").write_text("a,b\n1,2\n", "utf-8")
    tables = business_tables(
        figure("2024-01", date(2024, 1, 31), 0.1), tmp_path / "cohorts.csv", tmp_path / "fade.csv"
    )
    assert tables["business/figures.json"]["last_day"].tolist() == ["2024-01-31"]
    assert set(tables) == {"business/figures.json", "business/cohorts.json", "business/fade.json"}
