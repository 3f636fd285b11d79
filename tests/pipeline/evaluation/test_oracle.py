"""The true probabilities of a simulated log are found beside it, and nowhere else."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.evaluation.oracle import truth_beside

TRUTH = pl.DataFrame({"user_id": ["ann"], "login_day": [date(2024, 1, 1)], "probability": [0.5]})


def test_the_truth_lies_in_the_folder_of_the_log(tmp_path: Path) -> None:
    TRUTH.write_parquet(tmp_path / "truth.parquet")
    assert truth_beside(tmp_path / "events.parquet") == tmp_path / "truth.parquet"
    assert truth_beside(tmp_path / "elsewhere/events.parquet") is None


def test_a_file_of_that_name_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    TRUTH.drop("probability").write_parquet(tmp_path / "truth.parquet")
    with pytest.raises(
        InputError, match=r"truth\.parquet: has no column probability\.\n.* Rename the file\."
    ):
        truth_beside(tmp_path / "events.parquet")
    (tmp_path / "truth.parquet").write_bytes(b"not a table")
    with pytest.raises(InputError, match=r"truth\.parquet"):
        truth_beside(tmp_path / "events.parquet")
