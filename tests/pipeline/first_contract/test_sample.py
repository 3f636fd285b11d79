"""A sample has what any log holds, and a log that is rubbish ends in one message."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import EXPECTED_ERRORS, InputError
from pipeline.first_contract.check import check_contract
from pipeline.first_contract.draft import draft_of
from pipeline.first_contract.sample import sample_of
from tests.support.rubbish.trial import prepare


def test_lines_of_several_files_and_folders_are_one_sample(tmp_path: Path) -> None:
    for day, users in (("01", ["1", "2"]), ("02", [3, 4])):
        folder = tmp_path / f"dt=2024-03-{day}"
        folder.mkdir()
        rows = pl.DataFrame({"user": users, "place": [{"city": "Rome"}, None], "spent": [timedelta(1)] * 2})
        rows.write_parquet(folder / "part.parquet")
    sample = sample_of(str(tmp_path))
    assert (sample.files, sample.whole, sample.broken) == (2, True, 0)
    assert sample.rows.select("user", "place.city", "dt").rows() == [
        ("1", "Rome", "2024-03-01"), ("2", None, "2024-03-01"), ("3", "Rome", "2024-03-02"), ("4", None, "2024-03-02"),
    ]  # fmt: skip
    assert "spent" not in sample.rows.columns


def test_lines_that_stand_twice_are_counted(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("user,at\n" + "a,2024-03-01\n" * 2 + "b,2024-03-01\nc,2024-03-01\n")
    assert sample_of(str(tmp_path / "log.csv")).copies == pytest.approx(0.25)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.gz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03rubbish")
    with pytest.raises(InputError, match=r"log\.gz: cannot be read as a log"):
        sample_of(str(tmp_path / "log.gz"))


@pytest.mark.parametrize("seed", [4, 6, 42, 71, 225])
def test_rubbish_is_refused_or_read(seed: int, tmp_path: Path) -> None:
    prepare("log", seed, tmp_path)
    with suppress(*EXPECTED_ERRORS):
        draft_of(sample_of(str(tmp_path / "log")))
    with suppress(*EXPECTED_ERRORS):
        check_contract(tmp_path / "shop.yaml", str(tmp_path / "log"))
