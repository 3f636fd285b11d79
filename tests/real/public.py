"""Where the public logs lie, beside the project."""

from pathlib import Path

import pytest

from tests.support.paths import ROOT

PUBLIC = ROOT.parent / "shared" / "data"


def public_log(name: str) -> Path:
    """The path of a public log; the test is skipped where the folder is absent."""
    path = PUBLIC / name
    if not path.exists():
        pytest.skip(f"{path} is absent: the public logs lie in ../shared/data, beside the project")
    return path
