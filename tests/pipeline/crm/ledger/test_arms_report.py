"""The arms of a list in plain words."""

import polars as pl
import pytest

from pipeline.crm.ledger.arms_report import arms_report


def new(contacts: int, held: int) -> pl.DataFrame:
    size = contacts + held
    return pl.DataFrame(
        {
            "arm": ["contact"] * contacts + ["holdout"] * held,
            "churn_probability": [0.2 + 0.3 * (number % 7) / 7 for number in range(size)],
            "expected_revenue": [float(number % 5) for number in range(size)],
            "login_number": [1 + number % 11 for number in range(size)],
        },
        schema_overrides={
            "churn_probability": pl.Float64,
            "expected_revenue": pl.Float64,
            "login_number": pl.Int32,
        },
    )


@pytest.mark.parametrize(
    ("contacts", "held", "says"),
    [
        (
            900,
            100,
            "with 100 held out, an effect below 14 points cannot be seen on this list alone; 2 points need",
        ),
        (990, 10, "the arms are not what was drawn: 10 of 1,000 are held out"),
        (4, 0, "one of the arms is empty"),
        (0, 0, "no episode begins with this list"),
    ],
)
def test_the_report_says_what_the_arms_can_show(contacts: int, held: int, says: str) -> None:
    report = arms_report(new(contacts, held), 0.1)
    assert report["says"].startswith(says)
    assert (report["contact"], report["holdout"]) == (contacts, held)
