"""Users whom the users table lacks, and the likely cause when it has none of them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.checks.left_out import left_out_of_log
from pipeline.log.facts import LogFacts
from pipeline.storage.files import write_json
from pipeline.storage.frames import bucket_file, write_parquet
from pipeline.storage.manifest import write_manifest

DAY = date(2024, 1, 1)


def found(folder: Path, users: list[str], listed: list[str]) -> tuple[int, int, str]:
    frame = pl.DataFrame(
        {"user_id": users, "events": [1] * len(users)}, schema_overrides={"user_id": pl.String}
    )
    write_parquet(frame, bucket_file(folder / "activity", 0))
    write_manifest(folder / "activity")
    table = pl.DataFrame({"user_id": listed}, schema={"user_id": pl.String})
    write_parquet(table, bucket_file(folder / "external/users", 0))
    write_manifest(folder / "external/users")
    visitors = pl.DataFrame({"user_id": [user for user in users if user.startswith("visitor")]})
    write_parquet(visitors.cast(pl.String), bucket_file(folder / "anonymous", 0))
    write_manifest(folder / "anonymous")
    report = {"amounts": 0, "amounts_not_converted": {}, "currencies_not_converted": {}}
    write_json(report, folder / "activity.json")
    facts = LogFacts(DAY, DAY, 1, frozenset(), {}, 0, (), {}, {})
    folders = [folder / name for name in ("activity", "activity.json", "external", "anonymous")]
    *_, last = left_out_of_log(facts, *folders)
    assert last.reason == "not_in_users_table"
    return last.lost, last.of, last.because


def test_users_of_the_log_are_looked_up_in_the_table(tmp_path: Path) -> None:
    assert found(tmp_path, ["ann", "bob", "ann", "visitor 1"], ["ann", "zoe"]) == (1, 2, "")


@pytest.mark.parametrize(
    ("user", "listed", "because"),
    [
        ("00042", "42", "they differ in zeros before the number"),
        ("Ann", "ANN", "they differ in capital letters"),
        ("42", "42.0", "they differ in '.0' behind the number, as spreadsheets write it"),
        ("ab-12", "ab12", "they differ in marks and blanks"),
        ("u1", "x", "the log has ids such as 'u1', the table ids such as 'x'"),
    ],
)
def test_a_table_without_any_user_of_the_log_says_how_ids_differ(
    tmp_path: Path, user: str, listed: str, because: str
) -> None:
    assert found(tmp_path, [user], [listed]) == (1, 1, because)
