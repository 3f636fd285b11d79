"""The templates of external data work as they lie there: each file gives its features, none before it was known."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.first_contract.check import check_contract
from pipeline.storage.frames import read_buckets
from tests.support.paths import ROOT
from tests.support.stage_runs import run_here
from tests.support.tiny import CONTRACT, START, project

TEMPLATES = ROOT / "data/contracts/templates"
EXTERNAL: dict[str, Any] = yaml.safe_load((TEMPLATES / "external.yaml").read_text("utf-8"))["external"]
FEATURES = {
    **{f"{table['name']}_{value}": table for table in EXTERNAL["tables"] for value in table["values"]},
    **{
        f"{calendar['name']}_{what}": calendar
        for calendar in EXTERNAL["calendars"]
        for what in ("days_since", "days_to", "position", "step")
    },
}


@pytest.fixture(scope="module")
def logins(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The login rows of a tiny shop in Berlin and Paris whose contract has all templates."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copytree(TEMPLATES, folder / "data/contracts/templates")
    lines = pl.DataFrame(
        [
            (user, f"{START + timedelta(days=day):%Y-%m-%d} 10:00:00", "visit", "", country, city)
            for user, country, city in (("DE", "DE", "BERLIN "), ("FR", "France", "Paris"))
            for day in range(120)
        ],
        schema=["customer", "time", "what", "sum", "land", "town"],
        orient="row",
    )
    columns = {**CONTRACT["columns"], "city": "town"}
    project(folder, lines, {**CONTRACT, "columns": columns, "external": EXTERNAL})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert check_contract(Path("shop.yaml"), "shop.csv").faults == ()
        run_here(folder, patch, "rates", "external", "ingest", "activity", "logins")
    return read_buckets(folder / "data/logins").fill_nan(None)


def test_each_file_is_named_and_says_when_its_rows_were_known() -> None:
    named = {entry["path"] for entries in EXTERNAL.values() for entry in entries}
    assert named == {f"data/contracts/templates/{file.name}" for file in TEMPLATES.glob("*.csv")}
    assert all("known_at" in pl.read_csv(ROOT / path).columns for path in named)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_template_yields_its_features(feature: str, logins: pl.DataFrame) -> None:
    assert logins[feature].count() > 0


def test_values_count_from_when_they_were_known(logins: pl.DataFrame) -> None:
    def on(feature: str, day: date, country: str) -> set[float | None]:
        return set(logins.filter(login_day=day, user_id=country)[feature].cast(pl.Float64).round(2))

    assert on("weather_rain_mm", date(2024, 1, 4), "FR") == {6.0}
    assert on("weather_rain_mm", date(2024, 1, 4), "DE") == {9.3}  # the third is empty: that of the second
    assert on("exchange_rates_usd", date(2024, 1, 7), "DE") == {1.09}  # a Sunday: that of Friday
    assert on("demographics_population_millions", date(2024, 1, 30), "FR") == {67.9}
    assert on("demographics_population_millions", date(2024, 2, 2), "FR") == {68.0}
    assert on("campaigns_days_to", date(2024, 3, 7), "DE") == {None}  # decided on the morning after
    assert on("campaigns_days_since", date(2024, 3, 8), "DE") == {0}
    assert on("seasons_step", date(2024, 3, 2), "DE") == {2}
    assert on("school_holidays_days_to", date(2024, 2, 16), "FR") == {1}
