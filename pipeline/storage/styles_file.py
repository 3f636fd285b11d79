"""Reads `styles.json`, which the stage `profile` writes. Promise: a file without styles is refused by name."""

from pathlib import Path

from features.define import DIMENSIONS
from models.errors import DataError
from models.segmentation.styles import NamedStyles, from_json
from pipeline.errors import InputError
from pipeline.storage.files import read_json

STYLES_FILE = "styles.json"


def read_styles(path: Path) -> NamedStyles:
    """The styles in the file `path` and their names.

    Raises InputError when the file is missing, holds no styles, or has other dimensions.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file.\nstyles.former names a styles.json of an earlier run, or null."
        )
    try:
        content = read_json(path)
        styles, names = from_json(content), tuple(str(style["name"]) for style in content["styles"])
    except (DataError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not the styles of an earlier run: {error}\nstyles.former names such a file, or null."
        ) from error
    if styles.dimensions != DIMENSIONS:
        raise InputError(
            f"{path}: styles of {', '.join(styles.dimensions)}.\nExpected {', '.join(DIMENSIONS)}: make them again."
        )
    return NamedStyles(styles, names)
