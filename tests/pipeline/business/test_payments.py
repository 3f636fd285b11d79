"""What payments for subscriptions say of MRR: by the length of each plan, and by the day that they pay up to."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.support.business_shop import CONTRACT, club, run_business

VISITS = [("u9", f"2023-{month}-20 10:00:00", "visit", "", "", "") for month in ("10", "11", "12")]
END = [("u9", "2024-04-10 10:00:00", "visit", "", "", "")]


def mrr(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    paid: list[tuple[str, str, str, str, str, str]],
    **contract: Any,
) -> dict[str, dict[str, float]]:
    """By period and figure, of the months whose MRR is known."""
    names = ["who", "time", "what", "sum", "nps", "until"]
    log = pl.DataFrame([*VISITS, *paid, *END], schema=names, orient="row")
    table = run_business(club(folder, log, {**CONTRACT, **contract}), monkeypatch)
    known = table.filter((pl.col("grain") == "month") & pl.col("kpi").str.starts_with("mrr_")).drop_nulls(
        "value"
    )
    told: dict[str, dict[str, float]] = {}
    for period, kpi, value in known.select("period", "kpi", "value").rows():
        told.setdefault(period, {})[kpi.removeprefix("mrr_")] = round(value, 2)
    return told


def test_a_payment_that_comes_early_pays_for_the_time_after_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = [
        ("u1", "2024-01-02 10:00:00", "plan", "10.00", "", "2024-02-01"),
        ("u1", "2024-01-28 10:00:00", "plan", "12.00", "", "2024-03-02"),
    ]
    columns = {**CONTRACT["columns"], "paid_until": "until"}
    told = mrr(tmp_path, monkeypatch, paid, columns=columns, meaning={"subscription_start": ["plan"]})
    first, second = 10.15, 12.18  # 10 and 12 EUR for 30 days, by 30.4375 days a month
    assert told["2024-01"] == {
        "start": 0, "new": first, "expansion": round(second - first, 2), "contraction": 0, "churn": 0,
        "reactivation": 0, "end": second,
    }  # fmt: skip
    assert told["2024-02"]["end"] == second
    assert told["2024-03"]["churn"] == -second  # not paid by 5 March, three days after 2 March


def test_each_plan_has_its_own_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = [
        *(("u1", f"2024-0{month}-02 10:00:00", "monthly", "10.00", "", "") for month in (1, 2, 3, 4)),
        *((f"u{user}", "2023-10-25 10:00:00", "monthly", "3.00", "", "") for user in range(10, 40)),
        ("u2", "2024-02-02 10:00:00", "yearly", "120.00", "", ""),
    ]
    told = mrr(
        tmp_path,
        monkeypatch,
        paid,
        groups={"trade": ["purchase", "monthly", "yearly", "refund"], "look": ["visit", "answer"]},
        meaning={"subscription_start": ["monthly", "yearly"], "renewal_days": {"monthly": 30, "yearly": 365}},
        presence={"kinds": ["visit", "monthly", "yearly"]},
    )
    assert told["2024-02"]["new"] == 10.01  # 120 EUR for 365 days
    assert told["2024-02"]["end"] == round(10.15 + 10.01, 2)
