"""The report's tables of how a result was evaluated, as text.

Promise: a value that was not measured is a dash, never a zero.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.reporting.moments import WITHIN_DAY, silence

NOTHING = "–"  # noqa: RUF001  # an en dash, as tables have it
_SHARES = ("base_rate", "contacted_share", "precision", "recall", "predicted", "observed", "found_share")
_COUNTS = ("rows", "training_rows", "users")


def robustness_tables(
    metrics: Mapping[str, Any], thresholds: pl.DataFrame, tenths: pl.DataFrame
) -> dict[str, Any]:
    """Head and lines of the tables `origins`, `earliness`, `leaks`, `thresholds`, `tenths` and `decisions`."""
    rolling, early = metrics["rolling"], metrics["earliness"]
    origins = {origin["test"]: origin for origin in rolling["origins"]}
    quality = ("auc", "average_precision", "log_loss")
    spread = {
        f"{which} of {len(origins)}": {name: rolling[name][key] for name in quality}
        for which, key in (("mean", "mean"), ("standard deviation", "sd"))
    }
    moments = {
        **{
            says: early["within_day"][name]
            for name, says in WITHIN_DAY.items()
            if name in early["within_day"]
        },
        **{silence(name): part for name, part in early["silence"].items()},
    }
    ways = {name: part for name, part in metrics["leak_price"].items() if isinstance(part, Mapping)}
    return {
        "origins": _lines(origins | spread, ("rows", "base_rate", *quality)),
        "earliness": _lines(moments, ("rows", "base_rate", *quality, "calibration_error")),
        "leaks": _lines(ways, ("training_rows", "rows", *quality)),
        "thresholds": _frame(thresholds.gather_every(2, 1)),
        "tenths": _frame(tenths),
        "decisions": _decisions(metrics),
    }


def _decisions(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    profit, brier = metrics["profit"], metrics["brier_parts"]
    return [
        ("expected maximum profit of a campaign, per login", f"{profit['profit_per_login']:.2f}"),
        ("for it, share of logins to contact", _cell("contacted_share", profit["contacted_share"])),
        *((f"Brier score: {name}", f"{value:.4f}") for name, value in brier.items()),
    ]


def _lines(parts: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    head = [name.replace("_", " ") for name in names]
    lines = {
        part.replace("_", " "): [_cell(name, number_of(measured.get(name))) for name in names]
        for part, measured in parts.items()
    }
    return {"head": head, "lines": lines}


def _frame(table: pl.DataFrame) -> dict[str, Any]:
    first, *names = table.columns
    lines = {f"{row[first]:g}": [_cell(name, row[name]) for name in names] for row in table.to_dicts()}
    return {"first": first, "head": [name.replace("_", " ") for name in names], "lines": lines}


def number_of(quality: Any) -> float | None:
    """The value of `quality`, which is a number, a value with an interval, or None."""
    value: float | None = quality["value"] if isinstance(quality, Mapping) else quality
    return value


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    if name in _COUNTS:
        return f"{value:,.0f}"
    return f"{value:.1%}" if name in _SHARES else f"{value:.3f}"
