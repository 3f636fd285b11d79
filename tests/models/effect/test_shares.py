"""The plain difference against published figures."""

import pytest

from models.effect.shares import Arm, difference


def test_newcombes_example_of_1998() -> None:
    found = difference(contact=Arm(80, 48), holdout=Arm(70, 56))
    assert found is not None
    assert found.interval == "Newcombe"
    assert (found.estimate.low, found.estimate.value, found.estimate.high) == pytest.approx(
        (0.0524, 0.2, 0.3339), abs=1e-4
    )


def test_large_cells_have_walds_interval() -> None:
    found = difference(contact=Arm(1_000, 300), holdout=Arm(500, 200))
    assert found is not None
    assert found.interval == "Wald"
    error = (0.3 * 0.7 / 1_000 + 0.4 * 0.6 / 500) ** 0.5
    assert found.estimate.low == pytest.approx(0.1 - 1.959964 * error, abs=1e-6)


def test_an_empty_arm_has_no_difference() -> None:
    assert difference(Arm(0, 0), Arm(10, 1)) is None
    assert Arm(0, 0).share is None
