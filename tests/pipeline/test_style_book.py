"""A style that is a former one keeps its name; a new one never takes a name that was another's; moves are told."""

from pathlib import Path

import numpy as np

from features.define import DIMENSIONS
from models.styles import Styles
from pipeline.storage import write_json
from pipeline.style_book import moved, names_of

AXES = np.eye(len(DIMENSIONS)) * 2.0


def styles(*axes: int) -> Styles:
    return Styles(DIMENSIONS, AXES[list(axes)], {}, 1.0)


def stored(folder: Path, names: dict[str, int]) -> Path:
    """A styles.json of one style per name, along the axis given."""
    path = folder / "styles.json"
    told = [{"name": name, "centre": AXES[axis].tolist()} for name, axis in names.items()]
    write_json({"dimensions": DIMENSIONS, "styles": told, "silhouette": {}, "stability": 1.0}, path)
    return path


def test_without_former_styles_all_are_new() -> None:
    assert names_of(styles(0, 3), None, 1.0) == (["irregular", "alone"], [True, True])


def test_a_match_keeps_its_name_and_a_new_style_says_so_under_a_name_of_its_own(tmp_path: Path) -> None:
    former = stored(tmp_path, {"the old guard": 3, "irregular": 5})
    names, new = names_of(styles(0, 3), former, 1.0)
    assert (names, new) == (["irregular (2)", "the old guard"], [True, False])


def test_a_user_who_was_of_another_style_has_moved(tmp_path: Path) -> None:
    former = stored(tmp_path, {"the old guard": 3, "narrow": 5})
    shapes = AXES[[3, 5, 5]]
    assert moved(shapes, ["the old guard", "narrow", "the old guard"], former) == [None, None, "narrow"]
    assert moved(shapes, ["a", "b", "c"], None) == [None, None, None]
