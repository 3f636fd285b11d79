"""Pseudonyms of users for outputs that others read, unless params.yaml asks for plain ids.

Promise: a key in a git repository is refused.
"""

import hmac
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.config.sections import Tracking
from pipeline.errors import InputError
from pipeline.storage.files import read_text

ID_KEY = "LASTLOGIN_ID_KEY"
Naming = Callable[[str], str]


def naming_of(tracking: Tracking) -> Naming:
    """The name of a user: the id if `tracking.user_ids` is plain, else an HMAC-SHA-256 of it.

    The key is the environment's LASTLOGIN_ID_KEY, or else the content of `tracking.id_key_file`. Without either it is
    empty: then a list of ids undoes the pseudonyms, and a warning says so. Raises InputError when the file cannot be
    used.
    """
    if tracking.user_ids == "plain":
        return str
    key = os.environ.get(ID_KEY) or _key_in(tracking.id_key_file)
    if not key:
        sys.stderr.write(f"user ids: pseudonyms without a key, which a list of ids can undo; set {ID_KEY}\n")
    return lambda user: pseudonym(user, key)


def renamed(content: Any, users: Iterable[str], naming: Naming) -> Any:
    """JSON in which `naming` replaces each string, and each key, that is one of `users`."""
    known = {user: naming(user) for user in users}

    def called(value: Any) -> Any:
        if isinstance(value, str):
            return known.get(value, value)
        if isinstance(value, list):
            return [called(one) for one in value]
        if isinstance(value, dict):
            return {known.get(key, key): called(one) for key, one in value.items()}
        return value

    return called(content)


def _key_in(file: str | None) -> str:
    if file is None:
        return ""
    path = Path(file).expanduser()
    asked = f"tracking.id_key_file = {file}"
    try:
        key = read_text(path).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{asked}: not readable: {error}\nName a text file with the key, or set {ID_KEY}."
        ) from error
    if not key:
        raise InputError(f"{asked}: the file is empty.\nWrite a long random line into it, or set {ID_KEY}.")
    if _kept_by_git(path.resolve()):
        raise InputError(
            f"{asked}: git keeps this file, so whoever has the repository has the key.\n"
            "Put it outside, or into .gitignore (and git rm --cached it), and make a new key."
        )
    return key


def _kept_by_git(path: Path) -> bool:
    """Whether the file is in a git work tree, and tracked or not ignored."""

    def git(*asked: str) -> int:
        try:
            return subprocess.run(
                ["git", "-C", str(path.parent), *asked], check=False, capture_output=True
            ).returncode
        except OSError:  # no git, so nothing is kept by it
            return 1

    if git("rev-parse", "--is-inside-work-tree") != 0:
        return False
    tracked = git("ls-files", "--error-unmatch", path.name) == 0
    return tracked or git("check-ignore", "-q", path.name) != 0


_PSEUDONYM_DIGITS = 16


def pseudonym(user_id: str, key: str) -> str:
    """16 hex digits that stand for `user_id`: HMAC-SHA-256 under `key`, the same in every run.

    With an empty key anyone with a list of user ids can undo it. With a secret key only its holder can.
    """
    return hmac.new(key.encode(), user_id.encode(), "sha256").hexdigest()[:_PSEUDONYM_DIGITS]
