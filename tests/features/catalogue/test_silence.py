"""One worked example of every feature of the silence, for a user who came on 1, 2, 8 and 20 March."""

import math
from datetime import date

import polars as pl
import pytest

from features.aggregation.landmarks import with_gaps
from features.catalogue.silence import SILENCE
from features.wording.sentences import sentence
from tests.support.tables import START

LOGINS = (1, 2, 8, 20)
NAN = math.nan
EXPECTED: dict[str, dict[tuple[int, int], float]] = {
    "silent_days": {(1, 1): 0, (1, 4): 3, (2, 4): 2, (8, 8): 0, (8, 15): 7, (20, 29): 9},
    # the mean of the gaps 1; 1 and 6; 1, 6 and 12
    "silent_to_mean_gap": {(1, 4): NAN, (2, 4): 2, (8, 8): 0, (8, 15): 7 / 3.5, (20, 29): 9 / (19 / 3)},
    # between the two largest gaps: of 1 and 6 at 0.9 of the way, of 6 and 12 at 0.8 of the way
    "silent_to_p90_gap": {(1, 4): NAN, (2, 4): 2, (8, 8): 0, (8, 15): 7 / 5.5, (20, 29): 9 / 10.8},
    "silent_to_longest_gap": {(1, 4): NAN, (2, 4): 2, (8, 8): 0, (8, 15): 7 / 6, (20, 29): 9 / 12},
    "silent_beyond_longest_days": {(1, 4): NAN, (2, 4): 1, (8, 8): -6, (8, 15): 1, (20, 29): -3},
}
"""By feature: its value after the login on one day of March, at the end of another."""
OF = {feature.name: feature for feature in SILENCE}


def value_of(name: str, login: int, as_of: int) -> float:
    days = [date(2024, START.month, number) for number in LOGINS]
    rows = with_gaps(pl.DataFrame({"user_id": ["zoe"] + ["ann"] * 4, "login_day": [days[3], *days]}))
    row = rows.filter(pl.col("user_id") == "ann", pl.col("login_day").dt.day() == login)
    silent = row.with_columns(silent_days=pl.lit(as_of - login))
    value = silent.select(OF[name].value.cast(pl.Float64).fill_null(NAN).alias(name)).item()
    return float(value)


def test_every_feature_of_the_silence_has_a_worked_example() -> None:
    assert set(EXPECTED) == set(OF)


@pytest.mark.parametrize(
    ("name", "login", "as_of"), [(name, *days) for name, values in EXPECTED.items() for days in values]
)
def test_the_feature_has_the_value_worked_out_by_hand(name: str, login: int, as_of: int) -> None:
    assert value_of(name, login, as_of) == pytest.approx(EXPECTED[name][login, as_of], nan_ok=True)


@pytest.mark.parametrize("name", OF)
def test_a_longer_silence_is_worse_and_moves_on_by_itself(name: str) -> None:
    assert (OF[name].worse, OF[name].moves) == ("high", True)
    assert value_of(name, 8, 9) < value_of(name, 8, 10)


def test_its_sentences_name_the_silence() -> None:
    said = {name: sentence(feature, 3.0, NAN) for name, feature in OF.items()}
    assert said["silent_days"] == "has not come for 3 days"
    assert said["silent_to_longest_gap"] == "has been away 3 times as long as the longest absence so far"
    assert all("come" in text or "away" in text for text in said.values())
    assert sentence(OF["silent_to_mean_gap"], NAN, NAN) == "has come only once"
