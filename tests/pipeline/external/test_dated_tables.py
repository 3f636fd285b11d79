"""Tables and calendars that a contract names: they add to those of params.yaml, and a fault is named by its key."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.runner.stage import expected_errors
from pipeline.storage.files import read_json
from tests.support.external_shop import CALENDAR, TABLE, WEATHER, shop
from tests.support.stage_runs import digests, run_here
from tests.support.tiny import visits


def in_contract(*tables: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A shop whose contract names `tables`, and nothing in params.yaml; `more`: other keys of the section."""
    external = {"tables": list(tables), **more}
    return {"contract": {"external": external}, "tables": [], "calendars": []}


BAD_CONTRACT: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": (
        in_contract(TABLE | {"age": 3}),
        "shop.yaml: unknown key external.tables.0.age = 3.\nKnown here: name, path, by, values, max_age_days.",
    ),
    "an unknown section": (
        in_contract(weather=[]),
        "shop.yaml: unknown key external.weather = [].\nKnown here: tables, calendars.",
    ),
    "a missing key": (
        in_contract({name: value for name, value in TABLE.items() if name != "by"}),
        "shop.yaml: key external.tables.0.by is missing.",
    ),
    "a missing file": (
        in_contract(TABLE | {"path": "none.csv"}),
        "none.csv: there is no such file.\nCorrect shop.yaml: external.tables.weather.path = 'none.csv'.",
    ),
    "an absent column": (
        in_contract(TABLE | {"values": ["snow"]}),
        "weather.csv: has no column 'snow', which shop.yaml names in external.tables.weather.values.",
    ),
    "an absent key": (
        in_contract(TABLE | {"by": "city"}),
        "weather.csv: has no column 'city', which shop.yaml asks for by external.tables.weather.by = city.",
    ),
    "a bad known_at": (
        in_contract(TABLE) | {"files": {"weather.csv": WEATHER + "2024-01-01,soon,FR,1\n"}},
        "weather.csv: row 4: known_at = 'soon' is no time.\nWrite ISO 8601",
    ),
    "no known_at": (
        in_contract(TABLE) | {"files": {"weather.csv": "date,country,rain\n2024-01-01,DE,1\n"}},
        "weather.csv: has no column known_at",
    ),
    "a calendar of an unknown group": (
        in_contract(calendars=[CALENDAR | {"by": "seats"}]),
        "shop.yaml: external.calendars.lessons.by = 'seats' is no text attribute of a user.",
    ),
    "a name given twice": (
        in_contract(TABLE, TABLE),
        "shop.yaml: external.tables names 'weather' twice.",
    ),
    "a name that params.yaml has too": (
        in_contract(TABLE) | {"calendars": [CALENDAR | {"name": "weather"}]},
        "shop.yaml: external.tables and params.yaml: external.calendars both name 'weather'.",
    ),
}


@pytest.mark.parametrize("case", BAD_CONTRACT)
def test_what_is_wrong_in_the_contract_is_said_with_its_file_and_key(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given, message = BAD_CONTRACT[case]
    folder = shop(tmp_path, visits(5, 30), **given)
    before = digests(folder)
    with pytest.raises(SystemExit) as stopped, expected_errors():
        run_here(folder, monkeypatch, "external")
    printed = capsys.readouterr().err
    assert (stopped.value.code, printed.count(message)) == (2, 1), printed
    assert digests(folder) == before
    checked = CliRunner().invoke(app, ["check", "shop.yaml"])
    assert (checked.exit_code, checked.stderr.count(message)) == (2, 1), checked.stderr


def test_what_the_contract_names_and_what_params_names_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop(tmp_path, visits(5, 30))
    run_here(folder, monkeypatch, "external")
    before, report = digests(folder / "data/external_checked"), read_json(folder / "reports/external.json")
    shop(tmp_path, visits(5, 30), contract={"external": {"tables": [TABLE]}}, tables=[])
    (folder / "reports/external.json").unlink()  # as before the first run
    assert "weather_rain" in CliRunner().invoke(app, ["features", "--json"]).stdout
    run_here(folder, monkeypatch, "external")
    assert digests(folder / "data/external_checked") == before
    assert read_json(folder / "reports/external.json") == report
    assert CliRunner().invoke(app, ["check", "shop.yaml"]).exit_code == 0
    (folder / "weather.csv").write_text(WEATHER + "2024-01-16,2024-01-17,DE,1\n")
    run_here(folder, monkeypatch, "external")
    changed = digests(folder / "data/external_checked")
    assert {name for name in before if before[name] != changed[name]} == {"tables/weather.parquet"}
