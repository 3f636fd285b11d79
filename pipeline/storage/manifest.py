"""The manifest of a folder of buckets: `buckets.json` lists them, and is written when the folder is complete.

Promise: a folder with a bucket missing, too many, cut off or changed is refused before a row of it is read.
"""

import zlib
from pathlib import Path
from typing import Any, Final

from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits
from pipeline.storage.datasets import stage_that_writes
from pipeline.storage.files import read_whole_json, write_json

MANIFEST: Final = "buckets.json"
_BUCKET: Final = "bucket="
_READ_AT_ONCE: Final = 1 << 22


def write_manifest(folder: Path) -> None:
    """Write the manifest of the buckets in `folder`: each file with its size in bytes and its CRC-32."""
    listed = {file: {"bytes": size, "crc32": _crc32(folder / file)} for file, size in _sizes(folder).items()}
    write_json(listed, folder / MANIFEST)


def complete_buckets(folder: Path) -> list[int]:
    """The numbers of the buckets in `folder`, in order.

    Raises InputError naming the first bucket that is missing, not listed, or of another size than listed.
    """
    return sorted(int(file.split("/")[0].removeprefix(_BUCKET)) for file in _listed(folder))


def refuse_changed_buckets(folder: Path) -> None:
    """Raise InputError naming the first bucket in `folder` with other bytes than when it was written.

    Also as `complete_buckets`. Reads all of them: some two gigabytes in a second.
    """
    for file, entry in _listed(folder).items():
        if _crc32(folder / file) != entry["crc32"]:
            raise InputError(
                f"{folder / file}: damaged: its bytes are not those that were written.\n"
                f"Make it again: {_to_do(folder)}"
            )


def _listed(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of the manifest by file, when they are those of the folder."""
    finish_commits(folder)
    sizes = _sizes(folder)
    if not sizes:
        raise InputError(
            f"{folder}: holds no bucket=… folder.\nRun the stage that writes it: {_to_do(folder)}"
        )
    if not (folder / MANIFEST).is_file():
        raise InputError(
            f"{folder}: has no {MANIFEST}, so nobody knows whether its {len(sizes)} buckets are all.\n"
            f"Make it again: {_to_do(folder)}"
        )
    entries = read_whole_json(folder / MANIFEST)
    if not _is_manifest(entries):
        raise InputError(
            f"{folder / MANIFEST}: damaged, or of an earlier version.\nMake it again: {_to_do(folder)}"
        )
    expected = {file: entry["bytes"] for file, entry in entries.items()}
    for file in sorted({*sizes, *expected}):
        if sizes.get(file) != expected.get(file):
            raise InputError(
                f"{folder / file}: {_fault(sizes.get(file), expected.get(file))}; {MANIFEST} lists "
                f"{len(expected)} buckets, the folder holds {len(sizes)}.\nMake them again: {_to_do(folder)}"
            )
    return dict(entries)


def _is_manifest(entries: Any) -> bool:
    return isinstance(entries, dict) and all(
        isinstance(entry, dict) and set(entry) == {"bytes", "crc32"} and isinstance(entry["bytes"], int)
        for entry in entries.values()
    )


def _fault(size: int | None, expected: int | None) -> str:
    if size is None:
        return "this bucket is missing"
    if expected is None:
        return "this bucket is one too many"
    return f"this bucket has {size:,} bytes instead of {expected:,}"


def _sizes(folder: Path) -> dict[str, int]:
    files = sorted(folder.glob(f"{_BUCKET}*/*.parquet"))
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}


def _crc32(file: Path) -> str:
    check = 0
    with file.open("rb") as opened:
        while piece := opened.read(_READ_AT_ONCE):
            check = zlib.crc32(piece, check)
    return f"{check:08x}"


def _to_do(folder: Path) -> str:
    return f"dvc repro {stage_that_writes(folder)}".rstrip()
