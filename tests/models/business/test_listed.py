"""What the list says of the days ahead."""

from datetime import date

import polars as pl
import pytest

from models.business.figures import FIGURES
from models.business.listed import listed_figures


def test_probabilities_and_values_at_risk_are_added_up() -> None:
    listed = pl.DataFrame({"churn_probability": [0.5, 0.25], "value_at_risk": [10.0, 2.0]})
    table = listed_figures(listed, date(2024, 3, 1), 50, 1)
    assert table.schema == FIGURES
    assert table["value"].to_list() == pytest.approx([0.75, 12.0])
    assert table["provisional"].all()


def test_a_list_without_values_says_why_there_are_none() -> None:
    listed = pl.DataFrame({"churn_probability": [0.5], "value_at_risk": pl.Series([None], dtype=pl.Float64)})
    rows = listed_figures(listed, date(2024, 3, 1), 50, 1).to_dicts()
    assert rows[1]["value"] is None
    assert rows[1]["because"] == "the log has no amounts, so no revenue is expected"
    empty = listed_figures(listed.head(0), date(2024, 3, 1), 50, 1)
    assert set(empty["because"]) == {"nobody is on the list"}
