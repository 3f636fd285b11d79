"""Past lists are compared with what happened to users whom nobody treated."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.effect.predictions import list_quality, untreated
from models.metrics.bootstrap import Bootstrap

FEW = Bootstrap(20, 1)


def rows_of_a_list(users: int = 6_000, seed: int = 1) -> pl.DataFrame:
    """A calibrated list: the riskiest third is chosen, a fifth of it held out; a contact keeps everybody."""
    rng = np.random.default_rng(seed)
    probability = rng.random(users)
    chosen = probability > 2 / 3
    held = chosen & (rng.random(users) < 0.2)
    churned = (rng.random(users) < probability) & ~(chosen & ~held)
    return pl.DataFrame(
        {
            "user_id": [f"u{number}" for number in range(users)],
            "churn_probability": probability,
            "action": np.where(held, "holdout", np.where(chosen, "contact", "watch")),
            "arm": pl.Series(np.where(held, "holdout", "contact")).zip_with(
                pl.Series(chosen), pl.Series([None] * users, dtype=pl.String)
            ),
            "episode": pl.Series([date(2024, 3, 1)] * users).zip_with(
                pl.Series(chosen), pl.Series([None] * users, dtype=pl.Date)
            ),
            "holdout_share": 0.2,
            "churned": churned,
            "came_back": churned & (rng.random(users) < 0.3),
            "risk_band": np.where(probability > 0.5, "high", "low"),
            "play": "one_step",
            "style": pl.Series([None] * users, dtype=pl.String),
            "cause": "COMES_LESS",
            "population": "veteran",
        }
    )


def test_the_held_out_stand_for_all_who_were_chosen() -> None:
    rows = rows_of_a_list()
    found = list_quality(rows, 2_000, FEW)
    assert found is not None
    assert found.quality.stand_for == pytest.approx(rows.height, rel=0.03)
    assert found.quality.observed == pytest.approx(0.5, abs=0.03)
    assert found.quality.predicted == pytest.approx(found.quality.observed, abs=0.03)
    assert found.quality.auc == pytest.approx(found.quality.expected_auc, abs=0.03)


def test_contacted_users_would_make_a_good_list_look_wrong() -> None:
    rows = rows_of_a_list()
    assert rows["churned"].cast(pl.Float64).to_numpy().mean() < 0.35
    assert untreated(rows)["arm"].drop_nulls().unique().to_list() == ["holdout"]


def test_who_has_a_duty_or_cools_down_after_a_contact_does_not_count() -> None:
    begun = date(2024, 3, 1)
    rows = pl.DataFrame(
        {
            "user_id": ["duty", "cools_down", "opted_out", "held_out"],
            "action": ["contact", "excluded", "excluded", "holdout"],
            "arm": [None, None, None, "holdout"],
            "episode": [None, begun, None, begun],
            "holdout_share": 0.2,
        }
    )
    assert untreated(rows).select("user_id", "weight").rows() == [("opted_out", 1.0), ("held_out", 5.0)]


def test_at_the_size_of_the_list_the_precision_is_that_of_its_riskiest_users() -> None:
    found = list_quality(rows_of_a_list(), 2_000, FEW)
    assert found is not None
    assert found.at_size.precision == pytest.approx(5 / 6, abs=0.03)
    assert found.at_size.recall == pytest.approx(5 / 9, abs=0.03)
    assert found.at_size.lift == pytest.approx(5 / 3, abs=0.1)


def test_intervals_hold_the_figures_and_a_calibrated_list_has_no_calibration_error() -> None:
    rows = rows_of_a_list()
    found = list_quality(rows, 2_000, Bootstrap(60, 1))
    assert found is not None
    for name, value in (
        ("observed", found.quality.observed), ("auc", found.quality.auc), ("precision", found.at_size.precision),
        ("recall", found.at_size.recall), ("lift", found.at_size.lift),
    ):  # fmt: skip
        interval = found.intervals[name]
        assert interval.value == pytest.approx(value)
        assert interval.low < interval.value < interval.high  # type: ignore[operator]
    assert found.intervals["calibration_error"].low == 0.0
    off = rows.with_columns(pl.col("churn_probability") ** 0.5)
    wrong = list_quality(off, 2_000, Bootstrap(60, 1))
    assert wrong is not None
    assert wrong.intervals["calibration_error"].low > 0.1  # type: ignore[operator]


def test_many_who_came_back_put_the_definition_in_question() -> None:
    rows = rows_of_a_list()
    found, sure = (
        list_quality(rows, 2_000, FEW),
        list_quality(rows.with_columns(came_back=pl.lit(value=False)), 2_000, FEW),
    )
    assert found is not None
    assert sure is not None
    assert found.came_back == pytest.approx(0.3, abs=0.03)
    assert "declared too early" in str(found.definition)
    assert (sure.came_back, sure.definition) == (0.0, None)


def test_slices_hold_the_users_whose_value_is_known() -> None:
    found = list_quality(rows_of_a_list(), 2_000, FEW)
    assert found is not None
    assert found.slices["style"] == {}
    assert found.slices["risk_band"]["high"].observed > found.slices["risk_band"]["low"].observed


def test_a_list_that_contacted_everybody_has_no_quality() -> None:
    assert list_quality(rows_of_a_list().filter(pl.col("action") == "contact"), 10, FEW) is None
