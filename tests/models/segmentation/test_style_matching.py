"""A style keeps its identity through retraining."""

import numpy as np

from models.segmentation.style_matching import NO_MATCH, matched

CENTRES = np.array([[3.0, -1.0, -2.0], [-2.0, 3.0, -1.0], [-1.0, -2.0, 3.0]])


def test_a_style_is_the_former_one_nearest_as_a_whole_and_new_when_none_is_near() -> None:
    former = CENTRES[[2, 0]]
    now = np.array([[3.1, -1.0, -2.0], [-1.0, -2.2, 3.0], [-2.0, 3.0, -1.0]])
    assert matched(now, former, 1.0).tolist() == [1, 0, NO_MATCH]
    assert matched(now, former, 0.15).tolist() == [1, NO_MATCH, NO_MATCH]
