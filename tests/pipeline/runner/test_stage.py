"""A stage's signature is its contract, and its outputs appear whole or not at all."""

import errno
import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.config.params import load_params
from pipeline.config.sections import Label, Value
from pipeline.errors import InputError
from pipeline.runner.stage import In, Out, expected_errors, run_stage, signature_of
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.files import write_json, write_text
from pipeline.storage.frames import write_parquet
from tests.support.paths import ROOT

PARAMS = load_params(ROOT / "params.yaml")


def copy(value: Value, source: In = Path("source.txt"), target: Out = Path("out/target.txt")) -> None:
    target.write_text(source.read_text("utf-8") + str(value.horizon_days), "utf-8")


def test_the_signature_says_sections_inputs_and_outputs() -> None:
    signature = signature_of(copy)
    assert signature.sections == {"value": Value}
    assert signature.inputs == {"source": Path("source.txt")}
    assert signature.outputs == {"target": Path("out/target.txt")}


def test_an_argument_of_another_kind_is_refused() -> None:
    def odd(label: Label, depth: int) -> None: ...

    with pytest.raises(TypeError, match="'depth' is neither a section, In nor Out"):
        signature_of(odd)


def test_a_stage_gets_its_section_and_writes_its_output(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("days: ", "utf-8")
    run_stage(copy, PARAMS, tmp_path)
    assert (tmp_path / "out/target.txt").read_text("utf-8") == f"days: {PARAMS.value.horizon_days}"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["target.txt"]


def test_a_stage_that_fails_halfway_leaves_the_former_output_and_nothing_else(tmp_path: Path) -> None:
    def failing(target: Out = Path("out/target.txt")) -> None:
        target.write_text("half", "utf-8")
        raise InputError("the disk is full")

    (tmp_path / "out").mkdir()
    (tmp_path / "out/target.txt").write_text("former", "utf-8")
    with pytest.raises(InputError, match="disk is full"):
        run_stage(failing, PARAMS, tmp_path)
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()} == {
        "target.txt": "former"
    }


def test_a_missing_input_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.txt: no such input\.\nRun the stage that writes it"):
        run_stage(copy, PARAMS, tmp_path)


def test_an_expected_error_exits_with_2_and_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped, expected_errors():
        raise InputError("a.csv: there is no such file.\nGive another.")
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "a.csv: there is no such file.\nGive another.\n"


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, 1), (errno.EROFS, 1), (errno.EACCES, 1), (errno.EPERM, 1), (errno.EDQUOT, 1)],
)
def test_a_full_or_closed_disk_is_one_message_and_exit_code_1(
    number: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, expected_errors():
        raise OSError(number, os.strerror(number), "data/.part-1-model")
    assert ended.value.code == code
    assert capsys.readouterr().err.startswith(f"data/.part-1-model: {os.strerror(number)}.\n")


def test_a_full_disk_that_polars_meets_is_the_same_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, expected_errors():
        raise pl.exceptions.ComputeError(
            "parquet: underlying IO error: No space left on device (os error 28)"
        )
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("No space left on device.\n")


def test_another_fault_of_the_system_keeps_its_traceback() -> None:
    for error in (OSError(errno.EIO, "broken"), pl.exceptions.ComputeError("a defect")):
        with pytest.raises(type(error)), expected_errors():
            raise error


def test_a_stage_that_fails_on_a_damaged_input_names_it_and_another_fault_stays_a_traceback(
    tmp_path: Path,
) -> None:
    def failing(report: In = Path("reports/metrics.json"), target: Out = Path("out")) -> None:
        raise RuntimeError(f"{report} {target}")

    file = tmp_path / "reports/metrics.json"
    file.parent.mkdir()
    file.write_text('{"auc": 0.8}', "utf-8")
    with pytest.raises(RuntimeError):
        run_stage(failing, PARAMS, tmp_path)
    file.write_text('{"auc": 0.', "utf-8")
    with pytest.raises(InputError, match=r"metrics\.json: damaged: [\s\S]*dvc repro evaluate$"):
        run_stage(failing, PARAMS, tmp_path)


WRITES: list[Callable[[Path], object]] = [
    lambda path: write_parquet(pl.DataFrame({"a": range(9000)}), path),
    lambda path: write_parquet(pl.DataFrame({f"column_{n}": ["x"] for n in range(200)}), path),
    lambda path: write_csv(pl.DataFrame({"a": range(9000)}), path),
    lambda path: write_json(list(range(9000)), path),
    lambda path: write_text("x" * 9000, path),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("most", [0, 100, 4000])
def test_a_disk_that_takes_no_more_is_one_message_and_the_former_output_stays(
    write: Callable[[Path], object], most: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit of the size of files stands for a full disk: the system refuses the rest of a write."""

    def filling(target: Out = Path("out/target")) -> None:
        write(target)

    (tmp_path / "out").mkdir()
    (tmp_path / "out/target").write_text("former", "utf-8")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        with pytest.raises(SystemExit) as ended, expected_errors():
            run_stage(filling, PARAMS, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert re.match(
        rf"{re.escape(str(tmp_path))}/out/\S+: .*\.\nGive the folder space and write permission", said
    ), said
    assert [(path.name, path.read_text("utf-8")) for path in (tmp_path / "out").iterdir()] == [
        ("target", "former")
    ]


def test_a_message_hides_the_password_of_a_url(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), expected_errors():
        raise InputError("log.path = postgresql://crm:geheim@db/crm: there is no such file.\nCorrect it.")
    assert capsys.readouterr().err == (
        "log.path = postgresql://crm:***@db/crm: there is no such file.\nCorrect it.\n"
    )
