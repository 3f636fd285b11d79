"""One process at a time; the next is told which one, and the lock of a dead process is free."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import BusyError
from pipeline.runner.process_lock import held_alone
from pipeline.runner.stage import exit_code_of
from tests.support.paths import ROOT

HOLDS = """
import sys, time
from pathlib import Path
from pipeline.runner.process_lock import held_alone
with held_alone(Path(sys.argv[1]), "this"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_says_who_holds_the_lock_and_a_dead_process_holds_none(tmp_path: Path) -> None:
    file = tmp_path / "new/.lists.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        message = rf"scoring: process {holder.pid} on .+ since \d{{4}}-.+ does this now\.\nWait until"
        with pytest.raises(BusyError, match=message) as busy, held_alone(file, "scoring"):
            pass
        assert exit_code_of(busy.value) == 1
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with held_alone(file, "scoring"):
        assert f"process {os.getpid()} on " in file.read_text("utf-8")


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), held_alone(tmp_path / "lock", "scoring"):
        raise ValueError("broken")
    with held_alone(tmp_path / "lock", "scoring"):
        pass
