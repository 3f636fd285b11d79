"""The styles of an earlier run are read whole, or the file is refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.define import DIMENSIONS
from pipeline.errors import InputError
from pipeline.storage.files import write_json
from pipeline.storage.styles_file import read_play_styles, read_styles


def styles_json(dimensions: tuple[str, ...] = DIMENSIONS) -> dict[str, Any]:
    style = {"name": "Loners", "centre": np.eye(len(dimensions))[0].tolist()}
    return {"dimensions": dimensions, "styles": [style], "silhouette": {}, "stability": 1.0}


def test_styles_are_read_with_their_names(tmp_path: Path) -> None:
    write_json(styles_json(), tmp_path / "styles.json")
    former = read_styles(tmp_path / "styles.json")
    assert (former.names, former.styles.dimensions) == (("Loners",), DIMENSIONS)


def test_a_file_that_is_not_there_or_holds_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: there is no such file"):
        read_styles(tmp_path / "none.json")
    write_json({"users": 3}, tmp_path / "other.json")
    with pytest.raises(InputError, match=r"other\.json: not the styles of an earlier run"):
        read_styles(tmp_path / "other.json")


def test_styles_of_other_dimensions_are_refused(tmp_path: Path) -> None:
    write_json(styles_json(("rhythm", "luck")), tmp_path / "styles.json")
    with pytest.raises(InputError, match="styles of rhythm, luck"):
        read_styles(tmp_path / "styles.json")


def test_play_styles_are_those_beside_the_styles_or_none(tmp_path: Path) -> None:
    assert read_play_styles(tmp_path / "none.json") is None
    write_json({"styles": []}, tmp_path / "empty.json")
    assert read_play_styles(tmp_path / "empty.json") is None
    write_json(styles_json(("quests", "trade", "talk")), tmp_path / "play.json")
    former = read_play_styles(tmp_path / "play.json")
    assert former is not None
    assert (former.names, former.styles.dimensions) == (("Loners",), ("quests", "trade", "talk"))
    for content in ({"users": 3}, {"styles": [{"name": "x"}]}, []):
        write_json(content, tmp_path / "other.json")
        with pytest.raises(InputError, match=r"other\.json: not the styles of an earlier run"):
            read_play_styles(tmp_path / "other.json")
