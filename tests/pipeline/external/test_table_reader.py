"""How the cells of tables beside the log are read: types, days, lists, countries."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from tests.pipeline.stages.test_external import TABLE, shop, weather
from tests.support.stage_runs import BEFORE_TRAINING, run_here
from tests.support.tiny import CONTRACT, project, visits


def test_lists_in_a_column_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop(tmp_path, tables=[TABLE | {"path": "w.parquet"}])
    pl.DataFrame(
        {"date": ["2024-01-01"], "known_at": ["2024-01-02"], "country": ["DE"], "rain": [[1, 2]]}
    ).write_parquet(folder / "w.parquet")
    with pytest.raises(InputError, match=r"w\.parquet: column 'rain' holds List"):
        run_here(folder, monkeypatch, "external")


def test_a_parquet_table_keeps_its_types_and_days_are_the_contract_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop(
        tmp_path,
        tables=[TABLE | {"path": "w.parquet", "by": "date"}],
        contract={"time": {"timezone": "America/New_York"}},
    )
    frame = pl.DataFrame({"date": [date(2024, 1, 1)] * 2, "rain": [1, 2]}).with_columns(
        pl.Series("known_at", ["2024-01-02T03:00", "2024-01-02T06:00"]).str.to_datetime(time_zone="UTC")
    )
    frame.write_parquet(folder / "w.parquet")
    run_here(folder, monkeypatch, "external")
    table = pl.read_parquet(folder / "data/external_checked/tables/weather.parquet")
    assert table["known_day"].to_list() == [date(2024, 1, 1), date(2024, 1, 2)]


def test_a_date_without_a_clock_is_that_day_even_where_days_begin_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = {"time": {"timezone": "Europe/Berlin", "day_starts_at": "04:00"}}
    run_here(shop(tmp_path, contract=late, **weather("date,known_at,country,rain\n2024-01-01,2024-01-03,DE,1\n")),
             monkeypatch, "external")  # fmt: skip
    table = pl.read_parquet(tmp_path / "data/external_checked/tables/weather.parquet")
    assert table["known_day"].to_list() == [date(2024, 1, 3)]


def test_countries_that_nobody_knows_are_counted_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [(f"c{n}", f"2024-01-{n + 1:02d} 10:00:00", "visit", "", land) for n, land in enumerate(
        ["EIRE", "Utopia", "Germany", "Utopia", "EIRE", "Erewhon"])]  # fmt: skip
    contract = {**CONTRACT, "country": {"names": {"EIRE": "IE"}}}
    folder = project(tmp_path, pl.DataFrame(lines, schema=visits(1, 5).schema, orient="row"), contract)
    run_here(folder, monkeypatch, *BEFORE_TRAINING[:-1])
    assert read_json(folder / "reports/ingest.json")["countries_unknown"] == {"Utopia": 2, "Erewhon": 1}
    assert "unknown countries: Utopia (2), Erewhon (1)" in capsys.readouterr().err
    rows = read_buckets(folder / "data/logins").sort("user_id")
    assert rows["days_to_holiday"].is_nan().to_list() == [False, True, False, True, False, True]
