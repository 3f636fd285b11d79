"""The manifest of a folder of buckets: `buckets.json` lists them, and is written when the folder is complete.

Promise: a folder with a bucket missing, too many or cut off is refused before a row of it is read.
"""

from pathlib import Path
from typing import Final

from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits
from pipeline.storage.datasets import stage_that_writes
from pipeline.storage.files import read_whole_json, write_json

MANIFEST: Final = "buckets.json"
_BUCKET: Final = "bucket="


def write_manifest(folder: Path) -> None:
    """Write the manifest of the buckets in `folder`: each file with its size in bytes."""
    write_json(_sizes(folder), folder / MANIFEST)


def complete_buckets(folder: Path) -> list[int]:
    """The numbers of the buckets in `folder`, in order.

    Raises InputError naming the first bucket that is missing, not listed, or of another size than listed.
    """
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
    expected = read_whole_json(folder / MANIFEST)
    for file in sorted({*sizes, *expected}):
        if sizes.get(file) != expected.get(file):
            raise InputError(
                f"{folder / file}: {_fault(sizes.get(file), expected.get(file))}; {MANIFEST} lists "
                f"{len(expected)} buckets, the folder holds {len(sizes)}.\nMake them again: {_to_do(folder)}"
            )
    return sorted(int(file.split("/")[0].removeprefix(_BUCKET)) for file in sizes)


def _fault(size: int | None, expected: int | None) -> str:
    if size is None:
        return "this bucket is missing"
    if expected is None:
        return "this bucket is one too many"
    return f"this bucket has {size:,} bytes instead of {expected:,}"


def _sizes(folder: Path) -> dict[str, int]:
    files = sorted(folder.glob(f"{_BUCKET}*/*.parquet"))
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}


def _to_do(folder: Path) -> str:
    return f"dvc repro {stage_that_writes(folder)}".rstrip()
