"""The last line of stdout is JSON, whatever becomes of the command, and has its exit code."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.batch import json_line, of_list
from pipeline.errors import BusyError, InputError
from pipeline.runner.stage import expected_errors


def line_of(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capfd.readouterr().out.splitlines()[-1]))


def test_what_was_done_is_the_last_line(capfd: pytest.CaptureFixture[str]) -> None:
    with json_line("score", asked=False) as line:
        print("words")
        line |= {"status": "delivered", "as_of": "2024-03-01"}
    said = line_of(capfd)
    assert said.pop("seconds") >= 0
    assert said == {"command": "score", "status": "delivered", "exit_code": 0, "as_of": "2024-03-01"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("params.yaml: no"), 2),
        (BusyError("process 1 does this now."), 1),
        (OSError(errno.ENOSPC, "No space left on device", "list.csv"), 1),
    ],
)
def test_a_failure_has_its_message_and_the_exit_code_of_the_process(
    error: Exception, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, expected_errors(), json_line("score", asked=True):
        raise error
    said = line_of(capfd)
    assert (ended.value.code, said["exit_code"], said["status"]) == (code, code, "failed")
    assert said["message"] == str(error)


def test_a_fault_of_the_code_has_a_line_and_its_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), expected_errors(), json_line("judge", asked=True):
        raise ZeroDivisionError
    assert (said := line_of(capfd))["exit_code"] == 1
    assert said["message"] == "ZeroDivisionError()"


def test_at_a_terminal_there_is_none_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for asked in (False, True):
        with json_line("score", asked=asked):
            pass
        assert bool(capfd.readouterr().out) is asked


def test_a_list_is_told_by_its_place_and_the_main_entries_of_its_summary() -> None:
    summary = {"as_of": "2024-03-01", "listed": 7, "grade": "A", "watch": {"no_play": 7}}
    assert of_list(Path("lists/2024-03-01"), summary) == {
        "as_of": "2024-03-01", "list": "lists/2024-03-01", "listed": 7, "grade": "A",
    }  # fmt: skip
    assert of_list(None, summary)["list"] is None


def test_the_line_hides_the_password_of_a_url(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), expected_errors(), json_line("score", asked=True):
        raise InputError("tracking.uri = http://ann:geheim@mlflow.example: MLflow did not do what was asked.")
    assert "geheim" not in line_of(capfd)["message"]
