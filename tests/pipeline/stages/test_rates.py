"""The stage writes the rates in use, and says where they come from."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.config.sections import Rates
from pipeline.stages.rates import run


def test_the_rates_in_use_are_written_in_one_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, table = tmp_path / "rates.csv", tmp_path / "out/rates.parquet"
    source.write_text("date,currency,rate\n2024-01-05,usd,1.09\n2024-01-06,USD,1.1\n", "utf-8")
    run(Rates(path=str(source), base="EUR", max_age_days=10), table)
    assert pl.read_parquet(table).rows() == [
        (date(2024, 1, 5), "USD", 1.09, datetime(2024, 1, 6, tzinfo=UTC)),
        (date(2024, 1, 6), "USD", 1.1, datetime(2024, 1, 7, tzinfo=UTC)),
    ]
    assert capsys.readouterr().err == f"rates: 2 rates of 2024-01-05 to 2024-01-06 from {source}\n"
