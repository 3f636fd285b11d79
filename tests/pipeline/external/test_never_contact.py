"""A file of opt-outs that cannot be read stops the run; strangers and future contacts are counted and said."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.database import connection
from pipeline.errors import InputError, ServerError
from pipeline.external.never_contact import contact_log, opted_out
from tests.support.databases import make_table
from tests.support.tables import contract

IDS = pl.Series(["1", "2"])
NO_LIST = r"\nNo list was written"


def written(folder: Path, text: str) -> str:
    (folder / "file.csv").write_text(text, "utf-8")
    return str(folder / "file.csv")


def test_ids_are_matched_as_the_log_writes_them(tmp_path: Path) -> None:
    path = written(tmp_path, "id,until\n 1 ,2024-05-01\n2.0,\n,\n")
    assert opted_out("out", path, "id", "until", IDS).rows() == [("1", date(2024, 5, 1)), ("2", None)]
    pl.DataFrame({"id": [1, 2]}).write_parquet(tmp_path / "file.parquet")
    assert opted_out("out", str(tmp_path / "file.parquet"), "id", None, IDS)["user_id"].to_list() == [
        "1",
        "2",
    ]


def test_a_file_without_rows_is_allowed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert opted_out("out", written(tmp_path, "id\n"), "id", None, IDS).is_empty()
    assert capfd.readouterr().err == ""


def test_a_file_of_strangers_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert opted_out("out", written(tmp_path, "id\n9\n"), "id", None, IDS).height == 1
    assert "rule out: none of its 1 users is a user of the log" in capfd.readouterr().err


def test_a_lost_or_broken_file_means_no_list(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"gone\.csv: there is no such file[^\0]*{NO_LIST}"):
        opted_out("out", str(tmp_path / "gone.csv"), "id", None, IDS)
    with pytest.raises(
        InputError, match=rf"has no column 'id', which never_contact: rule out needs[^\0]*{NO_LIST}"
    ):
        opted_out("out", written(tmp_path, "user\n1\n"), "id", None, IDS)
    with pytest.raises(InputError, match=rf"cannot be read as csv[^\0]*{NO_LIST}"):
        opted_out("out", written(tmp_path, ""), "id", None, IDS)
    with pytest.raises(InputError, match=rf"rule out: path = [^\0]*: it names no table\.[^\0]*{NO_LIST}"):
        opted_out("out", "postgresql://server/base", "id", None, IDS)
    with pytest.raises(InputError, match=r"until = 'soon' is no date"):
        opted_out("out", written(tmp_path, "id,until\n1,soon\n"), "id", "until", IDS)


def test_opt_outs_and_contacts_come_from_a_database(database_url: str) -> None:
    make_table(database_url, "opt_outs", pl.DataFrame({"id": [" 1 ", "2.0"], "until": ["2024-05-01", None]}))
    assert opted_out("out", f"{database_url}#opt_outs", "id", "until", IDS).rows() == [
        ("1", date(2024, 5, 1)),
        ("2", None),
    ]
    with pytest.raises(
        InputError, match=rf"has no column 'user_id'\.\nIts columns: id, until\.[^\0]*{NO_LIST}"
    ):
        opted_out("out", f"{database_url}#opt_outs", "user_id", None, IDS)
    with pytest.raises(InputError, match=rf"#gone: there is no such table[^\0]*{NO_LIST}"):
        opted_out("out", f"{database_url}#gone", "id", None, IDS)
    made = {"user_id": ["1"], "contacted_at": ["2024-03-01T10:00Z"], "play": ["ask"], "channel": ["mail"]}
    make_table(database_url, "contacts", pl.DataFrame(made | {"offer_taken": ["yes"], "text": ["Hello"]}))
    contacts = contact_log(f"{database_url}#contacts", contract(), IDS, date(2024, 3, 31))
    assert contacts.rows() == [("1", date(2024, 3, 1), "ask", "mail", True)]


def test_a_database_that_stays_down_means_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)
    with pytest.raises(ServerError, match=rf"tries within 31 s[^\0]*{NO_LIST}"):
        opted_out("out", "postgresql://crm@127.0.0.1:9/crm#opt_outs", "id", None, IDS)


def test_contacts_of_later_days_and_of_strangers_are_left_out_and_counted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = ["user_id,contacted_at,play,channel", "1,2024-03-01T10:00:00Z,ask,email", "2,2024-04-01,ask,email",
             "9,2024-03-01,ask,email"]  # fmt: skip
    contacts = contact_log(written(tmp_path, "\n".join(lines)), contract(), IDS, date(2024, 3, 31))
    assert contacts.rows() == [("1", date(2024, 3, 1), "ask", "email")]
    said = capfd.readouterr().err
    assert "contacts later than 2024-03-31, left out: 1" in said
    assert "contacts of users whom the log does not know, left out: 1" in said
    with pytest.raises(InputError, match=r"contacted_at = 'once' is no time"):
        contact_log(written(tmp_path, f"{lines[0]}\n1,once,ask,email\n"), contract(), IDS, date(2024, 3, 31))


def test_offers_taken_are_read_where_the_file_has_them(tmp_path: Path) -> None:
    lines = [
        "user_id,contacted_at,play,channel,offer_taken",
        "1,2024-03-01,ask,email,True",
        "2,2024-03-02,ask,push,",
    ]
    contacts = contact_log(written(tmp_path, "\n".join(lines)), contract(), None, date(2024, 3, 31))
    assert contacts["offer_taken"].to_list() == [True, False]
