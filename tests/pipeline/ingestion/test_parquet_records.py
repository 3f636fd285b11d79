"""What other tools write into Parquet files is read, or null, and never ends the run."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError
from pipeline.ingestion.parquet_records import frames_of


def written(folder: Path, columns: dict[str, Any]) -> pl.DataFrame:
    pq.write_table(pa.table(columns), folder / "log.parquet")
    return pl.concat(frames_of(folder / "log.parquet", 2))


def not_utf_8(kind: pa.DataType) -> pa.Array:
    offsets = pa.array([0, 3, 6], pa.int64() if kind == pa.large_string() else pa.int32()).buffers()[1]
    return pa.Array.from_buffers(kind, 2, [None, offsets, pa.py_buffer(b"annb\xffb")])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_bytes_that_are_no_text_become_replacement_characters(tmp_path: Path, kind: pa.DataType) -> None:
    frame = written(tmp_path, {"user": not_utf_8(kind), "n": [1, 2]})
    assert frame["user"].to_list() == ["ann", "b\ufffdb"]
    assert frame["n"].to_list() == [1, 2]


def test_nested_values_with_bytes_that_are_no_text_are_null(tmp_path: Path) -> None:
    nested = pa.StructArray.from_arrays([not_utf_8(pa.string())], ["city"])
    assert written(tmp_path, {"place": nested, "n": [1, 2]})["place"].null_count() == 2


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_instants_that_no_date_has_are_null(tmp_path: Path, unit: str) -> None:
    at = pa.array([0, 2**63 - 1], pa.int64()).cast(pa.timestamp(unit, "+05:30"))
    assert written(tmp_path, {"at": at})["at"].to_list() == [datetime(1970, 1, 1, tzinfo=UTC), None]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["user", "user"])
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(InputError, match=r"two columns are named 'user'"):
        list(frames_of(tmp_path / "log.parquet", 2))


def test_a_reserved_name_and_a_pattern_of_names_are_refused(tmp_path: Path) -> None:
    for name in ("@line", "^.*$", "*"):
        pq.write_table(pa.table({"user": [1], name: [2]}), tmp_path / "log.parquet")
        with pytest.raises(InputError, match="Rename it in the file"):
            list(frames_of(tmp_path / "log.parquet", 2))
