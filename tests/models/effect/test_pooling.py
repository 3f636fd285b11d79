"""Partial pooling draws the uncertain groups most, and many tests cost something."""

import pytest

from models.effect.estimate import estimate_of
from models.effect.pooling import false_discovery_rates, partially_pooled


def test_groups_that_differ_by_noise_alone_get_the_common_mean() -> None:
    pooled = partially_pooled([estimate_of(0.10, 0.05), estimate_of(0.11, 0.05), estimate_of(0.09, 0.05)])
    assert pooled is not None
    assert pooled.between == pytest.approx(0.0, abs=1e-6)
    assert [one.value for one in pooled.shrunk] == pytest.approx([0.1] * 3)
    assert pooled.mean.standard_error == pytest.approx(0.05 / 3**0.5)


def test_the_less_is_known_of_a_group_the_nearer_it_is_drawn_to_the_mean() -> None:
    groups = [estimate_of(0.0, 0.01), estimate_of(0.3, 0.01), estimate_of(0.6, 0.2)]
    pooled = partially_pooled(groups)
    assert pooled is not None
    mean = pooled.mean.value
    sure, _, unsure = pooled.shrunk
    assert sure.value == pytest.approx(0.0, abs=0.01)
    assert mean < unsure.value < 0.6
    assert (0.6 - unsure.value) / (0.6 - mean) > 10 * (sure.value - 0.0) / (mean - 0.0)
    assert unsure.standard_error < 0.2


def test_one_group_has_nothing_to_pool_with() -> None:
    assert partially_pooled([estimate_of(0.1, 0.1)]) is None


def test_adjusted_p_values_are_those_of_benjamini_and_hochberg() -> None:
    groups = [estimate_of(value, 1.0) for value in (3.0, 2.2, 1.0)]
    first, second, third = (one.p_value for one in groups)
    assert false_discovery_rates(groups) == pytest.approx([3 * first, 1.5 * second, third])
    assert false_discovery_rates([]) == []
