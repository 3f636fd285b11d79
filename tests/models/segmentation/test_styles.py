"""Styles in the data are found, and are the same each time."""

import numpy as np
import pytest

from models.errors import DataError
from models.segmentation.styles import fit_styles, from_json, shapes_of

DIMENSIONS = ("rhythm", "progress", "social")
CENTRES = np.array([[3.0, -1.0, -2.0], [-2.0, 3.0, -1.0], [-1.0, -2.0, 3.0]])


def clouds(seed: int = 1, spread: float = 0.2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.concatenate(
        [
            centre + random.normal(0, spread, (size, 3))
            for centre, size in zip(CENTRES, (90, 60, 30), strict=True)
        ]
    )


def test_the_number_of_styles_is_found_and_they_stand_in_order_of_size() -> None:
    styles = fit_styles(clouds(), DIMENSIONS, least=2, most=6, bootstrap=5, seed=1)
    assert np.round(styles.centres).tolist() == CENTRES.tolist()
    assert max(styles.silhouette, key=styles.silhouette.__getitem__) == 3
    assert styles.stability > 0.99
    assert np.bincount(styles.of(clouds())).tolist() == [90, 60, 30]


def test_the_same_rows_give_the_same_styles() -> None:
    one, other = (fit_styles(clouds(), DIMENSIONS, least=2, most=4, bootstrap=2, seed=1) for _ in range(2))
    assert one.centres.tobytes() == other.centres.tobytes()
    assert (one.silhouette, one.stability) == (other.silhouette, other.stability)


def test_noise_is_unstable() -> None:
    noise = np.random.default_rng(3).normal(0, 1, (200, 3))
    assert fit_styles(noise, DIMENSIONS, least=5, most=5, bootstrap=5, seed=1).stability < 0.7


def test_rows_that_are_all_alike_are_one_style() -> None:
    few = np.random.default_rng(1).normal(size=(29, 3))
    assert len(fit_styles(few, DIMENSIONS, least=3, most=8, bootstrap=2, seed=1).centres) == 1
    styles = fit_styles(np.zeros((40, 3)), DIMENSIONS, least=3, most=8, bootstrap=2, seed=1)
    assert styles.centres.tolist() == [[0.0, 0.0, 0.0]]


def test_the_number_is_one_whose_styles_are_found_again_even_if_another_parts_better() -> None:
    def fitted(least_stability: float) -> tuple[int, float, dict[int, float]]:
        styles = fit_styles(
            clouds(spread=2.6),
            DIMENSIONS,
            least=2,
            most=8,
            bootstrap=5,
            seed=1,
            least_stability=least_stability,
        )
        return len(styles.centres), styles.stability, dict(styles.unstable)

    free, stability, passed = fitted(0.0)
    assert passed == {}
    required = stability + 0.01
    chosen, stable, unstable = fitted(required)
    assert unstable[free] == stability
    assert all(value < required for value in unstable.values())
    assert chosen != free
    assert stable >= required
    most_stable, highest, rest = fitted(1.0)
    assert highest == max([highest, *rest.values()])
    assert most_stable not in rest


def test_the_level_of_risk_makes_no_style() -> None:
    scores = np.array([[1.0, 0.5, -1.0]])
    assert shapes_of(scores + 0.5)[0] == pytest.approx(shapes_of(scores)[0])
    assert shapes_of(np.array([[90.0, 0.0, 0.0], [0.0, 1.0, 1.0]])).tolist()[0] == [2.0, -1.0, -1.0]


def test_a_dimension_of_which_the_log_tells_nothing_has_no_part_in_a_shape() -> None:
    scores = np.array([[1.0, 0.0, -2.0], [-1.0, 0.0, 3.0]])
    assert shapes_of(scores)[:, [0, 2]] == pytest.approx(shapes_of(scores[:, [0, 2]]))
    assert shapes_of(scores)[:, 1].tolist() == [0.0, 0.0]


def test_what_is_no_set_of_styles_is_refused() -> None:
    with pytest.raises(DataError, match="styles: there is no 'dimensions'"):
        from_json({})
    broken = {"dimensions": ["a"], "styles": [{"centre": [1, 2]}], "silhouette": {}, "stability": 1}
    with pytest.raises(DataError, match=r"styles: centres of \[2\] dimensions, where 1 are named"):
        from_json(broken)
