"""The two commands about contracts say what they did, and end with the right code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from tests.support.tiny import project, visits


def ran(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_init_writes_a_contract_that_check_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, visits(users=30, days=40)))
    code, shown, _ = ran("contract", "init", "shop.csv")
    assert (code, shown.splitlines()[3]) == (0, "format: csv    # its lines are cut by a comma into 5 fields")
    assert ran("contract", "init", "shop.csv", "--out", "first.yaml")[0] == 0
    assert Path("first.yaml").read_text() == shown
    code, said, _ = ran("check", "first.yaml", "--log", "shop.csv")
    assert code == 0
    assert "users:        30" in said
    again = ran("contract", "init", "shop.csv", "--out", "first.yaml")
    assert (again[0], again[2].splitlines()[0]) == (2, "first.yaml: the file exists.")


def test_check_takes_the_log_of_the_parameters_and_ends_with_2_when_anything_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, visits(users=30, days=40)))
    code, said, _ = ran("check", "shop.yaml")
    assert (code, "lines read:" in said) == (0, True)
    Path("shop.yaml").write_text(Path("shop.yaml").read_text() + "colour: red\nshape: round\n")
    code, _, wrong = ran("check", "shop.yaml")
    assert (code, wrong.splitlines()[0]) == (2, "check: 2 things are wrong with shop.yaml")
    code, _, wrong = ran("contract", "init", "shop.yaml")
    assert (code, "neither JSON nor cut into columns" in wrong) == (2, True)
