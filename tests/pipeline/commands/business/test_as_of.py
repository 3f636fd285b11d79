"""The figures of a past day: those of a log that ends there, whatever came later."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from tests.support.business_shop import CONTRACT, club, lines, run_business
from tests.support.stage_runs import digests

DAY = date(2024, 3, 17)
FILES = ("business.json", "business.csv", "business.parquet", "cohorts.csv", "fade.csv")


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, ["business", *words])
    return done.exit_code, done.output


def of_months(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path / "business.parquet").filter(pl.col("grain") != "list")


def test_the_figures_of_a_past_day_are_those_of_a_log_that_ends_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run_business(club(whole), monkeypatch)
    known = lines().filter(pl.col("time").str.slice(0, 10) <= DAY.isoformat())
    run_business(club(cut, known, log__ends_on=DAY.isoformat()), monkeypatch)
    before = digests(whole / "reports")
    code, said = asked(whole, monkeypatch, "--as-of", DAY.isoformat())
    assert (code, "of which 0 are others today" in said) == (0, True)
    past = whole / "reports/business_as_of" / DAY.isoformat()
    assert of_months(past).equals(of_months(cut / "reports"))
    for name in ("cohorts.csv", "fade.csv"):
        assert (past / name).read_bytes() == (cut / "reports" / name).read_bytes()
    after = digests(whole / "reports")
    assert {name: after[name] for name in before} == before  # the figures of today stay
    assert {file.name for file in past.iterdir()} == {*FILES, "moved.csv"}
    assert not (whole / "data/.working").exists()


def test_figures_move_by_what_arrives_late_and_the_table_says_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract: dict[str, Any] = {**CONTRACT, "columns": {**CONTRACT["columns"], "received_at": "seen"}}
    late = pl.DataFrame(
        [("late", "2024-02-28 10:00:00", "visit", "", "", "2024-03-20 10:00:00")],
        schema=["who", "time", "what", "sum", "nps", "seen"],
        orient="row",
    )
    log = pl.concat([lines().with_columns(seen="time"), late])
    run_business(club(tmp_path, log, contract), monkeypatch)
    code, said = asked(tmp_path, monkeypatch, "--as-of", DAY.isoformat(), "--out", "past")
    assert (code, "of which 0" in said) == (0, False)
    moved = pl.read_csv(tmp_path / "past/moved.csv").filter(pl.col("period") == "2024-02")
    by_kpi = dict(moved.select("kpi", "moved").rows())
    assert by_kpi["active"] == by_kpi["end"] == by_kpi["new"] == 1
    assert by_kpi["revenue"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-of", "2020-01-01"), "--as-of 2020-01-01: the log lasts from 202"),
        (("--as-of", "yesterday"), "--as-of yesterday: not a date.\nWrite it as YYYY-MM-DD."),
    ],
)
def test_a_day_that_the_log_does_not_cover_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    run_business(club(tmp_path, lines(20)), monkeypatch)
    code, printed = asked(tmp_path, monkeypatch, *words)
    assert (code, said in printed) == (2, True)


def test_without_figures_of_today_the_command_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed = asked(club(tmp_path, lines(20)), monkeypatch, "--as-of", DAY.isoformat())
    assert code == 2
    assert "Run: dvc repro business" in printed
