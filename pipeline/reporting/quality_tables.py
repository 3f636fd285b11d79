"""The tables of a model's quality, with 95 % intervals, as text: of lists and of logins.

Promise: a value that was not measured is a dash, never a zero.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from models.targeting.risk import BANDS
from pipeline.reporting.moments import silence
from pipeline.reporting.tables import NOTHING, number_of

Cell = tuple[str, str]
"""A value and its interval; the interval of a count is empty."""

NOT_MEASURED: Cell = (NOTHING, "")
QUALITIES = {
    "auc": ("AUC", "{:.3f}"),
    "average_precision": ("average precision", "{:.3f}"),
    "log_loss": ("log loss", "{:.3f}"),
    "brier": ("Brier score", "{:.3f}"),
    "calibration_error": ("calibration error", "{:.3f}"),
    "lift_at_10pct": ("lift among the 10 % most at risk", "{:.2f}"),
    "lift_at_5pct": ("among the 5 %", "{:.2f}"),
    "lift_at_20pct": ("among the 20 %", "{:.2f}"),
    "ks": ("Kolmogorov-Smirnov", "{:.3f}"),
    "base_rate": ("share that churned", "{:.1%}"),
    "rows": ("rows", "{:,}"),
    "users": ("users", "{:,}"),
}
"""Name in metrics.json: its label, and the format of its values."""
OF_BASELINES = ("auc", "average_precision", "log_loss", "calibration_error", "lift_at_10pct")
OF_SLICES = ("rows", "base_rate", "auc", "calibration_error")
_PARTS = {"silent": "silent users", "came_today": "users who came on the list's day"}
_GAINS = ("auc", "log_loss")
_FORMS = {name: form for name, (_, form) in QUALITIES.items()}
_SIGNED = {"auc": "{:+.3f}", "log_loss": "{:+.3f}", "base_rate": "{:+.1%}"}


def quality_table(
    parts: Mapping[str, Mapping[str, Any]], names: Sequence[str] = tuple(QUALITIES)
) -> dict[str, dict[str, Cell]]:
    """Part and quality to its cell; qualities that a part does not have are left out."""
    return {
        part.replace("_", " "): {
            name: with_interval(measured[name], _FORMS[name]) for name in names if name in measured
        }
        for part, measured in parts.items()
    }


def list_tables(section: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of the list's quality; `section`: `list` of metrics.json.

    Without a list whose outcome is known: `because` alone. Otherwise `lists`, `first_day`, `last_day`, `qualities` (of
    all listed users, of the silent ones and of the others), `baselines` with the model's gain over each, and predicted
    against observed churn `by_silent_days` and `by_band`. Of the results at `capacity` and the `expected` figures, what
    was not measured is None.
    """
    if "because" in section:
        return {"because": section["because"]}
    of_all = quality_table({"all listed users": section})
    parts = {says: section[name] for name, says in _PARTS.items() if name in section}
    return {
        **{name: section[name] for name in ("lists", "first_day", "last_day")},
        "qualities": of_all | quality_table(parts),
        "baselines": _baselines(section),
        "by_silent_days": _against(
            [group | {"group": silence(group["group"])} for group in section["by_silent_days"]]
        ),
        "by_band": _against(sorted(section["by_band"], key=lambda group: BANDS.index(group["group"]))),
        "capacity": _capacity(section.get("capacity")),
        "expected": _expected(section.get("expected", {})),
    }


def with_interval(quality: Any, form: str) -> Cell:
    """`quality`, a value with `low` and `high` or a number, as text."""
    value = number_of(quality)
    if value is None:
        return NOT_MEASURED
    low, high = (
        (quality.get(end) for end in ("low", "high")) if isinstance(quality, Mapping) else (None, None)
    )
    if low is None or high is None or low == high:
        return form.format(value), ""
    return form.format(value), f"{form.format(low)} to {form.format(high)}"


def _baselines(section: Mapping[str, Any]) -> dict[str, Any]:
    """Model and baselines on the same rows: qualities, and how much better the model is."""
    measured = quality_table({"model": section, **section["baselines"]}, OF_BASELINES)
    gains = {name.replace("_", " "): gain for name, gain in section.get("gains", {}).items()}
    heads = {f"{name}_gain": f"gain of the model in {QUALITIES[name][0]}" for name in _GAINS}
    lines = {
        who: cells
        | {
            f"{name}_gain": with_interval(gains[who][name], _SIGNED[name])
            for name in _GAINS
            if name in gains.get(who, {})
        }
        for who, cells in measured.items()
    }
    return {"head": {name: QUALITIES[name][0] for name in OF_BASELINES} | heads, "lines": lines}


def _against(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Predicted against observed churn of each group, with the difference in points of probability."""
    return [
        {
            "group": group["group"],
            "rows": f"{group['rows']:,}",
            "predicted": f"{group['predicted']:.1%}",
            "observed": f"{group['observed']:.1%}",
            "difference": f"{100 * (group['observed'] - group['predicted']):+.1f}",
        }
        for group in groups
    ]


def _capacity(measured: Mapping[str, Any] | None) -> dict[str, Cell] | None:
    if measured is None:
        return None
    forms = {"contacted": "{:,.0f}", "precision": "{:.1%}", "recall": "{:.1%}", "lift": "{:.2f}"}
    return {name: with_interval(measured.get(name), form) for name, form in forms.items()}


def _expected(measured: Mapping[str, Any]) -> dict[str, dict[str, Cell]] | None:
    """Measure to its expected and observed value and their difference."""
    return {
        QUALITIES[name][0]: {
            part: with_interval(figure, (_SIGNED if part == "difference" else _FORMS)[name])
            for part, figure in parts.items()
        }
        for name, parts in measured.items()
    } or None
