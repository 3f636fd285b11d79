"""The physical lines of a text.

Promise: memory is bounded by characters, not by lines. A line that is too long is cut, and its rest is skipped.
"""

from collections.abc import Iterator
from functools import partial
from io import StringIO
from itertools import chain, islice
from typing import Final, TextIO

LONGEST_LINE: Final = 1 << 20
"""Characters. An event has some hundred; a queue such as Kafka takes one of a megabyte at most."""
LONGEST_CHUNK: Final = 128 << 20
"""Characters of the lines that are in memory at the same time."""
_AT_ONCE: Final = 64
_KEPT: Final = 1000


class TooLong(str):
    """The beginning of a line that is too long."""

    __slots__ = ()


def piece_of(stream: TextIO) -> str:
    """The next line with its end, or the beginning of one of more than LONGEST_LINE characters; empty at the end."""
    return stream.readline(LONGEST_LINE + 1)


def lines_of(stream: TextIO, begun: str = "") -> Iterator[str]:
    """The lines of `stream`, with their ends; one of more than LONGEST_LINE characters is a TooLong.

    `begun`: a piece that has been read before.
    """
    return chain.from_iterable(_lines_by_block(stream, begun))


def _lines_by_block(stream: TextIO, begun: str) -> Iterator[list[str]]:
    """The lines of one block of text after another: to ask the stream for each line takes four times as long."""
    rest = ""
    for text in chain([begun] if begun else [], iter(partial(stream.read, LONGEST_LINE), "")):
        lines = StringIO(rest + text, newline="\n").readlines()
        rest = "" if lines[-1].endswith("\n") else lines.pop()[: LONGEST_LINE + 1]
        if lines:  # the others lie within a block
            lines[0] = _bounded(lines[0])
        yield lines
    if rest:
        yield [_bounded(rest)]


def _bounded(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else TooLong(line[:_KEPT])


def chunk_of(lines: Iterator[str], most: int) -> list[str]:
    """The next lines, at most `most`, of bounded length together; empty at the end."""
    chunk: list[str] = []
    size = 0
    while size < LONGEST_CHUNK and (more := list(islice(lines, min(_AT_ONCE, most - len(chunk))))):
        chunk += more
        size += sum(map(len, more))
    return chunk
