"""Quadrants of risk and value, and the lead score."""

import polars as pl
import pytest

from pipeline.crm.standing import with_standing


def listed(*users: tuple[str, float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        users,
        schema={"risk_band": pl.String, "expected_revenue": pl.Float64, "expected_profit": pl.Float64},
        orient="row",
    )


def test_a_user_stands_in_the_quadrant_of_risk_and_of_value_against_the_median_payer() -> None:
    """Payers expect 10, 20 and 30: the median is 20, and whoever pays nothing does not lower it."""
    made = with_standing(
        listed(
            ("high", 30, 1), ("low", 20, 1), ("low", 10, 1), ("medium", 0, 1), ("medium", 0, 1), ("low", 0, 1)
        )
    )
    assert made["quadrant"].to_list() == ["save_now", "keep_warm", "nurture", "let_go", "let_go", "nurture"]


def test_the_lead_score_is_the_middle_percentile_of_the_expected_profit() -> None:
    made = with_standing(listed(("low", 1, 5.0), ("low", 1, -1.0), ("low", 1, 2.0), ("low", 1, 2.0)))
    assert made["lead_score"].to_list() == pytest.approx([87.5, 12.5, 50.0, 50.0])


def test_without_amounts_neither_is_known_and_without_payers_nobody_is_worth_much() -> None:
    unknown = with_standing(listed(("high", None, None), ("low", None, None)))
    assert unknown.select("quadrant", "lead_score").null_count().row(0) == (2, 2)
    assert with_standing(listed(("high", 0.0, -1.0)))["quadrant"].to_list() == ["let_go"]
    assert with_standing(listed()).height == 0
