"""Spans in which somebody is a customer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.business.spans import Spans, held_at, login_spans

LOGINS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1)


@given(LOGINS, st.integers(1, 12), st.sets(st.integers(0, 60), min_size=1))
def test_a_user_is_a_customer_whose_last_login_lies_within_the_horizon(
    logins: set[tuple[int, int]], horizon: int, asked: set[int]
) -> None:
    user, day = (np.array(part) for part in zip(*sorted(logins), strict=True))
    ends = np.array(sorted(asked))
    spans = login_spans(user, day, np.full(len(day), horizon))
    span, position = held_at(spans, ends)
    found = {(int(spans.user[s]), int(ends[p])) for s, p in zip(span, position, strict=True)}
    expected = {
        (u, t) for u in range(4) for t in asked if any(t - horizon < d <= t for who, d in logins if who == u)
    }
    assert found == expected
    assert len(span) == len(found)  # each once


def test_a_span_holds_from_its_first_day_up_to_the_day_before_its_end() -> None:
    spans = Spans(np.array([0]), np.array([3]), np.array([5]))
    assert held_at(spans, np.array([2, 3, 4, 5]))[1].tolist() == [1, 2]
    assert spans.first_days(2).tolist()[0] == 3
    assert spans.last_ends(2).tolist() == [5, -1]
