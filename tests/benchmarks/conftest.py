"""The tiny demo log that every script is tried on."""

from pathlib import Path

import pytest

from tests.support.bench_demo import made_in


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the events and the login rows (`data/logins`) of a tiny demo log."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made_in(folder)
    return folder
