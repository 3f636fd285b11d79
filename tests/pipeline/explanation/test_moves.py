"""One thing done counts in every window that holds it, and nothing else is touched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue.available import every_feature
from features.define import ratio, today
from pipeline.explanation.moves import moves_of
from tests.support.tables import contract, declared

OWN = declared(
    name="idle_share", value=ratio(today("ceased_counterparts"), today("regular_counterparts")), form="share",
    worse="high", actionable=True, goal="{target} idle instead of {now}",
    says="{value:.0%} of the contacts are idle",
)  # fmt: skip
FEATURES = [*every_feature(contract().sources()), OWN]
NAMES = [feature.name for feature in FEATURES]
RANDOM = np.random.default_rng(4).uniform(0, 9, (5, len(NAMES)))
ACTIONS, MOVES = moves_of(FEATURES, RANDOM)
AT = {action.feature.name: i for i, action in enumerate(ACTIONS)}
MINUTES = ("minutes_7d", "minutes_30d", "minutes_90d", "minutes_life")


def row(**values: float) -> np.ndarray:
    """Login row with these values, all others missing."""
    return np.array([[values.get(name, np.nan) for name in NAMES]])


def after(name: str, target: float, **values: float) -> dict[str, float]:
    """What has changed, by feature, once the step is made."""
    before = row(**values)
    moved = before.copy()
    MOVES[AT[name]].make(moved, np.array([0]), np.array([target]))
    same = np.isclose(moved, before, equal_nan=True)[0]
    return {name: moved[0, i] for i, name in enumerate(NAMES) if not same[i]}


def offered(name: str, now: float, reached: float) -> float:
    target, fits = MOVES[AT[name]].target(np.array([now]), np.array([reached]))
    return float(target[0]) if fits[0] else np.nan


def test_more_this_week_is_more_this_month_and_in_all() -> None:
    assert after("minutes_30d", 50, minutes_7d=1, minutes_30d=20, minutes_90d=30, minutes_life=100) == {
        "minutes_30d": 50, "minutes_90d": 60, "minutes_life": 130,
    }  # fmt: skip
    assert after("goals_30d", 2, goals_30d=0, days_since_goal=80) == {"goals_30d": 2, "days_since_goal": 29}
    assert after("goals_30d", 2, goals_30d=1, days_since_goal=3) == {"goals_30d": 2}


@given(
    parts=st.tuples(*[st.floats(0, 500)] * 4), which=st.sampled_from(MINUTES[:3]), reached=st.floats(0, 1000)
)
def test_a_longer_window_never_holds_less_than_a_shorter_one(
    parts: tuple[float, ...], which: str, reached: float
) -> None:
    before = dict(zip(MINUTES, np.cumsum(parts), strict=True))
    target = offered(which, before[which], reached)
    if np.isnan(target):
        return
    now = before | after(which, target, **before)
    assert [now[name] for name in MINUTES] == sorted(now.values())
    assert before[which] < target <= reached + 1e-6
    assert (target - before[which]) == pytest.approx(round(target - before[which]))


def test_once_more_counts_where_the_window_holds_the_day() -> None:
    changed = after("days_since_level_gain", 9, days_since_level_gain=40, level_gain_7d=0, level_gain_30d=0)
    assert changed == {"days_since_level_gain": 9, "level_gain_30d": 1}
    assert np.isnan(offered("days_since_level_gain", 3, 5))
    assert offered("days_since_level_gain", np.nan, 5) == 5


def test_what_answers_a_complaint_closes_it_everywhere() -> None:
    for name in ("open_complaints", "days_complaint_waits"):
        changed = after(name, MOVES[AT[name]].fixed, open_complaints=1, days_complaint_waits=12)
        assert changed == {"open_complaints": 0, "days_complaint_waits": pytest.approx(np.nan, nan_ok=True)}
    assert np.isnan(offered("open_complaints", 0, 0))


def test_a_renewal_makes_a_subscription_run_that_had_ended_and_one_that_runs_last_longer() -> None:
    ended = after("subscription_running", 1.0, subscription_running=0, days_since_subscription_end=8)
    assert ended == {
        "subscription_running": 1,
        "days_to_renewal": 30,
        "days_since_subscription_end": pytest.approx(np.nan, nan_ok=True),
    }
    assert after("days_to_renewal", 30.0, subscription_running=1, days_to_renewal=2) == {
        "days_to_renewal": 30
    }


def test_what_is_made_of_the_same_value_is_worked_out_anew() -> None:
    assert after("score_last", 9, score_last=3, score_group=-1) == {"score_last": 9, "score_group": 1}
    assert after("kinds_used_7d", 4, kinds_used_7d=1, kinds_used_30d=2) == {
        "kinds_used_7d": 4,
        "kinds_used_30d": 4,
    }
    assert after("kinds_used_7d", 4, kinds_used_7d=1, kinds_used_30d=6) == {"kinds_used_7d": 4}


def test_one_thing_by_two_names_moves_as_one() -> None:
    values = RANDOM.copy()
    one, other = NAMES.index("days_since_level_gain"), NAMES.index("days_since_kind_level_up")
    values[:, other] = values[:, one]
    actions, moves = moves_of(FEATURES, values)
    move = moves[[one.feature.name for one in actions].index("days_since_level_gain")]
    move.make(values, np.array([2]), np.array([0.0]))
    assert (values[2, one], values[2, other]) == (0, 0)


def test_what_is_done_cannot_be_undone_and_targets_are_rounded_towards_now() -> None:
    assert "support_30d" not in AT
    assert "refunds_90d" not in AT
    assert offered("answer_hours_last", 234, 44.4) == 48
    assert offered("idle_share", 1.0, 0.667) == pytest.approx(0.7)
    assert offered("score_last", 3.0, 8.0) == 8
    assert np.isnan(offered("answer_hours_last", 40, 44.4))


@pytest.mark.parametrize(
    ("name", "now", "reached", "target"),
    [
        ("idle_share", 0.204, 0.2, np.nan),  # "20 % instead of 20 %"
        ("idle_share", 0.20000000298, 0.20000000298, np.nan),
        ("idle_share", 0.333, 0.2, 0.2),
        ("answer_hours_last", 150.0, 130.0, np.nan),  # "6 days instead of 6 days"
        ("answer_hours_last", 4.4, 4.0, np.nan),
        ("answer_hours_last", 150.0, 105.0, np.nan),  # not a third less
        ("answer_hours_last", 150.0, 95.0, 96.0),
        ("answer_hours_last", 5.0, 0.0, 1.0),  # nobody answers within no time
        ("answer_hours_last", 1.2, 0.0, np.nan),
    ],
)
def test_a_step_is_to_a_value_that_reads_as_another(
    name: str, now: float, reached: float, target: float
) -> None:
    assert offered(name, now, reached) == pytest.approx(target, nan_ok=True)


def test_an_hour_is_one() -> None:
    assert (
        ACTIONS[AT["answer_hours_last"]].in_words(5.0, 1.0)
        == "get the next answer within 1 hour instead of 5 hours"
    )
