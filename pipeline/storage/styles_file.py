"""Reads `styles.json` and `play_styles.json`, which the stage `profile` writes.

Promise: a file without styles is refused by name.
"""

from pathlib import Path

from features.define import DIMENSIONS
from models.errors import DataError
from models.segmentation.styles import NamedStyles, Styles, from_json
from pipeline.errors import InputError
from pipeline.storage.files import read_json

STYLES_FILE = "styles.json"
PLAY_STYLES_FILE = "play_styles.json"


def read_styles(path: Path) -> NamedStyles:
    """The styles in the file `path` and their names.

    Raises InputError when the file is missing, holds no styles, or has other dimensions.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file.\nstyles.former names a styles.json of an earlier run, or null."
        )
    styles, names = _read(path)
    if styles.dimensions != DIMENSIONS:
        raise InputError(
            f"{path}: styles of {', '.join(styles.dimensions)}.\nExpected {', '.join(DIMENSIONS)}: make them again."
        )
    return NamedStyles(styles, names)


def read_play_styles(path: Path) -> NamedStyles | None:
    """The play styles in the file `path`, beside the styles of an earlier run, and their names.

    None when the file is missing, or says that there are none. Raises InputError when it holds something else.
    """
    if not path.is_file():
        return None
    try:
        none = read_json(path)["styles"] == []
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(path, error) from error
    return None if none else NamedStyles(*_read(path))


def _read(path: Path) -> tuple[Styles, tuple[str, ...]]:
    try:
        content = read_json(path)
        return from_json(content), tuple(str(style["name"]) for style in content["styles"])
    except (DataError, ValueError, KeyError, TypeError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path}: not the styles of an earlier run: {error}\nstyles.former names such a file, or null."
    )
