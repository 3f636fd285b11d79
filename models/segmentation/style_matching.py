"""Matches new styles with former ones, so that a style keeps its name when the model is trained again."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.arrays import Floats

NO_MATCH = -1


def matched(centres: Floats, former: Floats, max_distance: float) -> NDArray[np.int64]:
    """For each of `centres` (styles, dimensions) the position of its match in `former`, or NO_MATCH.

    The pairs minimise the sum of distances (assignment problem, Kuhn 1955). A pair whose Euclidean distance
    exceeds `max_distance`, in standard deviations, is no match.
    """
    distance = np.sqrt(((centres[:, None, :] - former[None]) ** 2).sum(axis=2))
    now, before = linear_sum_assignment(np.minimum(distance, 2 * max_distance))
    matches = np.full(len(centres), NO_MATCH, dtype=np.int64)
    near = distance[now, before] <= max_distance
    matches[now[near]] = before[near]
    return matches
