"""What the tests of effects share."""

import pytest


@pytest.fixture(autouse=True)
def no_garbage_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """statsmodels collects garbage in each correction for many tests: half a second in a process of many tests."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)
