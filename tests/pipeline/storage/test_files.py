"""A damaged file is refused with one message by every reader, never with a traceback."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.learning.gates import refuse_unready
from pipeline.log.external_data import last_external_data, read_external_data
from pipeline.log.facts import read_facts
from pipeline.storage.files import found_whole, read_whole_json, write_json

READERS: list[Callable[[Path], object]] = [
    read_facts, read_external_data, lambda file: last_external_data(file, "demo"), refuse_unready,
]  # fmt: skip


@pytest.mark.parametrize("text", ["", '{"log_start": "2021-', "\xff"])
@pytest.mark.parametrize("read", READERS)
def test_a_cut_file_is_refused(read: Callable[[Path], object], text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text(text, "latin-1")
    with pytest.raises(InputError, match=r"file\.json: damaged: .*\nFetch it whole, or make it again"):
        read(file)


def test_a_key_that_is_not_there_is_the_fault_of_the_file_and_still_a_missing_key(tmp_path: Path) -> None:
    file = tmp_path / "reports/metrics.json"
    write_json({"test": {"auc": 0.8}, "lists": [{"n": 1}]}, file)
    metrics = read_whole_json(file)
    assert metrics == {"test": {"auc": 0.8}, "lists": [{"n": 1}]}
    for read in (lambda: metrics["grade"], lambda: metrics["test"]["gini"], lambda: metrics["lists"][0]["m"]):
        with pytest.raises(
            InputError, match=r"metrics\.json: damaged, .* there is no '\w+'\.\n.*repro evaluate$"
        ):
            read()
        with pytest.raises(KeyError):
            read()
    assert metrics.get("grade") is None


def panic() -> None:
    raise pl.exceptions.PanicException("out-of-range")


def wrong_types() -> None:
    sum(["a"])  # type: ignore[list-item]


@pytest.mark.parametrize("read", [panic, wrong_types, lambda: pl.read_parquet(__file__), lambda: int("x")])
def test_whatever_a_reader_raises_on_other_bytes_names_file_and_stage(read: Callable[[], object]) -> None:
    file = Path("shop/data/activity/bucket=0001/part.parquet")
    with (
        pytest.raises(
            InputError, match=r"^shop/data/activity/bucket=0001/.*: damaged: .*\n.*repro activity$"
        ),
        found_whole(file),
    ):
        read()
