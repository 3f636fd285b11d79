"""The figures of the business on two public logs: their laws, and revenue recounted from the stored events."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.storage.datasets import CRM_TABLE, EVENTS
from pipeline.storage.frames import read_buckets, write_parquet
from tests.real.public import public_log
from tests.support.paths import ROOT
from tests.support.stage_runs import run_here
from tests.support.tiny import nothing_outside, parameters

LOGS = {"online_retail": "online_retail/online_retail.csv.gz", "cdnow": "cdnow/CDNOW_master.txt.gz"}
ZONES = {"online_retail": "Europe/London", "cdnow": "UTC"}
MOVES = ("mrr_start", "mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churn", "mrr_reactivation")


@pytest.mark.parametrize("name", LOGS)
def test_identities_hold_and_revenue_is_that_of_the_events(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = str(ROOT / "data/contracts" / f"{name}.yaml")
    parameters(
        tmp_path, log__path=str(public_log(LOGS[name])), log__contract=contract, label__horizon_days=90,
        rates__path=str(ROOT / "data/external/rates"), business__before_log_days=0,
    )  # fmt: skip
    nothing_outside(tmp_path)
    run_here(tmp_path, monkeypatch, "rates", "external", "ingest", "activity")
    numbers = {"churn_probability": pl.lit(None, pl.Float64), "value_at_risk": pl.lit(None, pl.Float64)}
    write_parquet(CRM_TABLE.schema.empty().with_columns(**numbers), tmp_path / CRM_TABLE.path)
    run_here(tmp_path, monkeypatch, "business")
    table = pl.read_parquet(tmp_path / "reports/business.parquet").filter(pl.col("grain") == "month")
    month = pl.col("at").dt.convert_time_zone(ZONES[name]).dt.strftime("%Y-%m").alias("period")
    paid = pl.col("amount").filter(pl.col("amount") > 0)
    events = read_buckets(tmp_path / EVENTS.path).group_by(month).agg(paid.sum(), net=pl.col("amount").sum())
    counted = {period: (gross, net) for period, gross, net in events.rows()}
    known = 0
    for row in table.pivot("kpi", index="period", values="value").to_dicts():
        assert (row["revenue"], row["net_revenue"]) == pytest.approx(counted[row["period"]])
        if row["start"] is not None:
            known += 1
            assert row["end"] == row["start"] - row["lost"] + row["new"] + row["returned"]
        if row["mrr_start"] is not None:
            assert sum(round(row[part] * 100) for part in MOVES) == round(row["mrr_end"] * 100)
        assert row["average_check"] * row["purchase_frequency"] * row["buyers"] == pytest.approx(
            row["revenue"]
        )
    assert known >= 9
    cohorts = pl.read_csv(tmp_path / "reports/cohorts.csv")
    assert cohorts.filter(pl.col("age") == 0).drop_nulls("retained")["retained"].eq(1).all()
    assert cohorts.group_by("cohort").agg(pl.col("users").n_unique())["users"].max() == 1
    started = (
        pl.col("cohort").str.to_date("%Y-%m").dt.offset_by(pl.format("{}mo", "age")).dt.strftime("%Y-%m")
    )
    lived = dict(
        cohorts.drop_nulls("active").group_by(started.alias("period")).agg(pl.col("active").sum()).rows()
    )
    active = table.filter((pl.col("kpi") == "active") & ~pl.col("partial"))
    assert {period: int(value) for period, value in active.select("period", "value").rows()} == lived
