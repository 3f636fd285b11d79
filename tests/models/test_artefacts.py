"""Values read from JSON equal the written ones, or the wrong key is named."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from models.artefacts import as_json, from_json
from models.errors import DataError


@dataclass(frozen=True, slots=True)
class Inner:
    share: float


@dataclass(frozen=True, slots=True)
class Outer:
    first: date
    inner: tuple[Inner, ...]
    rates: dict[str, float]


VALUE = Outer(date(2024, 2, 29), (Inner(0.1), Inner(1 / 3)), {"1": 1e-300})


def test_what_is_written_comes_back_to_the_last_bit() -> None:
    assert from_json(Outer, json.loads(json.dumps(as_json(VALUE))), "value") == VALUE
    assert list(as_json(VALUE)) == ["first", "inner", "rates"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"inner": [{"share": 1}, {}]}, r"value: there is no 'inner\.1\.share'"),
        (
            {"inner": [{"share": "half"}]},
            r"value: inner\.0\.share: Input should be a valid number.*, not 'half'",
        ),
        ({"first": "soon"}, r"value: first: Input should be a valid date.*, not 'soon'"),
        ({"rates": 7}, r"value: rates: .*, not 7"),
    ],
)
def test_the_wrong_key_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_json(Outer, as_json(VALUE) | changed, "value")


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(DataError, match=r"value: .*, not \[1, 2\]"):
        from_json(Outer, [1, 2], "value")
