"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from benchmarks.support.postgres import Postgres, postgres, reason_to_skip

# A busy machine is no fault of the code.
settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with slow tests come first, so that no worker is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL of this session, started when the first test asks for it."""
    reason = reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'crm.db'}"
    running: Postgres = request.getfixturevalue("server")
    return running.url(running.new_schema())
