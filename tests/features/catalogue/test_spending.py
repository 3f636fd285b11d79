"""Where every visit is a payment, paying less often is coming less often."""

import pytest

from features.advice.causes import cause_of
from features.catalogue.available import every_feature
from features.define import Feature
from tests.support.tables import contract

SHOP = {"groups": {"trade": ["buy"], "back": ["refund"], "look": ["view"]}, "meaning": {"refund": ["refund"]}}


def features(*visits: str) -> dict[str, Feature]:
    shop = contract(**SHOP, presence={"kinds": list(visits)})
    return {one.name: one for one in every_feature(shop.sources())}


@pytest.mark.parametrize(
    ("visits", "often"),
    [(("buy", "refund"), "COMES_LESS"), (("buy",), "COMES_LESS"), (("buy", "view"), "PAYS_LESS")],
)
def test_few_payments_speak_of_few_visits_where_nothing_else_is_a_visit(
    visits: tuple[str, ...], often: str
) -> None:
    made = features(*visits)
    of_visits = {
        made[name].cause for name in ("revenue_90d", "orders_30d", "orders_per_30d", "days_since_order")
    }
    assert of_visits == {often}
    assert {made[name].cause for name in ("order_mean", "order_today_to_mean", "revenue_life")} == {
        "PAYS_LESS"
    }
    assert bool(made["revenue_90d"].goal) == (
        often == "PAYS_LESS"
    )  # a visit is asked for, and no sum of money


def test_a_newcomer_cannot_come_less_often_than_before_by_any_of_them() -> None:
    assert cause_of(features("buy")["orders_30d"], newcomer=True).code == "NEWCOMER"
