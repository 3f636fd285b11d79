"""An RFM baseline uses counts of events and orders, sums of money and of quantities, of the features in use."""

from features.catalogue.available import every_feature
from pipeline.learning.totals import totals_of_users
from tests.support.tables import contract

FEATURES = every_feature(contract().sources())


def test_an_rfm_table_has_counts_and_amounts() -> None:
    assert set(totals_of_users(FEATURES)) == {
        "events_30d", "events_life", "orders_90d", "orders_per_30d",
        "revenue_today", "revenue_30d", "revenue_90d", "revenue_120d", "revenue_240d", "revenue_365d", "revenue_life",
        "order_mean", "refunds_90d",
        *(f"quantity_points_{window}" for window in ("30d", "90d", "life")),
    }  # fmt: skip


def test_what_the_log_lacks_is_left_out() -> None:
    without = [
        feature for feature in FEATURES
        if feature.dimension != "spending" and not feature.name.startswith("quantity_")
    ]  # fmt: skip
    assert set(totals_of_users(without)) == {"events_30d", "events_life"}
