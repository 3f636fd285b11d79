"""Objects in lines and the elements of an array are the same records, however they are cut."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.events.nested_values import as_text
from pipeline.ingestion import json_records
from pipeline.ingestion.json_records import chunks_of_texts, object_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=6)


def texts(content: str, most: int = 1000) -> list[tuple[int, str]]:
    return [one for chunk in chunks_of_texts(io.StringIO(content), most) for one in chunk]


@given(OBJECTS, st.sampled_from([None, 1]), st.integers(1, 4))
def test_the_elements_of_an_array_are_those_of_json(
    objects: list[dict[str, Any]], indent: int | None, most: int
) -> None:
    found = texts(json.dumps(objects, indent=indent), most)
    assert [json.loads(text) for _, text in found] == objects
    if indent:
        lines = json.dumps(objects, indent=indent).split("\n")
        assert all(lines[line - 1].lstrip().startswith("{") for line, _ in found)


@given(OBJECTS)
def test_an_array_that_comes_in_small_pieces_is_the_same(objects: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "_READ_AT_ONCE", 3)
        found = texts(json.dumps(objects, indent=1))
    assert [json.loads(text) for _, text in found] == objects


def test_lines_keep_their_numbers_and_blank_ones_are_none() -> None:
    assert texts('\n{"a": 1}\n\n{"b": 2}\r\n') == [(2, '{"a": 1}'), (4, '{"b": 2}')]


def test_an_array_cut_short_ends_with_one_broken_text() -> None:
    found = texts('[{"a": 1},\n{"b": ')
    assert found == [(1, '{"a": 1}'), (2, '{"b": ')]
    assert object_of(found[1][1]) is None


def test_a_lone_surrogate_is_no_character() -> None:
    told = object_of('{"user": "a\\ud800"}')
    assert told is not None
    assert as_text(told["user"]) == "a?"
