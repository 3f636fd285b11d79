"""Files are read and written by the rooms made for it; elsewhere code takes and gives frames and values."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MAY = (
    "pipeline/storage", "pipeline/ingestion", "pipeline/external",
    "pipeline/config",
    "pipeline/reporting/charts/style.py", "pipeline/reporting/user_card/files.py",  # what reporting writes
    "pipeline/demo/output",  # lies below storage
)  # fmt: skip
METHODS = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "ParquetFile", "ParquetWriter"}
VERBS, KINDS = (
    ("read_", "write_", "scan_", "sink_"),
    ("parquet", "parquet_schema", "csv", "ipc", "ndjson", "json"),
)


def file_calls(source: str) -> Iterator[str]:
    """Calls in `source` that read or write a file by themselves, by line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Attribute(attr=name):
                by_itself = name in METHODS or any(name == verb + kind for verb in VERBS for kind in KINDS)
            case ast.Name(id=name):
                by_itself = name == "open"
            case _:
                continue
        if by_itself:
            yield f"{node.lineno}: {name}"


def modules() -> list[Path]:
    files = (
        file for package in ("pipeline", "features", "models") for file in (ROOT / package).rglob("*.py")
    )
    return sorted(file.relative_to(ROOT) for file in files)


def test_no_module_elsewhere_reads_or_writes_a_file() -> None:
    elsewhere = [file for file in modules() if not any(file.is_relative_to(room) for room in MAY)]
    calls = [f"{file}:{call}" for file in elsewhere for call in file_calls((ROOT / file).read_text("utf-8"))]
    assert calls == []
    assert len(elsewhere) > 100


@pytest.mark.parametrize("room", MAY)
def test_each_room_that_may_does_so(room: str) -> None:
    inside = [file for file in modules() if file.is_relative_to(room)]
    assert any(any(file_calls((ROOT / file).read_text("utf-8"))) for file in inside)


@pytest.mark.parametrize(
    "line",
    ["open('a')", "path.open()", "pl.scan_parquet(path)", "table.write_csv(path)", "path.read_text('utf-8')"],
)
def test_a_call_that_reads_or_writes_is_seen(line: str) -> None:
    assert list(file_calls(line))


@pytest.mark.parametrize("line", ["read_csv(path)", "write_text(page, path)", "read_json(path)"])
def test_the_helpers_of_storage_are_no_such_call(line: str) -> None:
    assert list(file_calls(line)) == []
