"""A folder of buckets is read when all of it is there, and refused with the bucket named when it is not."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets, write_buckets, write_parquet
from pipeline.storage.manifest import MANIFEST, refuse_changed_buckets


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    folder = tmp_path / "data/logins"
    write_buckets((pl.DataFrame({"user_id": [f"u{number}"]}) for number in range(3)), folder)
    return folder


def test_a_complete_folder_is_read_in_bucket_order(logins: Path) -> None:
    assert buckets_in(logins) == [0, 1, 2]
    assert read_buckets(logins)["user_id"].to_list() == ["u0", "u1", "u2"]


def test_the_manifest_is_the_same_for_the_same_buckets(logins: Path, tmp_path: Path) -> None:
    write_buckets((pl.DataFrame({"user_id": [f"u{number}"]}) for number in range(3)), tmp_path / "again")
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (logins / MANIFEST).read_bytes()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_bucket_is_named(logins: Path, number: int) -> None:
    shutil.rmtree(bucket_file(logins, number).parent)
    message = rf"bucket=000{number}/part\.parquet: this bucket is missing; .* 3 buckets, the folder holds 2\."
    with pytest.raises(InputError, match=message + r"\nMake them again: dvc repro logins$"):
        read_buckets(logins)


def test_a_bucket_too_many_is_named(logins: Path) -> None:
    write_parquet(pl.DataFrame({"user_id": ["u9"]}), bucket_file(logins, 9))
    with pytest.raises(InputError, match=r"bucket=0009/part\.parquet: this bucket is one too many"):
        buckets_in(logins)


def test_a_bucket_that_was_cut_off_is_named(logins: Path) -> None:
    file = bucket_file(logins, 1)
    whole = file.stat().st_size
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=rf"bucket=0001/.*: this bucket has 100 bytes instead of {whole}"):
        buckets_in(logins)


def test_a_folder_that_says_nothing_of_its_buckets_is_refused(logins: Path) -> None:
    (logins / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"has no buckets\.json, .* whether its 3 buckets are all"):
        buckets_in(logins)


def test_a_bucket_of_the_same_size_with_other_bytes_is_named_before_a_stage_reads_it(logins: Path) -> None:
    refuse_changed_buckets(logins)
    file = bucket_file(logins, 2)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(
        InputError, match=r"bucket=0002/part\.parquet: damaged: .*\nMake it again: dvc repro logins$"
    ):
        refuse_changed_buckets(logins)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"bucket=0000/part.parquet": 3}', '{"a": {"bytes": "3", "crc32": "0"}}']
)
def test_a_manifest_of_another_form_is_refused(logins: Path, text: str) -> None:
    (logins / MANIFEST).write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"buckets|bucket=0000"):
        buckets_in(logins)
