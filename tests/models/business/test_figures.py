"""The flat table of figures."""

from datetime import date

import numpy as np
import pytest

from models.business.figures import FIGURES, Known, figures
from models.business.groups import GROUPS, drawn
from models.business.kpis import KPI_NAMES, KPIS
from models.business.periods import Periods

PERIODS = Periods("month", date(2024, 1, 1), date(2024, 2, 29))
NEEDS = ("start", "amounts", "movements", "scores", "spend")


def known(lost: int = 64, **missing: str) -> Known:
    sums = {}
    for name, total in {
        "start": 512,
        "lost": lost,
        "active": 256,
        "net": 25600,
        "new": 128,
        "spend": 0,
    }.items():
        sums[name] = np.full((2, GROUPS), total // GROUPS, dtype=np.int64)
        sums[name][:, : total % GROUPS] += 1
    names = (
        "hidden", "asked", "end", "returned", "new_and_lost", "returned_and_lost", "all_lost", "revenue", "refunds",
        "orders", "buyers", "answered", "promoters", "detractors", "subscribers", "mrr_start", "mrr_end", "mrr_new",
        "mrr_expansion", "mrr_contraction", "mrr_churn", "mrr_reactivation",
    )  # fmt: skip
    sums |= {name: np.zeros((2, GROUPS), dtype=np.int64) for name in names}
    whole = {"margin": np.asarray(0.5), "discount": np.full(2, 0.01), "top_share": np.full(2, np.nan)}
    del sums["spend"]
    whole["spend"] = np.array([6400.0, np.nan])
    reasons = {need: [missing.get(need)] * 2 for need in NEEDS}
    return Known(
        PERIODS, sums, whole, {"top_share": np.full((20, 2), np.nan)}, reasons, np.array([False, True])
    )


def test_there_is_a_row_for_each_period_and_figure_whatever_is_known() -> None:
    table = figures(known(amounts="the log has no amounts"), drawn(20, 1), {})
    assert table.schema == FIGURES
    assert table["kpi"].to_list() == [*KPI_NAMES, *KPI_NAMES]
    unknown = table.filter(table["kpi"].is_in([kpi.name for kpi in KPIS if "amounts" in kpi.needs]))
    assert unknown["value"].null_count() == unknown.height
    assert set(unknown["because"]) == {"the log has no amounts"}


def test_a_missing_value_always_has_a_reason_and_a_value_never_has_one() -> None:
    table = figures(known(), drawn(20, 1), {})
    assert (table["value"].is_null() == table["because"].is_not_null()).all()


def test_a_share_has_the_interval_of_wilson_and_holds_its_value() -> None:
    table = figures(known(), drawn(20, 1), {})
    row = table.row(table["kpi"].to_list().index("churn_rate"), named=True)
    assert row["value"] == pytest.approx(0.125)
    z, n, p = 1.959964, 512, 0.125
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert (row["low"], row["high"]) == pytest.approx((middle - half, middle + half), rel=1e-4)
    held = table.drop_nulls("value")
    assert ((held["low"] <= held["value"]) & (held["value"] <= held["high"])).all()


def test_a_lifetime_value_without_a_loss_has_a_lower_end_only() -> None:
    table = figures(known(lost=0), drawn(20, 1), {})
    row = table.row(table["kpi"].to_list().index("clv"), named=True)
    most = 1.959964**2 / (512 + 1.959964**2)  # Wilson's upper end of 0 of 512
    assert row["value"] is None
    assert row["low"] == pytest.approx(1.0 * 0.5 / most, rel=1e-3)
    assert row["high"] is None


def test_money_is_in_whole_units_and_cac_is_spend_per_new_customer() -> None:
    table = figures(known(), drawn(20, 1), {})
    rows = {row["kpi"]: row for row in table.to_dicts()[: len(KPI_NAMES)]}
    assert rows["net_revenue"]["value"] == pytest.approx(256.0)
    assert rows["cac"]["value"] == pytest.approx(64 / 128)
    assert rows["arpc"]["n"] == 256
