"""The tables of the list's quality say what was measured, and nothing where it was not."""

from typing import Any

import pytest

from pipeline.reporting.moments import silence
from pipeline.reporting.quality_tables import QUALITIES, list_tables, quality_table, with_interval


def quality(value: float | None, spread: float = 0.01) -> dict[str, float | None]:
    ends = (None, None) if value is None else (value - spread, value + spread)
    return dict(zip(("value", "low", "high"), (value, *ends), strict=True))


def qualities(auc: float | None) -> dict[str, Any]:
    return {name: quality(auc) for name in QUALITIES} | {name: quality(90, 0) for name in ("rows", "users")}


def section(**changes: Any) -> dict[str, Any]:
    """`list` of metrics.json, with `changes`."""
    return {
        **qualities(0.9), "lists": 5, "first_day": "2022-02-16", "last_day": "2022-03-16",
        "silent": qualities(0.8), "came_today": qualities(None),
        "baselines": {"rfm_logistic": qualities(0.7)},
        "gains": {"rfm_logistic": {"auc": quality(0.2), "log_loss": quality(-0.05)}},
        "by_silent_days": [
            {"group": "0_days", "rows": 1000, "predicted": 0.1, "observed": 0.08},
            {"group": "5_to_6_days", "rows": 200, "predicted": 0.5, "observed": 0.525},
        ],
        "by_band": [
            {"group": band, "rows": 10, "predicted": 0.5, "observed": 0.5} for band in ("high", "low", "medium")
        ],
    } | changes  # fmt: skip


def test_all_listed_users_silent_ones_and_those_who_came_stand_side_by_side_with_intervals() -> None:
    told = list_tables(section())["qualities"]
    assert {who: part["auc"] for who, part in told.items()} == {
        "all listed users": ("0.900", "0.890 to 0.910"),
        "silent users": ("0.800", "0.790 to 0.810"),
        "users who came on the list's day": ("–", ""),  # noqa: RUF001  # as tables have it
    }
    assert told["silent users"]["rows"] == ("90", "")


def test_a_baseline_has_its_qualities_and_what_the_model_gains_over_it() -> None:
    told = list_tables(section())["baselines"]
    assert list(told["lines"]) == ["model", "rfm logistic"]
    rule = told["lines"]["rfm logistic"]
    assert rule["auc"] == ("0.700", "0.690 to 0.710")
    assert rule["auc_gain"] == ("+0.200", "+0.190 to +0.210")
    assert rule["log_loss_gain"] == ("-0.050", "-0.060 to -0.040")
    assert set(rule) <= set(told["head"])


def test_predicted_stands_against_observed_by_silent_days_in_order_and_by_band_from_low_to_high() -> None:
    told = list_tables(section())
    assert [(row["group"], row["rows"], row["difference"]) for row in told["by_silent_days"]] == [
        ("0 silent days", "1,000", "-2.0"), ("5 to 6 silent days", "200", "+2.5"),
    ]  # fmt: skip
    assert [row["group"] for row in told["by_band"]] == ["low", "medium", "high"]


def test_without_lists_only_the_reason_is_told() -> None:
    assert list_tables({"because": "the log is too short", "lists": 0}) == {"because": "the log is too short"}


@pytest.mark.parametrize(
    ("recall", "said"), [(0.25, ("25.0%", "")), (quality(0.25), ("25.0%", "24.0% to 26.0%"))]
)
def test_what_a_capacity_finds_is_told_if_it_was_measured(recall: Any, said: tuple[str, str]) -> None:
    measured = {"contacted": 2327, "precision": 0.8, "recall": recall, "lift": None}
    told = list_tables(section(capacity=measured))["capacity"]
    assert (told["contacted"], told["recall"], told["lift"][1]) == (("2,327", ""), said, "")
    assert list_tables(section())["capacity"] is None


def test_what_was_expected_of_lists_stands_beside_what_was_observed() -> None:
    parts = {"expected": quality(0.9), "observed": quality(0.88), "difference": quality(-0.02)}
    told = list_tables(section(expected={"auc": parts, "base_rate": parts}))["expected"]
    assert told["AUC"]["difference"] == ("-0.020", "-0.030 to -0.010")
    assert told["share that churned"]["observed"] == ("88.0%", "87.0% to 89.0%")
    assert list_tables(section())["expected"] is None


def test_a_quality_is_a_number_a_value_with_an_interval_or_nothing() -> None:
    assert with_interval(0.5, "{:.2f}") == ("0.50", "")
    assert with_interval(quality(0.5), "{:.2f}") == ("0.50", "0.49 to 0.51")
    assert with_interval(None, "{:.2f}") == with_interval(quality(None), "{:.2f}")
    assert quality_table({"test": {"auc": quality(0.5)}}) == {"test": {"auc": ("0.500", "0.490 to 0.510")}}


def test_silent_days_are_told_in_words() -> None:
    assert [silence(name) for name in ("0_days", "1_days", "10_to_13_days")] == [
        "0 silent days", "1 silent day", "10 to 13 silent days",
    ]  # fmt: skip
