"""A damaged JSON file is refused with one message by every reader, never with a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.learning.gates import refuse_unready
from pipeline.log.external_data import last_external_data, read_external_data
from pipeline.log.facts import read_facts

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
