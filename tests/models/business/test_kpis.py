"""The declared figures."""

import numpy as np
import pytest

from models.business.kpis import KPI_NAMES, KPIS, worse
from pipeline.config.business import WITH_NORMS

KPI = {kpi.name: kpi for kpi in KPIS}


def sums(**given: float) -> dict[str, np.ndarray]:
    return {name: np.array([value]) for name, value in given.items()}


def test_each_name_stands_once_and_each_figure_with_a_better_side_can_have_a_norm() -> None:
    assert len(set(KPI_NAMES)) == len(KPI_NAMES)
    assert [kpi.name for kpi in KPIS if kpi.better is not None] == list(WITH_NORMS)


def test_lifetime_values_of_gupta_and_lehmann() -> None:
    known = sums(net=1000, active=100, lost=20, start=100, margin=0.5, discount=0.1)
    assert KPI["clv"].of(known) == pytest.approx([10 * 0.5 / 0.2])
    assert KPI["clv_discounted"].of(known) == pytest.approx([5 * 0.8 / (1 + 0.1 - 0.8)])


def test_without_a_loss_there_is_neither_a_lifetime_value_nor_a_ceiling() -> None:
    known = sums(net=1000, active=100, lost=0, start=100, new=10, margin=0.5, discount=0.1)
    for name in ("clv", "clv_discounted", "ceiling"):
        assert np.isnan(KPI[name].of(known)).all()
        assert KPI[name].empty


def test_at_the_ceiling_as_many_are_lost_as_come_anew() -> None:
    ceiling = KPI["ceiling"].of(sums(new=30, lost=20, start=100))
    assert ceiling == pytest.approx([150])
    assert ceiling * 0.2 == pytest.approx([30])


def test_a_figure_without_anything_to_divide_by_is_missing_and_never_zero() -> None:
    nothing = sums(**dict.fromkeys(
        ("net", "active", "lost", "start", "new", "orders", "buyers", "revenue", "spend", "promoters", "detractors",
         "answered", "hidden", "asked", "new_and_lost", "all_lost", "mrr_start", "mrr_churn", "mrr_contraction",
         "mrr_expansion", "mrr_reactivation"), 0.0), margin=1.0, discount=0.1)  # fmt: skip
    for kpi in KPIS:
        if kpi.empty and kpi.name != "concentration":
            assert np.isnan(kpi.of(nothing)).all(), kpi.name


def test_worse_is_the_side_that_is_not_better() -> None:
    assert worse(KPI["churn_rate"], 0.2, 0.1)
    assert worse(KPI["nps"], 0.2, 10)
