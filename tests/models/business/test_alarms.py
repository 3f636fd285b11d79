"""The three alarms, and when there is none."""

import numpy as np
import pytest

from models.business.alarms import LEAST_N, Course, alarms
from models.business.kpis import KPIS

CHURN = next(kpi for kpi in KPIS if kpi.name == "churn_rate")


def course(values: list[float], error: float = 0.002, n: int = 1000, **flags: list[bool]) -> Course:
    value = np.array(values)
    noise = np.random.default_rng(1).normal(0, error, (200, len(values)))
    every = np.ones(len(values), dtype=bool)
    may, whole = (np.array(flags.get(name, every)) for name in ("may", "whole"))
    return Course(
        value, value - 1.96 * error, value + 1.96 * error, value + noise, np.full(len(values), n), may, whole
    )


def found(of: Course, norm: float | None = None) -> list[str | None]:
    return alarms(CHURN, of, norm, [True] * len(of.value))


def test_a_jump_beyond_three_robust_deviations_is_an_alarm_of_level() -> None:
    assert found(course([0.05, 0.051, 0.049, 0.05, 0.052, 0.05, 0.09]))[-1] == "level"
    assert found(course([0.05, 0.051, 0.049, 0.05, 0.052, 0.05, 0.054]))[-1] is None


def test_noise_of_the_figure_itself_is_no_alarm_however_quiet_the_past() -> None:
    assert found(course([0.05] * 6 + [0.06], error=0.005))[-1] is None


def test_three_falls_in_a_row_that_are_sure_are_a_slow_fall() -> None:
    assert found(course([0.05, 0.054, 0.058, 0.062]))[-1] == "slow_fall"
    assert found(course([0.05, 0.054, 0.053, 0.062]))[-1] is None  # not three in a row
    assert found(course([0.05, 0.0501, 0.0502, 0.0503]))[-1] is None  # not sure
    assert found(course([0.062, 0.058, 0.054, 0.05]))[-1] is None  # better


def test_worse_than_a_norm_is_an_alarm() -> None:
    assert found(course([0.05, 0.07]), norm=0.06) == [None, "norm"]


@pytest.mark.parametrize(
    "of", [course([0.05] * 6 + [0.2], n=LEAST_N - 1), course([0.05] * 6 + [0.2], may=[False] * 7)]
)
def test_few_users_and_provisional_periods_give_no_alarm(of: Course) -> None:
    assert set(found(of, norm=0.01)) == {None}


def test_a_partial_period_is_nothing_to_compare_with() -> None:
    whole = [False] + [True] * 6
    assert found(course([0.05, 0.051, 0.049, 0.05, 0.052, 0.05, 0.09], whole=whole))[-1] is None
