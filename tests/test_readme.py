"""The README says what is there: its contract parses, its feature works, its stages and folders exist."""

import re
import shlex
from itertools import pairwise

import pytest
import yaml
from dvc.utils.hydra import to_hydra_overrides
from typer.testing import CliRunner

from features.aggregation.measures import CALENDAR_MEASURES
from features.contract.parse import parse_contract
from features.define import Feature, past
from features.totals import totals_of
from pipeline.cli import app
from pipeline.commands.dvc_file import stage_entries
from pipeline.config.external import External
from pipeline.config.params import load_params
from tests.support.paths import ROOT
from tests.support.tables import contract

README = (ROOT / "README.md").read_text("utf-8")
STAGES = stage_entries(ROOT)


def block(language: str, number: int = 0) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found[number])


def test_the_contract_shown_is_a_contract() -> None:
    shown = parse_contract(yaml.safe_load(block("yaml")), "shop.yaml")
    assert shown.presence.kinds == ("purchase", "visit")


def test_the_words_for_real_logs_belong_to_a_contract() -> None:
    more = yaml.safe_load(block("yaml", 1))
    shown = parse_contract(yaml.safe_load(block("yaml")) | more, "shop.yaml")
    assert shown.model_fields_set >= set(more)


def test_the_users_and_the_country_shown_belong_to_a_contract() -> None:
    both = yaml.safe_load(block("yaml")) | yaml.safe_load(block("yaml", 2))
    shown = parse_contract(both, "shop.yaml")
    assert shown.users is not None
    assert shown.users.attributes == ("signed_up_at", "country", "plan")
    assert shown.country.code("eire") == "IE"


def test_the_tables_and_calendars_shown_are_parameters() -> None:
    shown = External.model_validate(yaml.safe_load(block("yaml", 3)))
    assert ([one.by for one in shown.tables], [one.by for one in shown.calendars]) == (
        ["city"],
        ["all", "plan"],
    )


def test_the_feature_shown_is_a_feature_of_measures_that_exist() -> None:
    shown = eval(block("python"), {"Feature": Feature, "past": past})  # our own page
    assert {total.source for total in totals_of(shown.value)} <= set(CALENDAR_MEASURES)


def test_the_stages_are_those_of_dvc_yaml() -> None:
    table = README.split("| stage | gives |")[1].split("##")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(STAGES)
    assert set(re.findall(r"\w+", block("mermaid").replace("graph LR", ""))) == set(STAGES)


def test_the_settings_shown_are_parameters() -> None:
    words = [
        word for shown in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for word in shlex.split(shown)
    ]
    settings = [setting for option, setting in pairwise(words) if option == "-S"]
    params = load_params(ROOT / "params.yaml").model_dump()
    for one in to_hydra_overrides(settings):
        section, *names = one.key_or_group.split(".")
        assert names[0] in params[section]
    assert "fetch_log.url='postgresql+psycopg://crm@db.example/crm#events'" in settings


TREE = README.split("## Where things are")[1].split("```")[1]


@pytest.mark.parametrize("line", TREE.strip().splitlines())
def test_the_folders_exist(line: str) -> None:
    assert (ROOT / line.split(maxsplit=1)[0]).is_dir()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", README))
def test_links_and_pictures_exist(target: str) -> None:
    assert (ROOT / target).exists()


PATHS = set(re.findall(r"`((?:features|models|pipeline|tests|docs)/[\w/]+\.\w+)`", README))


@pytest.mark.parametrize("path", sorted(PATHS - {"pipeline/stages/toy.py"}))
def test_the_files_of_the_project_that_are_named_exist(path: str) -> None:
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`lastlogin ([\w-]+)", README))))
def test_the_commands_exist(command: str) -> None:
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make (\w+)", README)) - {"says"}))
def test_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_page_of_features_is_that_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = CliRunner().invoke(app, ["features", "--markdown"])
    assert shown.stdout == (ROOT / "docs/features.md").read_text("utf-8"), "run: make docs"


def test_features_as_json_say_all_that_a_program_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rows = yaml.safe_load(CliRunner().invoke(app, ["features", "--json"]).stdout)
    keys = ("name", "dimension", "unit", "sentence", "actionable", "goal", "in_use")
    assert {tuple(row) for row in rows} == {keys}
    assert len(rows) >= len(contract().groups) * 5
