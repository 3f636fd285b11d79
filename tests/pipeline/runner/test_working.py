"""A working folder is gone after its block, and one that a killed process left is removed by the next command."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.runner.working import remove_left, working_folder
from pipeline.storage.datasets import WORKING
from tests.support.paths import ROOT

WORKS = """
import sys, time
from pathlib import Path
from pipeline.runner.working import working_folder
with working_folder("score", Path(sys.argv[1])) as folder:
    (folder / "users.csv").write_text("u1", "utf-8")
    print("ready", flush=True)
    time.sleep(60)
"""


def at_work(root: Path) -> subprocess.Popen[str]:
    """A process that has written into its working folder and goes on."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKS, str(root)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(process: subprocess.Popen[str], by: signal.Signals) -> None:
    process.send_signal(by)
    process.communicate()


def left(root: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in (root / WORKING.path).glob("*"))


def test_the_folder_is_for_its_owner_and_gone_afterwards(tmp_path: Path) -> None:
    with working_folder("score", tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "deep").mkdir()
        assert folder.is_relative_to(tmp_path)
    assert not (tmp_path / WORKING.path).exists()


def test_it_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), working_folder("score", tmp_path):
        raise ValueError("broken")
    assert not (tmp_path / WORKING.path).exists()


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_left_is_removed_and_a_living_one_keeps_its_own(
    by: signal.Signals, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dead, alive = at_work(tmp_path), at_work(tmp_path)
    try:
        killed(dead, by)
        assert len(list((tmp_path / WORKING.path).glob("*/users.csv"))) == 2
        with working_folder("judge", tmp_path) as folder:
            assert "a run that was killed left it; it is removed." in capfd.readouterr().err
            (kept,) = (tmp_path / WORKING.path).glob("*/users.csv")
            assert list(folder.iterdir()) == []
        assert kept.is_file()
    finally:
        killed(alive, signal.SIGKILL)
    remove_left(tmp_path / WORKING.path)
    assert left(tmp_path) == []
