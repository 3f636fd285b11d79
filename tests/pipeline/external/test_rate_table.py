"""Rates of any source take one form, or the run stops with what is wrong."""

import gzip
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.external.rate_table import find_table, read_rates

ECB = "Date,USD,EEK,\n2024-03-31,1.08,N/A,\n2024-03-28,1.07,,\n2024-01-05,1.09,15.6,\n"
LONG = "date,currency,rate\n2024-01-05,usd,1.09\n2024-01-05,GBP,0.86\n"


def rates_of(path: Path, base: str = "EUR") -> pl.DataFrame:
    return read_rates(find_table(path), base)


def test_a_rate_of_the_central_bank_is_known_at_four_in_frankfurt(tmp_path: Path) -> None:
    (tmp_path / "hist.csv").write_text(ECB)
    assert rates_of(tmp_path / "hist.csv").rows() == [
        (date(2024, 1, 5), "EEK", 15.6, datetime(2024, 1, 5, 15, tzinfo=UTC)),
        (date(2024, 1, 5), "USD", 1.09, datetime(2024, 1, 5, 15, tzinfo=UTC)),
        (date(2024, 3, 28), "USD", 1.07, datetime(2024, 3, 28, 15, tzinfo=UTC)),
        (date(2024, 3, 31), "USD", 1.08, datetime(2024, 3, 31, 14, tzinfo=UTC)),  # summer time since that day
    ]


def test_packed_tables_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "hist.csv").write_text(ECB)
    (tmp_path / "hist.csv.gz").write_bytes(gzip.compress(ECB.encode()))
    with zipfile.ZipFile(tmp_path / "hist.zip", "w") as archive:
        archive.writestr("eurofxref-hist.csv", ECB)
    plain, gz, packed = (rates_of(tmp_path / name) for name in ("hist.csv", "hist.csv.gz", "hist.zip"))
    assert plain.equals(gz)
    assert plain.equals(packed)


def test_another_table_is_known_when_its_date_ends_unless_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(LONG)
    assert rates_of(path).rows() == [
        (date(2024, 1, 5), "GBP", 0.86, datetime(2024, 1, 6, tzinfo=UTC)),
        (date(2024, 1, 5), "USD", 1.09, datetime(2024, 1, 6, tzinfo=UTC)),
    ]
    path.write_text("date,currency,rate,known_at\n2024-01-05,USD,1.09,2024-01-05T12:00:00+02:00\n")
    assert rates_of(path)["known_at"].to_list() == [datetime(2024, 1, 5, 10, tzinfo=UTC)]


def test_a_parquet_table_keeps_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"date": [date(2024, 1, 5)], "currency": ["USD"], "rate": [1.09]})
    frame.write_parquet(tmp_path / "rates.parquet")
    assert rates_of(tmp_path / "rates.parquet")["rate"].to_list() == [1.09]


def test_a_folder_with_no_table_means_the_embedded_one(tmp_path: Path) -> None:
    folder = tmp_path / "rates"
    folder.mkdir()
    (folder / "README.md").write_text("none")
    embedded = rates_of(folder)
    assert embedded.columns == ["date", "currency", "rate", "known_at"]
    assert embedded.filter(date=date(2020, 1, 2), currency="USD")["rate"].to_list() == [1.1193]
    (folder / "mine.csv").write_text(LONG)
    assert rates_of(folder).height == 2


def test_two_tables_are_one_too_many(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(LONG)
    with pytest.raises(InputError, match=r"holds several tables of rates: a\.csv, b\.csv"):
        rates_of(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LONG + "2024-01-05,USD,1.10\n", r"USD has two rates on 2024-01-05: 1\.09 and 1\.1"),
        (LONG + "2024-01-06,USD,0\n", r"date 2024-01-06, currency USD: rate = '0' is not a rate"),
        (LONG + "2024-01-06,USD,-1\n", r"rate = '-1' is not a rate"),
        (LONG + "2024-01-06,USD,inf\n", r"rate = 'inf' is not a rate"),
        (LONG + "2024-01-06,USD,nan\n", r"rate = 'nan' is not a rate"),
        (LONG + "2024-01-06,USD,\"1,09\"\n", r"rate = '1,09' is not a rate"),
        (LONG + "06.01.2024,USD,1.09\n", r"date 06\.01\.2024, currency USD"),
        (LONG + "2024-01-06,EUR,1.09\n", r"EUR is worth 1\.09 EUR on 2024-01-06"),
        ("date,currency,rate,known_at\n2024-01-05,USD,1,soon\n", r"row 1: known_at = 'soon' is no time"),
        ("date,currency,rate\n2024-01-05,USD,N/A\n", r"holds no rate"),
        ("currency,rate\nUSD,1\n", r"has no column date, only currency, rate"),
        ("day,price\n1,2\n", r"is neither an ECB table nor \(date, currency, rate\)"),
        ("", r"cannot be read as a table of rates"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_right_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rates.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        rates_of(tmp_path / "rates.csv")


def test_a_table_of_the_central_bank_has_no_other_base(tmp_path: Path) -> None:
    (tmp_path / "hist.csv").write_text(ECB)
    with pytest.raises(InputError, match=r"counts units per 1 EUR, and rates\.base = 'USD'"):
        rates_of(tmp_path / "hist.csv", "USD")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: there is no such table of rates"):
        rates_of(tmp_path / "none.csv")
