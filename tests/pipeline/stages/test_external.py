"""External data come into one form, or the run stops before the log is read."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from features.contract.external_data import Attribute, Choice
from pipeline.cli import app
from pipeline.commands.score import add_attribute_values
from pipeline.errors import InputError
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.feature_set import features_of_model
from pipeline.runner.stage import expected_errors
from pipeline.storage.frames import read_buckets
from pipeline.storage.model_folder import load_login_model
from tests.support.external_shop import CALENDAR, COLUMNS, TABLE, USERS, WEATHER, shop
from tests.support.shop import WHOLE
from tests.support.stage_runs import BEFORE_TRAINING, command, digests, run_here
from tests.support.tiny import CONTRACT, project, visits


def test_users_are_laid_out_by_the_days_on_which_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_here(shop(tmp_path), monkeypatch, "external")
    users = read_buckets(tmp_path / "data/external_checked/users").sort("user_id", "from_day")
    ever = date(1, 1, 1)  # what never changes is known of any day
    assert users.select("user_id", "from_day", "signed_up_at", "plan", "seats", "beta").rows() == [
        ("c1", ever, date(2023, 12, 1), None, None, None),
        ("c1", date(2024, 1, 1), date(2023, 12, 1), "basic", 1, True),
        ("c1", date(2024, 3, 5), date(2023, 12, 1), "pro", 2, False),
        ("c2", ever, date(2024, 1, 1), None, None, None),
        ("c2", date(2024, 1, 1), date(2024, 1, 1), "basic", 1, True),
        ("c2", date(2024, 2, 1), date(2024, 1, 1), None, None, None),
    ]
    assert set(read_external_data(tmp_path / "reports/external.json").attributes) == {
        Attribute(
            "plan", "text", ("basic", "pro"),
            choices=(Choice(date(2024, 1, 1), ()), Choice(date(2024, 3, 5), ("basic", "pro"))),
        ),
        Attribute("seats", "number"),
        Attribute("beta", "flag"),
        Attribute("course", "text", ("piano", "violin"), choices=(Choice(date(2024, 1, 1), ("piano", "violin")),)),
    }  # fmt: skip


def test_login_rows_have_all_of_it_as_it_was_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = ["2024-01-01", "2024-01-02", "2024-01-16", "2024-03-05", "2024-03-06"]
    lines = [(user, f"{day} 10:00:00", "visit", "", "DE") for user in ("c1", "c9") for day in days]
    table = pl.DataFrame(lines, schema=visits(1, 5).schema, orient="row")
    folder = shop(tmp_path, table, params={"split__test_from": "2024-03-25"})  # after the first pro
    run_here(folder, monkeypatch, *BEFORE_TRAINING[:-1])
    rows = read_buckets(folder / "data/logins").fill_nan(None)
    names = ["plan_is_pro", "days_since_signup", "weather_rain", "lessons_step", "lessons_days_to"]
    assert rows.filter(user_id="c1").select(names).rows() == [
        (0, 31, None, 0, 9),
        (0, 32, 3.5, 0, 8),
        (0, 46, 7, 1, 4),  # known at eight that morning
        (1, 95, None, 2, None),  # pro since noon; the weather of January is too old
        (1, 96, None, 2, None),
    ]
    assert rows.filter(user_id="c9").select(pl.col(names).count()).row(0) == (0, 0, 2, 0, 0)


def test_the_stages_end_to_end_and_twice_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop(tmp_path / "shop", visits())
    run_here(folder, monkeypatch, *WHOLE)
    trained = load_login_model(folder / "data/model/scoring").features
    assert {"plan_is_pro", "weather_rain", "lessons_step", "days_since_signup"} <= set(trained)
    before = digests(folder / "data/external_checked")
    run_here(folder, monkeypatch, "external")
    assert digests(folder / "data/external_checked") == before


def test_with_nothing_named_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path, visits(5, 30))
    before = (folder / "reports/external.json").read_bytes()
    run_here(folder, monkeypatch, "external")
    assert (folder / "reports/external.json").read_bytes() == before
    assert list((folder / "data/external_checked").iterdir()) == []


def with_rows(*rows: str) -> dict[str, Any]:
    return {"files": {"users.csv": USERS + "\n".join(rows) + "\n"}}


def weather(text: str, **changes: Any) -> dict[str, Any]:
    return {"files": {"weather.csv": text}, "tables": [TABLE | changes]}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a table without known_at": (
        weather("date,country,rain\n2024-01-01,DE,1\n"),
        "weather.csv: has no column known_at, so it is not known when its values were published.",
    ),
    "a table that is not there": (
        {"tables": [TABLE | {"path": "none.csv"}]},
        "none.csv: there is no such file",
    ),
    "a value that is no column": (
        {"tables": [TABLE | {"values": ["snow"]}]},
        "weather.csv: has no column 'snow', which params.yaml names in external.tables.weather.values",
    ),
    "a value named twice": (
        {"tables": [TABLE | {"values": ["rain", "rain"]}]},
        "values names 'rain', which is named",
    ),
    "a country that nobody knows": (
        weather(WEATHER + "2024-01-01,2024-01-02,Atlantis,1\n"),
        "weather.csv: 1 countries that the package holidays does not know: Atlantis.",
    ),
    "a value that is no number": (
        weather(WEATHER + "2024-01-01,2024-01-02,FR,wet\n"),
        "row 4: rain = 'wet' is no number",
    ),
    "a date that is none": (
        weather(WEATHER + "1.1.2024,2024-01-02,FR,1\n"),
        "row 4: date = '1.1.2024' is no date",
    ),
    "a time that is none": (
        weather(WEATHER + "2024-01-01,soon,FR,1\n"),
        "row 4: known_at = 'soon' is no time",
    ),
    "a row that stands twice": (
        weather(WEATHER + "2024-01-15,2024-01-16T08:00:00Z,Germany,8\n"),
        "weather.csv: two rows for date 2024-01-15",
    ),
    "an empty table": (weather("date,known_at,country,rain\n"), "weather.csv: holds no row"),
    "a key that nothing tells": (
        weather(WEATHER.replace("country", "city"), by="city"), "nothing tells the city of a user"),
    "a calendar of an unknown group": (
        {"calendars": [CALENDAR | {"by": "seats"}]},
        "external.calendars.lessons.by = 'seats' is no text attribute",
    ),
    "a calendar without groups": (
        {"files": {"lessons.csv": "date\n2024-01-10\n"}}, "lessons.csv: has no column 'group'"),
    "a calendar without dates": ({"files": {"lessons.csv": "date,group\n"}}, "lessons.csv: holds no date"),
    "two of one name": ({"calendars": [CALENDAR | {"name": "weather"}]}, "both name 'weather'"),
    "a name that a feature has": (
        weather(WEATHER.replace("rain", "today"), name="events", values=["today"]),
        "two features are named 'events_today'",
    ),
    "a table by what is none": (
        {"tables": [TABLE | {"by": "planet"}]},
        "external.tables.0.by = 'planet' is not allowed",
    ),
    "an unknown key of a table": (
        {"tables": [TABLE | {"age": 3}]},
        "unknown parameter external.tables.0.age = 3. Known here: by, max_age_days, name",
    ),
    "two rows valid at once": (
        with_rows("c1,2024-03-05T12:00:00Z,,2023-12-01,pro,2,false,piano"),
        "user 'c1' has rows that hold at once",
    ),
    "validity that overlaps": (
        with_rows("c2,2024-01-20T00:00:00Z,,2024-01-01,pro,1,true,violin"),
        "user 'c2' has rows that hold at once",
    ),
    "validity that ends before it begins": (
        with_rows("c3,2024-01-20,2024-01-19,,pro,1,true,violin"),
        "user 'c3' has rows that end before they begin",
    ),
    "what never changes and does": (
        with_rows("c1,2024-04-01,,2023-12-09,pro,1,true,piano"),
        "says that signed_up_at never changes, and for user 'c1'",
    ),
    "a user without a name": (with_rows(",2024-04-01,,,pro,1,true,piano"), "users.csv: row 4: id is empty"),
    "a validity that is no time": (
        with_rows("c4,then,,,pro,1,true,piano"),
        "users.csv: row 4: since = 'then' is no time",
    ),
    "a validity that is empty": (
        with_rows("c4,,,,pro,1,true,piano"),
        "users.csv: row 4: since = None is no time",
    ),
    "a sign-up that is no time": (
        with_rows("c4,2024-04-01,,long ago,pro,1,true,piano"), "row 4: joined = 'long ago' is no time"),
    "two values of one name": (
        with_rows("c4,2024-04-01,,,pro+,1,true,piano"), "which would both be plan_is_pro"),
    "a value without a letter": (
        with_rows("c4,2024-04-01,,,+,1,true,piano"),
        "users.csv: plan has '+', which would be plan_is_.",
    ),
    "a raw column that is not there": (
        {"users": {"columns": {**COLUMNS, "plan": "price"}}},
        "has no column 'price', which shop.yaml names in users.columns.plan",
    ),
    "a table of users that is not there": (
        {"users": {"path": "people.csv"}},
        "people.csv: there is no such file",
    ),
    "a snapshot without validity": (
        {"users": {"columns": {"user_id": "id", "plan": "tariff"}, "constant": []}},
        "Today's values were not known in the past",
    ),
    "a snapshot with a user twice": (
        {"users": {"columns": {"user_id": "id", "course": "course"}, "constant": ["course"]}},
        "user 'c1' has 2 rows, and no valid_from says which row is valid when",
    ),
    "a country code that is none": (
        {"contract": {"country": {"fixed": "UKX"}}},
        "country.fixed = 'UKX' is no country",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_stops_with_one_message_and_nothing_written(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given, message = BAD[case]
    folder = shop(tmp_path, visits(5, 30), **given)
    before = digests(folder)
    with pytest.raises(SystemExit) as stopped, expected_errors():
        run_here(folder, monkeypatch, "external")
    printed = capsys.readouterr().err
    assert (stopped.value.code, message in printed) == (2, True), printed
    assert digests(folder) == before


def test_the_command_stops_with_2_and_no_traceback(tmp_path: Path) -> None:
    done = command(shop(tmp_path, visits(5, 30), **BAD["a table without known_at"][0]), "external")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


def test_a_morning_still_has_the_values_that_the_model_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_here(shop(tmp_path), monkeypatch, "external")
    report, beside = tmp_path / "reports/external.json", tmp_path / "data/external_checked"
    add_attribute_values(report, beside, ["plan_is_gold", "plan_is_pro", "weather_rain"])
    plan = next(one for one in read_external_data(report).attributes if one.name == "plan")
    assert plan.values == ("basic", "pro", "gold")


def plans(*rows: tuple[str, str, str]) -> dict[str, Any]:
    """A table of users with a text `plan`: user, valid from, plan."""
    lines = ["id,since,tariff", *(",".join(row) for row in rows)]
    return {
        "files": {"users.csv": "\n".join(lines)},
        "users": {"columns": {"user_id": "id", "valid_from": "since", "plan": "tariff"}, "constant": []},
        "calendars": [],
    }


def test_the_values_with_features_are_those_that_were_common_in_the_training_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = [(f"c{user}", "2024-01-01", f"plan{user % 12:02}") for user in range(36)]
    late = [(f"c{user}", "2024-05-20", "rare" if user < 40 else "new") for user in range(80)]
    made = plans(*early, ("c36", "2024-01-01", "rare"), *late)
    folder = shop(tmp_path, visits(), **made)
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    columns = {name for name in read_buckets(folder / "data/logins").columns if name.startswith("plan_is_")}
    assert columns == {f"plan_is_plan{number:02}" for number in range(12)}
    shop(tmp_path, visits(), **made, params={"split__test_from": "2024-06-05"})
    run_here(folder, monkeypatch, "external", "logins")
    assert {"plan_is_rare", "plan_is_new"} <= set(read_buckets(folder / "data/logins").columns)


def test_the_values_of_a_champion_stay_whatever_is_common(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"c{user}", "2024-05-20", ("basic", "pro")[user % 2]) for user in range(40)]
    folder = shop(tmp_path, visits(), **plans(*rows))
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    assert "plan_is_pro" not in read_buckets(folder / "data/logins").columns
    add_attribute_values(folder / "reports/external.json", folder / "data/external_checked", ["plan_is_pro"])
    run_here(folder, monkeypatch, "logins")
    assert "plan_is_pro" in read_buckets(folder / "data/logins").columns


def test_a_feature_that_is_no_longer_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_here(shop(tmp_path), monkeypatch, "external")
    external_data = read_external_data(tmp_path / "reports/external.json")
    contract = load_contract(tmp_path / "shop.yaml")
    assert [one.name for one in features_of_model(["seats", "weekday"], contract, external_data)] == [
        "seats",
        "weekday",
    ]
    with pytest.raises(
        InputError,
        match=r"shop\.yaml: the model needs 1 features that this log does not give: weather_snow\.",
    ):
        features_of_model(["weekday", "weather_snow"], contract, external_data)


def test_the_catalogue_printed_after_a_run_has_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_here(shop(tmp_path), monkeypatch, "external")
    rows = json.loads(CliRunner().invoke(app, ["features", "--json"]).stdout)
    assert {row["name"] for row in rows if row["in_use"]} >= {"weather_rain", "lessons_step", "plan_is_pro"}
    assert "weather_rain" not in CliRunner().invoke(app, ["features", "--markdown"]).stdout


def test_one_country_for_all_gives_holidays_to_a_log_that_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {name: raw for name, raw in CONTRACT["columns"].items() if name != "country"}
    folder = project(tmp_path, visits(20, 60), {**CONTRACT, "columns": columns, "country": {"fixed": "DE"}})
    run_here(folder, monkeypatch, *BEFORE_TRAINING[:-1])
    rows = read_buckets(folder / "data/logins")
    new_year = rows.filter(pl.col("login_day") == date(2024, 1, 1))
    assert (new_year["holiday"].to_list(), rows["days_to_holiday"].is_nan().any()) == (
        [1] * new_year.height,
        False,
    )
