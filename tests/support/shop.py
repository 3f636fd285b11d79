"""A tiny shop in which all stages up to `score` have run, once for all tests. Tests read it, and change a copy only."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.support.stage_runs import BEFORE_TRAINING, run_here
from tests.support.tiny import project, visits

WHOLE = (*BEFORE_TRAINING, "train", "evaluate", "profile", "health", "score")
EDGES = {
    "risk_bands__medium_from": 0.14,
    "risk_bands__high_from": 0.17,
}  # 150 users give little to fit on


@cache
def finished_shop() -> Path:
    """The folder of the shop."""
    folder = Path(mkdtemp(prefix="lastlogin-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    project(folder, visits(), **EDGES)
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *WHOLE)
    return folder
