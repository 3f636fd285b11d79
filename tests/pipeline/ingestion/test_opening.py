"""Files are unpacked whatever packed them; what is no log is refused with what it is."""

import bz2
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import InputError
from tests.pipeline.ingestion.test_readers import contract, read

TEXT = b"user,at\nann,1\n"
ANN = [(2, "ann", "1")]


def zipped(**files: bytes) -> bytes:
    """A zip archive of `files`, all of one fixed time: the bytes name a test, so every process must make the same."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data", [bz2.compress(TEXT), lzma.compress(TEXT), zipped(**{"a/log.csv": TEXT, "a/": b""})]
)
def test_packed_files_are_unpacked_by_what_they_are(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "log").write_bytes(data)
    assert read(tmp_path / "log", contract()) == (ANN, [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(**{"1.csv": TEXT, "2.csv": TEXT}), r"holds 2 files\.\nUnpack it"),
        (zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), r"this is an Excel workbook"),
        (zipped(a=TEXT)[:-30], r"the zip archive is damaged"),
        (bz2.compress(TEXT * 99)[:-9], r"cannot be read as csv"),
        (lzma.compress(TEXT * 99)[:-9], r"cannot be read as csv"),
        (b"PAR1....", r"this is a Parquet file: write format: parquet"),
        (b"Obj\x01...", r"this is an Avro file"),
        (b"SQLite format 3\x00", r"this is an SQLite database"),
        (TEXT.decode().encode("utf-16"), r"its text is UTF-16\.\nWrite csv: \{encoding: utf-16\}"),
        (TEXT.decode().encode("utf-16-be"), r"encoding: utf-16-be"),
    ],
)
def test_what_is_no_log_is_refused_with_what_it_is(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "log").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read(tmp_path / "log", contract())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_a_mark_and_without(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "log").write_bytes(TEXT.decode().encode(encoding))
    assert read(tmp_path / "log", contract(csv={"encoding": "utf-16"})) == (ANN, [])
