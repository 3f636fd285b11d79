"""Where the public logs lie, beside the project."""

from pathlib import Path

import pytest

PUBLIC = Path(__file__).parents[3] / "shared" / "data"


def public_log(name: str) -> Path:
    """The path of a public log; the test is skipped where the folder is absent."""
    path = PUBLIC / name
    if not path.exists():
        pytest.skip(f"{path} is absent: the public logs lie in ../shared/data, beside the project")
    return path
