"""A contact belongs to the episode in whose window it lies; what it cost is counted, or assumed and said so."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.judging.contacts import costs_of, with_contacts

AS_OF = date(2024, 3, 1)
EPISODES = pl.DataFrame(
    {
        "user_id": ["a", "b", "c"], "as_of": [AS_OF] * 3, "window_days": [14] * 3,
        "arm": ["contact", "contact", "holdout"], "play": ["gift", "word", "gift"],
        "churn_probability": [0.5, 0.5, 0.5],
    }
)  # fmt: skip


@dataclass
class Priced:
    """What `costs_of` reads of a play."""

    accepts: float
    offer_cost: float


PLAYS: dict[str, Any] = {"gift": Priced(0.2, 10.0), "word": Priced(0.3, 0.0)}


def contacts(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"user_id": ["a"], "day": [AS_OF + timedelta(days=3)], **columns})


@pytest.mark.parametrize(("after", "belongs"), [(0, []), (1, ["a"]), (14, ["a"]), (15, [])])
def test_a_contact_counts_after_the_list_and_within_the_window(after: int, belongs: list[str]) -> None:
    made = contacts().with_columns(day=pl.lit(AS_OF + timedelta(days=after)))
    assert with_contacts(EPISODES, made).filter("was_contacted")["user_id"].to_list() == belongs


def test_without_a_log_nothing_is_known_of_contacts() -> None:
    known = with_contacts(EPISODES, None)
    assert known["was_contacted"].null_count() == known["offer_taken"].null_count() == 3


def test_without_a_log_the_whole_arm_was_contacted_and_offers_are_assumed() -> None:
    costs = costs_of(with_contacts(EPISODES, None), PLAYS, 0.5, 1.0)
    assert (costs.contacts, costs.contact_cost) == (2, 1.0)
    assert costs.offers_taken == pytest.approx(0.5 * 0.2 + 0.5 * 1.0)
    assert costs.total == pytest.approx(1.0 + 10 * 0.6)
    assert not costs.offers_known


def test_a_log_of_offers_taken_is_counted() -> None:
    costs = costs_of(with_contacts(EPISODES, contacts(offer_taken=[True])), PLAYS, 0.5, 1.0)
    assert (costs.contacts, costs.offers_taken, costs.total) == (1, 1.0, 10.5)
    assert costs.offers_known


def test_a_play_that_the_file_no_longer_has_costs_no_offer() -> None:
    assert costs_of(with_contacts(EPISODES, None), {}, 0.5, 1.0).offer_cost == 0.0
