"""The features that other modules use are in the catalogue, under the same names in features and models."""

from features.advice.benefits import BENEFITS
from features.catalogue.available import available
from features.catalogue.roles import EVENTS, LOGIN_NUMBER, PAID, ROLES
from features.define import life
from features.totals import totals_of
from models.learning import evidence
from tests.support.tables import contract

FEATURES = {feature.name: feature for feature in available(contract().sources())}


def test_every_role_is_a_feature() -> None:
    assert set(ROLES) <= set(FEATURES)
    assert {name for shown_by in BENEFITS.values() for name in shown_by} <= set(FEATURES)


def test_a_role_means_what_it_says() -> None:
    for role, measure in ((LOGIN_NUMBER, "logins"), (EVENTS, "events"), (PAID, "revenue")):
        assert totals_of(FEATURES[role].value) == totals_of(life(measure))


def test_evidence_counts_events_by_the_same_feature() -> None:
    assert evidence.EVENTS == EVENTS
