"""The command line works under both of its names, and says what it can do."""

import subprocess
import sys

from typer.testing import CliRunner

from pipeline.cli import app
from tests.support.paths import ROOT

COMMANDS = (
    "features",
    "contract",
    "check",
    "score",
    "deliver",
    "replay",
    "verify-list",
    "profile",
    "where",
    "track",
    "promote",
    "rollback",
    "tune",
)


def as_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_module_runs_as_the_console_command_does() -> None:
    run = as_module("where")
    assert run.returncode == 0, run.stderr
    assert run.stdout == CliRunner().invoke(app, ["where"]).stdout


def test_an_expected_error_of_the_module_ends_with_exit_code_2_and_no_traceback() -> None:
    run = as_module("score", "--as-of", "yesterday")
    assert (run.returncode, run.stderr) == (2, "--as-of yesterday: not a date.\nWrite it as YYYY-MM-DD.\n")


def test_its_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    assert [command for command in COMMANDS if command not in shown] == []
