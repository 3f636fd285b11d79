"""`reports/business.json` and the tables beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from models.business.cohorts import ALL
from models.business.kpis import KPIS
from pipeline.business.sources import Sources
from pipeline.business.whole import Figures
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.files import write_json
from pipeline.storage.frames import write_parquet

_DIGITS = 6


def write_figures(
    made: Figures, sources: Sources, *, report: Path, table: Path, rows: Path, cohorts: Path, fade: Path
) -> None:
    """Write the report, the figures as CSV (`table`) and Parquet (`rows`), the cohorts and the fade curve as CSV."""
    write_json(as_json(made, sources), report)
    write_csv(made.figures, table, _DIGITS)
    write_parquet(made.figures, rows)
    write_csv(made.cohorts, cohorts, _DIGITS)
    write_csv(made.fade, fade, _DIGITS)


def as_json(made: Figures, sources: Sources) -> dict[str, Any]:
    """The report: what the figures are, what each is compared with, the alarms, and all rows."""
    settings = sources.settings
    figures = made.figures
    told = figures.filter(pl.col("alarm").is_not_null())
    return {
        "as_of": sources.log_end.isoformat(),
        "log_start": sources.facts.log_start.isoformat(),
        "period": settings.period,
        "currency": sources.currency,
        "customer": _customer(sources),
        "movements_of": made.movements,
        "kpis": {
            kpi.name: {
                "is": kpi.says,
                "unit": kpi.unit,
                "better": kpi.better,
                **_compared(kpi.name, settings.norms),
            }
            for kpi in KPIS
        },
        "alarms": _rows(told.select("period", "kpi", "value", "low", "high", "n", "alarm")),
        "figures": _rows(figures),
        "cohorts": _rows(made.cohorts.filter(pl.col("by") == ALL)),
        "fade": _rows(made.fade),
    }


def _customer(sources: Sources) -> str:
    """Who is a customer at the end of a day, as a sentence."""
    if sources.churn.kind == "cancel":
        return "A customer at the end of a day is a user whose subscription runs."
    days = f"{sources.churn.horizon_days} days"
    if sources.churn.kind == "personal":
        personal = sources.churn.personal
        days = f"a time that depends on the user, {personal.least_days} to {personal.most_days} days"
    elif sources.churn.newcomers.exist:
        days += f" ({sources.churn.newcomers.horizon_days} for newcomers)"
    return f"A customer at the end of a day is a user whose last login lies within {days} up to it."


def _compared(name: str, norms: Mapping[str, float]) -> dict[str, Any]:
    if name in norms:
        return {"norm": norms[name], "compared_with": f"business.norms.{name}, and its own 6 periods before"}
    return {"norm": None, "compared_with": "its own 6 periods before, as params.yaml has no norm for it"}


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    return table.with_columns(pl.col(pl.Date).cast(pl.String), pl.col(pl.Float64).round(_DIGITS)).to_dicts()
