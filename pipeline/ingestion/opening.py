"""Opens the files of a log: plain, gzip, zstd, bzip2, xz, or a zip archive of one file.

Promise: a file of another kind than the contract says is refused with what it is and what to do.
"""

import codecs
import io
import lzma
import zipfile
from pathlib import Path
from typing import IO

import pyarrow as pa

from features.contract.model import Contract
from pipeline.errors import InputError

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_XZ, _ZIP = b"\xfd7zXZ\x00", b"PK\x03\x04"
_KINDS = {
    b"PAR1": "a Parquet file: write format: parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save its sheet as CSV",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"Rar!": "a RAR archive: unpack it",
    b"Obj\x01": "an Avro file: export it as Parquet or JSON lines",
    b"ORC": "an ORC file: export it as Parquet",
    b"SQLite format 3": "an SQLite database: give it as sqlite:///… with its table, or export the table",
    b"%PDF": "a PDF: export the data as CSV",
    b"ARROW1": "an Arrow file: export it as Parquet",
}
_UTF8 = ("utf-8", "utf8", "utf_8")
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_LOOKED_AT = 4096


def opened(path: Path, stored_as: str) -> pa.NativeFile:
    """The bytes of `path`, unpacked. `stored_as`: the contract's format.

    Raises InputError for a file that is plainly something else.
    """
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if start.startswith(_ZIP):
        return pa.PythonFile(_only_member(path), mode="r")
    if start.startswith(_XZ):
        return pa.PythonFile(lzma.open(path), mode="r")
    if stored_as != "parquet":
        what = next((what for magic, what in _KINDS.items() if start.startswith(magic)), None)
        if what is not None:
            raise InputError(f"{path}: this is {what}.")
    compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
    return pa.input_stream(str(path), compression=compression)


def text_of(path: Path, contract: Contract) -> io.TextIOWrapper:
    """The physical lines of `path`, with their ends. Bytes that are not text in the encoding become U+FFFD.

    Raises InputError when the file is plainly in another encoding, such as UTF-16 where the contract says UTF-8.
    """
    encoding = contract.csv.encoding
    with opened(path, contract.format) as raw:
        start = raw.read(_LOOKED_AT)
    if encoding.lower() in _UTF8:
        encoding = "utf-8-sig"
        found = wide_encoding(start)
        if found is not None:
            raise InputError(
                f"{path}: its text is {found.upper()}.\nWrite csv: {{encoding: {found}}} in the contract."
            )
    elif encoding.lower().replace("_", "-") in ("utf-16", "utf16"):
        encoding = wide_encoding(start) or encoding
    return io.TextIOWrapper(opened(path, contract.format), encoding=encoding, errors="replace", newline="\n")


def wide_encoding(start: bytes) -> str | None:
    """The encoding of a text whose marks or NUL bytes show that each character has two or four bytes."""
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if marked is not None:
        return marked
    pairs = len(start) // 2
    zeros = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if pairs >= 4 and max(zeros) > 0.6 * pairs and min(zeros) < 0.05 * pairs:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return None


def _only_member(path: Path) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(path)
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError) as error:
        raise InputError(f"{path}: the zip archive is damaged: {error}.\nExport it again.") from error
    if "[Content_Types].xml" in names:
        raise InputError(f"{path}: this is an Excel workbook.\nSave its sheet as CSV, and give that file.")
    members = [name for name in names if not name.startswith("__MACOSX/")]
    if len(members) != 1:
        raise InputError(
            f"{path}: the zip archive holds {len(members)} files.\nUnpack it, and give the folder."
        )
    try:
        return archive.open(members[0])
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: {members[0]} cannot be unpacked: {error}.\nUnpack it yourself.") from error
