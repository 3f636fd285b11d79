"""Which of today's styles is which of the former ones, so that a style keeps its name through retraining."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.arrays import Floats

NO_MATCH = -1


def matched(centres: Floats, former: Floats, most_apart: float) -> NDArray[np.int64]:
    """For each of `centres` (styles, dimensions) the position of its match in `former`, or NO_MATCH.

    Pairs are chosen so that their distances add up to the least (assignment problem, Kuhn 1955). Farther
    apart than `most_apart`, in standard deviations along all dimensions together, is no match.
    """
    distance = np.sqrt(((centres[:, None, :] - former[None]) ** 2).sum(axis=2))
    now, before = linear_sum_assignment(np.minimum(distance, 2 * most_apart))
    found = np.full(len(centres), NO_MATCH, dtype=np.int64)
    near = distance[now, before] <= most_apart
    found[now[near]] = before[near]
    return found
