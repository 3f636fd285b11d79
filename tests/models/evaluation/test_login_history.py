"""The history of a login depends on the dates up to it only."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.login_history import with_history
from tests.support.rows import drawn


def test_history_of_a_login_is_what_its_dates_say() -> None:
    history = with_history(drawn(ann=[0, 15, 17, 75], bob=[4]))
    assert history["gap_days"].to_list() == [None, 15, 2, 58, None]
    assert history["mean_gap_days"].to_list() == [None, 15, 8.5, 25, None]
    assert history["tenure_days"].to_list() == [0, 15, 17, 75, 0]
    assert history["logins_60d"].to_list() == [1, 2, 3, 2, 1]
    assert history["logins_90d"].to_list() == [1, 2, 3, 4, 1]


@given(
    st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, 200), min_size=1).map(sorted), min_size=1)
)
def test_history_does_not_change_when_later_logins_are_cut(history: dict[str, list[int]]) -> None:
    early = {user: [d for d in days if d <= 100] for user, days in history.items()}
    whole, cut = drawn(**history), drawn(**{user: days for user, days in early.items() if days})
    expected = with_history(whole).filter(pl.col("login_day") <= pl.date(2024, 4, 10))
    assert with_history(cut).equals(expected, null_equal=True)
