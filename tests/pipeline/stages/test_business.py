"""The stage `business`: each figure recounted from the raw lines by plain SQL, its laws, and bad input."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.config.params import load_params
from pipeline.errors import InputError
from tests.support.business_shop import BEFORE, CONTRACT, club, lines, run_business
from tests.support.stage_runs import command, digests, run_here

HORIZON = 14
MONTHS = {"2024-01": ("2024-01-01", "2024-01-31"), "2024-02": ("2024-02-01", "2024-02-29"),
          "2024-03": ("2024-03-01", "2024-03-31"), "2024-04": ("2024-04-01", "2024-04-30")}  # fmt: skip
COUNTS = {
    "revenue": "SELECT sum(amount) FROM log WHERE amount > 0 AND day BETWEEN :first AND :last",
    "refunds": "SELECT -sum(amount) FROM log WHERE amount < 0 AND day BETWEEN :first AND :last",
    "net_revenue": "SELECT sum(amount) FROM log WHERE day BETWEEN :first AND :last",
    "orders": "SELECT count(DISTINCT who || time) FROM log WHERE amount > 0 AND day BETWEEN :first AND :last",
    "buyers": "SELECT count(DISTINCT who) FROM log WHERE amount > 0 AND day BETWEEN :first AND :last",
    "active": "SELECT count(DISTINCT who) FROM came WHERE day BETWEEN :first AND :last",
    "arpc": "SELECT (SELECT sum(amount) FROM log WHERE day BETWEEN :first AND :last) * 1.0 / count(DISTINCT who) "
    "FROM came WHERE day BETWEEN :first AND :last",
    "average_check": "SELECT sum(amount) / count(DISTINCT who || time) FROM log "
    "WHERE amount > 0 AND day BETWEEN :first AND :last",
    "purchase_frequency": "SELECT count(DISTINCT who || time) * 1.0 / count(DISTINCT who) FROM log "
    "WHERE amount > 0 AND day BETWEEN :first AND :last",
    "concentration": "SELECT sum(CASE WHEN place <= ceil(0.08 * buyers) THEN paid END) / sum(paid) FROM (SELECT "
    "sum(amount) AS paid, row_number() OVER (ORDER BY sum(amount) DESC) AS place, count(*) OVER () AS buyers FROM log "
    "WHERE amount > 0 AND day BETWEEN :first AND :last GROUP BY who)",
    "end": "SELECT count(*) FROM held WHERE month = :month",
    "start": "SELECT count(*) FROM held WHERE month = :before",
    "lost": "SELECT count(*) FROM held WHERE month = :before "
    "AND who NOT IN (SELECT who FROM held WHERE month = :month)",
    "new": "SELECT count(*) FROM held JOIN firsts USING (who) WHERE month = :month "
    "AND first BETWEEN :first AND :last",
    "returned": "SELECT count(*) FROM held JOIN firsts USING (who) WHERE month = :month AND first < :first "
    "AND who NOT IN (SELECT who FROM held WHERE month = :before)",
    "new_and_lost": "SELECT count(*) FROM firsts WHERE first BETWEEN :first AND :last "
    "AND who NOT IN (SELECT who FROM held WHERE month = :month)",
    "churn_rate": "SELECT 1.0 * sum(who NOT IN (SELECT who FROM held WHERE month = :month)) / count(*) FROM held "
    "WHERE month = :before",
    "nps": "SELECT 100.0 * (sum(score >= 9) - sum(score <= 6)) / count(*) FROM (SELECT who, score, "
    "row_number() OVER (PARTITION BY who ORDER BY time DESC) AS turn FROM log "
    "WHERE score IS NOT NULL AND day > date(:last, '-90 day') AND day <= :last) WHERE turn = 1",
    "mrr_end": "SELECT sum(round(paid * 30.4375 / 30 * 100) / 100) FROM (SELECT who, amount AS paid, day, "
    "row_number() OVER (PARTITION BY who ORDER BY time DESC) AS turn FROM log WHERE what = 'plan' AND day <= :last) "
    "WHERE turn = 1 AND date(day, '+33 day') >= :last",
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = club(tmp_path_factory.mktemp("club"), business__before_log_days=0)
    with pytest.MonkeyPatch.context() as patch:
        run_business(folder, patch)
    return folder


@pytest.fixture(scope="module")
def raw(ran: Path) -> sqlite3.Connection:
    """The raw lines in SQLite: `log`, login days `came`, `firsts`, and `held`, the customers at each month's end."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE log (who, time, day, what, amount REAL, score REAL)")
    rows = pl.read_csv(ran / "shop.csv", infer_schema=False).rows()
    database.executemany(
        "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)",
        [
            (who, time, time[:10], what, amount or None, score or None)
            for who, time, what, amount, score in rows
        ],
    )
    database.execute("CREATE TABLE came AS SELECT DISTINCT who, day FROM log WHERE what != 'refund'")
    database.execute("CREATE TABLE firsts AS SELECT who, min(day) AS first FROM came GROUP BY who")
    database.execute("CREATE TABLE held (month, who)")
    for month, (_, last) in {**MONTHS, "2023-12": ("", "2023-12-31")}.items():
        database.execute(
            "INSERT INTO held SELECT DISTINCT ?, who FROM came WHERE day > date(?, ?) AND day <= ?",
            (month, last, f"-{HORIZON} day", last),
        )
    return database


def months(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "reports/business.parquet").filter(pl.col("grain") == "month")


@pytest.mark.parametrize("kpi", COUNTS)
def test_a_figure_is_what_plain_sql_counts_in_the_raw_lines(
    ran: Path, raw: sqlite3.Connection, kpi: str
) -> None:
    told = {row["period"]: row for row in months(ran).filter(pl.col("kpi") == kpi).to_dicts()}
    labels = ["2023-12", *MONTHS]
    counted = 0
    for before, month in zip(labels, MONTHS, strict=False):
        first, last = MONTHS[month]
        value = raw.execute(
            COUNTS[kpi], {"first": first, "last": last, "month": month, "before": before}
        ).fetchone()[0]
        if told[month]["because"] is None:
            assert told[month]["value"] == pytest.approx(value or 0), month
            counted += 1
    assert counted >= 3


def test_identities_hold_exactly(ran: Path) -> None:
    wide = months(ran).filter(pl.col("period") > "2024-01").pivot("kpi", index="period", values="value")
    for row in wide.to_dicts():
        assert row["end"] == row["start"] - row["lost"] + row["new"] + row["returned"]
        moved = ("mrr_start", "mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churn", "mrr_reactivation")
        if row["mrr_start"] is not None:
            assert sum(round(row[name] * 100) for name in moved) == round(row["mrr_end"] * 100)
        assert row["average_check"] * row["purchase_frequency"] * row["buyers"] == pytest.approx(
            row["revenue"]
        )


def test_partial_and_provisional_periods_are_marked_and_never_alarmed(ran: Path) -> None:
    table = pl.read_parquet(ran / "reports/business.parquet")
    marked = table.filter((pl.col("grain") == "month") & (pl.col("kpi") == "end"))
    assert dict(zip(marked["period"], marked["partial"], strict=True)) == {
        "2023-12": True, "2024-01": False, "2024-02": False, "2024-03": False, "2024-04": False, "2024-05": True,
    }  # fmt: skip
    assert marked["provisional"].to_list() == [False] * 5 + [True]
    assert (
        table.filter(pl.col("partial") | pl.col("provisional"))["alarm"].null_count()
        == table.filter(pl.col("partial") | pl.col("provisional")).height
    )


def test_what_is_not_known_is_null_with_a_reason(ran: Path) -> None:
    table = pl.read_parquet(ran / "reports/business.parquet")
    assert (table["value"].is_null() == table["because"].is_not_null()).all()
    assert set(table.filter(pl.col("kpi") == "cac")["because"]) == {
        "business.spend names no table", "the log begins on 2023-12-20: who was a customer is known from 2024-01-02 on"
    }  # fmt: skip


def test_the_report_and_the_tables_say_the_same(ran: Path) -> None:
    report = json.loads((ran / "reports/business.json").read_text("utf-8"))
    table = pl.read_parquet(ran / "reports/business.parquet")
    assert len(report["figures"]) == table.height == pl.read_csv(ran / "reports/business.csv").height
    assert report["movements_of"] == "MRR"
    assert report["kpis"]["churn_rate"]["compared_with"].startswith("its own 6 periods before")
    listed = [row for row in report["figures"] if row["grain"] == "list"]
    assert [(row["kpi"], row["value"]) for row in listed] == [
        ("expected_losses", 0.75),
        ("value_at_risk", 12.0),
    ]


def test_active_users_of_all_cohorts_are_those_of_the_month(ran: Path) -> None:
    cohorts = pl.read_csv(ran / "reports/cohorts.csv").filter(pl.col("by") == "all")
    month = pl.col("cohort").str.to_date("%Y-%m", strict=False).dt.offset_by(pl.format("{}mo", "age"))
    lived = (
        cohorts.drop_nulls("active")
        .group_by(month.dt.strftime("%Y-%m").alias("period"))
        .agg(pl.col("active").sum())
    )
    active = months(ran).filter((pl.col("kpi") == "active") & ~pl.col("partial")).select("period", "value")
    joined = active.join(lived, on="period")
    assert joined.height == len(MONTHS)
    assert (joined["value"] == joined["active"]).all()


def test_running_it_twice_gives_the_same_bytes(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(ran / "reports")
    run_here(ran, monkeypatch, "business")
    assert digests(ran / "reports") == before


def test_other_buckets_give_the_same_figures(
    tmp_path: Path, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = run_business(club(tmp_path, engine__buckets=1, business__before_log_days=0), monkeypatch)
    assert table.equals(pl.read_parquet(ran / "reports/business.parquet"))


def test_a_log_without_amounts_and_answers_has_every_row_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = {
        "format": "csv", "columns": {"user_id": "who", "at": "time", "kind": "what"},
        "groups": {"look": ["visit", "answer"]},
    }  # fmt: skip
    table = run_business(club(tmp_path, lines(paying=False), contract), monkeypatch)
    month = table.filter((pl.col("grain") == "month") & (pl.col("period") == "2024-03"))
    said = dict(month.select("kpi", "because").rows())
    assert said["arpc"] == said["mrr_end"] == "the log has no amounts"
    assert said["nps"] == "the log has no answers from 0 to 10"
    assert said["churn_rate"] is None


def test_without_subscriptions_movements_are_of_net_revenue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = {**CONTRACT, "meaning": {"refund": ["refund"]}}
    table = run_business(club(tmp_path, contract=contract), monkeypatch).filter(pl.col("grain") == "month")
    wide = table.pivot("kpi", index="period", values="value").sort("period")
    assert (
        json.loads((tmp_path / "reports/business.json").read_text())["movements_of"]
        == "net revenue of the period"
    )
    for before, row in zip(wide.to_dicts()[1:], wide.to_dicts()[2:], strict=False):
        assert row["mrr_start"] == pytest.approx(before["net_revenue"])
        assert row["mrr_end"] == pytest.approx(row["net_revenue"])


def test_cancelled_subscriptions_make_the_customers_of_the_kind_cancel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract: dict[str, Any] = {
        **CONTRACT,
        "groups": {**CONTRACT["groups"], "end": ["stop"]},
        "meaning": {"subscription_start": ["plan"], "subscription_end": ["stop"]},
    }
    rows = [
        ("u1", "2024-01-02 10:00:00", "plan", "10.00", ""),
        ("u1", "2024-02-10 10:00:00", "stop", "", ""),
        ("u2", "2024-01-03 10:00:00", "plan", "10.00", ""),
        ("u2", "2024-04-29 10:00:00", "visit", "", ""),
    ]
    log = pl.DataFrame(rows, schema=["who", "time", "what", "sum", "nps"], orient="row")
    label = load_params_label(kind="cancel")
    table = run_business(club(tmp_path, log, contract, label=label), monkeypatch)
    ends = table.filter((pl.col("grain") == "month") & (pl.col("kpi") == "end"))
    assert ends["value"].to_list() == [2, 1, 1, 1]


def load_params_label(**changes: Any) -> dict[str, Any]:
    return {**load_params(Path(__file__).parents[3] / "params.yaml").label.model_dump(), **changes}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"business__norms": {"churnrate": 0.1}}, "business.norms = {'churnrate': 0.1} is not allowed"),
        ({"business__cohorts_by": ["planet"]}, "business.cohorts_by names 'planet'"),
        ({"business__spend": "nowhere.csv"}, "nowhere.csv: there is no such file.\nCorrect business.spend"),
    ],
)
def test_bad_parameters_end_in_one_message_with_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str
) -> None:
    folder = club(tmp_path, lines(20), **changes)
    with pytest.raises(InputError, match="business") as error:
        run_business(folder, monkeypatch)
    assert said in str(error.value)


def test_a_subscription_that_ends_before_it_starts_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract: dict[str, Any] = {
        **CONTRACT,
        "columns": {**CONTRACT["columns"], "paid_until": "until"},
        "meaning": {"subscription_start": ["plan"]},
    }
    pays = pl.col("what") == "plan"
    log = lines(20).with_columns(until=pl.when(pays).then(pl.lit("2023-12-01")).otherwise(pl.lit("")))
    folder = club(tmp_path, log, contract)
    run_here(folder, monkeypatch, *BEFORE)
    done = command(folder, "business")
    assert done.returncode == 2
    assert "ends before it, on 2023-12-01" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "reports/business.json").exists()
