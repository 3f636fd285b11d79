"""Lines without end cost no memory, and are told from the lines around them."""

import bz2
import gzip
import io
import lzma
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.ingestion import lines
from pipeline.ingestion.lines import LONGEST_LINE, TooLong, chunk_of, lines_of
from tests.pipeline.ingestion.test_readers import contract, read
from tests.support.paths import ROOT

MANY = 3 * LONGEST_LINE
MIB = 64
"""Mebibytes of a line without end."""
MOST_MIB = 48
PEAK = """
import resource, sys
from pathlib import Path
from pipeline.ingestion.readers import read_log
from tests.pipeline.ingestion.test_readers import contract
before, rows, broken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [], []
for chunk in read_log([Path(sys.argv[2])], contract(sys.argv[1]), 1_000_000):
    rows += chunk.rows["user"].to_list()
    broken += chunk.broken["reason"].to_list()
used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(used, *rows, *broken)
"""


def zipped(raw: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log", raw)
    return packed.getvalue()


def packed(form: str, raw: bytes) -> bytes:
    ways = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lambda all_of: lzma.compress(all_of, preset=0)}
    return {**ways, "zip": zipped}.get(form, bytes)(raw)


@pytest.mark.parametrize("way", ["plain", "gz", "bz2", "xz", "zip"])
@pytest.mark.parametrize("mark", [b"\0", b"x", b'"'])
def test_a_line_that_is_too_long_is_rejected_alone(tmp_path: Path, way: str, mark: bytes) -> None:
    (tmp_path / "log").write_bytes(packed(way, b"user,at\nann,1\n" + mark * MANY + b"\nbob,2\n"))
    good, broken = read(tmp_path / "log", contract())
    assert good == [(2, "ann", "1"), (4, "bob", "2")]
    assert [(line, reason) for line, reason, _ in broken] == [(3, "line_too_long")]
    assert set(broken[0][2]) == {mark.decode()}


@pytest.mark.parametrize(("before", "after"), [("", ""), ("", "\n"), ("\n  \n", "\n")])
def test_a_first_line_that_is_too_long_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "log").write_text(before.replace(" ", "") + "\0" * MANY + after, "utf-8")
    with pytest.raises(InputError, match=r"log:\d: a line of more than 1,048,576 characters"):
        read(tmp_path / "log", contract())


def test_objects_too_long_are_rejected_and_arrays_in_one_line_are_not(tmp_path: Path) -> None:
    one = '{"user": "ann", "at": "1"}'
    (tmp_path / "log").write_text(one + "\n" + "x" * MANY + "\n" + one, "utf-8")
    good, broken = read(tmp_path / "log", contract("jsonl"))
    assert [line for line, *_ in good] == [1, 3]
    assert [(line, reason) for line, reason, _ in broken] == [(2, "line_too_long")]
    (tmp_path / "log").write_text("[" + ",".join([one] * 70_000) + "]", "utf-8")
    good, broken = read(tmp_path / "log", contract("jsonl"), 1_000_000)
    assert (len(good), broken) == (70_000, [])


def test_a_line_as_long_as_allowed_is_whole_and_chunks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = "x" * (LONGEST_LINE - 1) + "\n"
    every = lines_of(io.StringIO(longest + "y" + longest + longest))
    monkeypatch.setattr(lines, "LONGEST_CHUNK", LONGEST_LINE)
    monkeypatch.setattr(lines, "_AT_ONCE", 1)
    assert chunk_of(every, 9) == [longest]
    assert [type(one) for one in chunk_of(every, 9)] == [TooLong, str]
    assert chunk_of(every, 9) == []


@given(
    text=st.text(alphabet="ab\n\r\x85\u2028", max_size=60),
    pieces=st.integers(0, 1),
    longest=st.integers(1, 7),
)
def test_lines_read_by_blocks_are_those_read_one_by_one(text: str, pieces: int, longest: int) -> None:
    one_by_one = re.findall(r"[^\n]*\n|[^\n]+", text)
    expected = [line if len(line) <= longest else TooLong(line) for line in one_by_one]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LONGEST_LINE", longest)
        stream = io.StringIO(text, newline="\n")
        found = list(lines_of(stream, lines.piece_of(stream) if pieces else ""))
    assert list(map(type, found)) == list(map(type, expected))
    assert [one for one in found if type(one) is str] == [one for one in expected if type(one) is str]
    assert all(one.startswith(two[: longest + 1]) for one, two in zip(found, expected, strict=True))


@pytest.mark.parametrize(("form", "mark"), [("csv", b"\0"), ("jsonl", b"x")])
def test_the_memory_of_a_line_without_end_is_bounded(tmp_path: Path, form: str, mark: bytes) -> None:
    """In a process of its own, since the peak of memory is that of a process."""
    head = {"csv": b"user,at\nann,1\n", "jsonl": b'{"user": "ann", "at": "1"}\n'}[form]
    with gzip.open(tmp_path / "log", "wb", compresslevel=1) as file:
        file.write(head)
        for _ in range(MIB):
            file.write(mark * (1 << 20))
    command = [sys.executable, "-c", PEAK, form, str(tmp_path / "log")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.split()
    assert said[1:] == ["ann", "line_too_long"]
    assert int(said[0]) < MOST_MIB, f"{MIB} MiB in a line took {said[0]} MiB of memory"
