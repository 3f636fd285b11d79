"""The spend table: what it says of each period, and what is refused."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from tests.support.business_shop import club, lines, run_business


def figures(folder: Path, spend: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    made = club(folder, lines(30), business__spend="spend.csv", business__before_log_days=0)
    (folder / "spend.csv").write_text(spend, "utf-8")
    table = run_business(made, monkeypatch).filter((pl.col("grain") == "month") & (pl.col("kpi") == "cac"))
    return {row["period"]: row for row in table.to_dicts()}


def test_cac_is_the_spend_of_a_period_by_new_customers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "date,until,amount,currency,channel\n2024-02-01,2024-02-29,290,EUR,ads\n2024-02-20,2024-03-20,300,EUR,tv\n"
    told = figures(tmp_path, rows, monkeypatch)
    table = pl.read_parquet(tmp_path / "reports/business.parquet").filter(pl.col("kpi") == "new")
    new = dict(table.select("period", "value").rows())
    assert told["2024-02"]["value"] == pytest.approx((290 + 100) / new["2024-02"])  # 10 of 30 days of tv
    assert told["2024-03"]["value"] == pytest.approx(200 / new["2024-03"])
    assert told["2024-04"]["value"] is None
    assert told["2024-04"]["because"] == "the spend table has no row for this period"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-02-01,,10,XYZ,ads", "row 2: no rate of currency 'XYZ' to EUR is known on 2024-02-01"),
        ("2024-01-20,,10,EUR,tv", "rows 1 and 2 of channel 'tv' overlap"),
        ("2024-02-01,2024-01-01,10,EUR,tv", "row 2: until lies before date"),
        ("2024-02-01,,-3,EUR,tv", "row 2: the amount is negative"),
        ("2024-02-01,,,EUR,tv", "row 2: there is no amount"),
        ("yesterday,,3,EUR,tv", "row 2: date = 'yesterday' is no date"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, said: str
) -> None:
    spend = f"date,until,amount,currency,channel\n2024-01-01,2024-01-31,10,EUR,tv\n{row}\n"
    with pytest.raises(InputError) as error:
        figures(tmp_path, spend, monkeypatch)
    assert f"spend.csv: {said}" in str(error.value)
