"""The files of a log: which there are, in which order, and what is none."""

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.ingestion.files import log_files


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a/2.csv", "a/1.csv", ".hidden.csv", "_tmp/x.csv", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("user,at\n")
    names = [str(file.relative_to(tmp_path)) for file in log_files(str(tmp_path), "*.csv")]
    assert names == ["a/1.csv", "a/2.csv", "b.csv"]
    assert len(log_files(str(tmp_path), "*")) == 4
    assert log_files(str(tmp_path / "a" / "*.csv"), "*") == [
        tmp_path / "a" / "1.csv",
        tmp_path / "a" / "2.csv",
    ]


def test_what_is_no_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: there is no such file or folder"):
        log_files(str(tmp_path / "nowhere"), "*")
    with pytest.raises(InputError, match=r"no file matches '\*'"):
        log_files(str(tmp_path), "*")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match=r"empty\.csv: the file is empty"):
        log_files(str(tmp_path), "*")
