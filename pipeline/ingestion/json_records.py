"""JSON objects of a log: one in each line, or the elements of one array.

Promise: memory is bounded by a chunk. An element is placed at the line on which it begins.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

_BLANK = " \t\r\n"
_READ_AT_ONCE = 1 << 20
_LONGEST_OBJECT = 64 << 20


def chunks_of_texts(stream: TextIO, most: int) -> Iterator[list[tuple[int, str]]]:
    """The objects' texts by at most `most`, each with its line (1 for the first). Blank lines have none."""
    begin = _first_text(stream)
    texts = (
        _elements(stream, *begin)
        if begin[0].startswith("[") and not _is_whole(begin[0])
        else _of_lines(stream, *begin)
    )
    while chunk := list(islice(texts, most)):
        yield chunk


def object_of(text: str) -> dict[str, Any] | None:
    """The JSON object in `text`, numbers as text; None when it holds no object."""
    try:
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def as_text(value: Any) -> str | None:
    """A JSON value as text; null and the empty text are None. A lone surrogate, which is no character, becomes `?`."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_whole(line: str) -> bool:
    """Whether a first line that begins with `[` is a value of its own that holds no object: then lines are objects."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return bool(value) and not any(isinstance(one, dict) for one in value)


def _first_text(stream: TextIO) -> tuple[str, int]:
    """The first line that is not blank, without blanks before it, and its number."""
    for number, line in enumerate(stream, 1):
        if line.strip():
            return line.lstrip(), number
    return "", 1


def _of_lines(stream: TextIO, first: str, number: int) -> Iterator[tuple[int, str]]:
    if not first:
        return
    yield number, first.rstrip("\r\n")
    for at, line in enumerate(stream, number + 1):
        text = line.rstrip("\r\n")
        if text.strip():
            yield at, text


def _elements(stream: TextIO, text: str, line: int) -> Iterator[tuple[int, str]]:
    """The elements of an array that begins with `text`. What cannot be read ends it, as one broken text."""
    decoder, text = json.JSONDecoder(), text[1:]
    while True:
        kept = text.lstrip(_BLANK + ",")
        line += text[: len(text) - len(kept)].count("\n")
        text = kept
        if text.startswith("]"):
            rest = text[1:].strip()
            if rest:
                yield line, rest
            return
        try:
            _, end = decoder.raw_decode(text) if text else (None, 0)
        except (ValueError, RecursionError):
            end = 0
        more = "" if end and end < len(text) else stream.read(_READ_AT_ONCE)
        if more and len(text) < _LONGEST_OBJECT:
            text += more
            continue
        if not end:
            if text:
                yield line, text[:_READ_AT_ONCE]
            return
        yield line, text[:end]
        line += text[:end].count("\n")
        text = text[end:]
