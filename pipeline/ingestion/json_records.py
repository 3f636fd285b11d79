"""JSON objects of a log: one in each line, or the elements of one array.

Promise: memory is bounded by a chunk. An element is placed at the line on which it begins.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from features.events.nested_values import json_value
from pipeline.ingestion.lines import LONGEST_CHUNK, TooLong, lines_of, piece_of

_BETWEEN = re.compile(r"[ \t\r\n,]*")
_READ_AT_ONCE = 1 << 20
_LONGEST_OBJECT = 16 << 20


def chunks_of_texts(stream: TextIO, most: int) -> Iterator[list[tuple[int, str]]]:
    """The objects' texts by at most `most`, each with its line (1 for the first). Blank lines have none."""
    begin = _first_text(stream)
    texts = (
        _elements(stream, *begin)
        if begin[0].lstrip().startswith("[") and not _is_whole(begin[0])
        else _of_lines(stream, *begin)
    )
    while chunk := list(_some(texts, most)):
        yield chunk


def object_of(text: str) -> dict[str, Any] | None:
    """The JSON object in `text`, numbers as text; None when it holds no object."""
    value = json_value(text)
    return value if isinstance(value, dict) else None


def _is_whole(line: str) -> bool:
    """Whether a first line that begins with `[` is a value of its own that holds no object: then lines are objects."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return bool(value) and not any(isinstance(one, dict) for one in value)


def _some(texts: Iterator[tuple[int, str]], most: int) -> Iterator[tuple[int, str]]:
    """The next texts, at most `most`, of bounded length together."""
    size = 0
    for line, text in islice(texts, most):
        yield line, text
        size += len(text)
        if size >= LONGEST_CHUNK:
            return


def _first_text(stream: TextIO) -> tuple[str, int]:
    """The first line that is not blank, or its beginning, and its number."""
    number = 1
    while piece := piece_of(stream):
        if piece.strip():
            return piece, number
        number += piece.endswith("\n")
    return "", number


def _of_lines(stream: TextIO, first: str, number: int) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines_of(stream, first), number):
        if isinstance(line, TooLong):
            yield at, line
        elif line.strip():
            yield at, line.rstrip("\r\n")


def _elements(stream: TextIO, text: str, line: int) -> Iterator[tuple[int, str]]:
    """The elements of an array that begins with `text`. What cannot be read ends it, as one broken text."""
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    while True:
        begin = _end_of(_BETWEEN, text, at)
        line += text.count("\n", at, begin)
        at = begin
        if text.startswith("]", at):
            rest = text[at + 1 :].strip()
            if rest:
                yield line, rest
            return
        try:
            _, end = decoder.raw_decode(text, at) if at < len(text) else (None, 0)
        except (ValueError, RecursionError):
            end = 0
        more = "" if end and end < len(text) else stream.read(_READ_AT_ONCE)
        if more and len(text) - at < _LONGEST_OBJECT:
            text, at = text[at:] + more, 0
            continue
        if not end:
            if at < len(text):
                yield line, text[at : at + _READ_AT_ONCE]
            return
        yield line, text[at:end]
        line += text.count("\n", at, end)
        at = end


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where `pattern`, which matches everywhere, ends when it begins at `at`."""
    found = pattern.match(text, at)
    return at if found is None else found.end()
