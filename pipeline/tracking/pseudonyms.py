"""How users are called where others read: by pseudonyms, unless params.yaml says otherwise.

Promise: a key that git keeps is refused.
"""

import hmac
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.config.params import Tracking
from pipeline.errors import InputError
from pipeline.storage.files import read_text

ID_KEY = "LASTLOGIN_ID_KEY"
Naming = Callable[[str], str]


def naming_of(tracking: Tracking) -> Naming:
    """What stands for a user id: itself where `tracking.user_ids` is plain, else an HMAC-SHA-256 of it.

    The key is the environment's LASTLOGIN_ID_KEY, or else what `tracking.id_key_file` holds; with neither it is
    empty. Whoever holds a list of user ids can undo that, so a warning says it. Raises InputError when the file cannot
    be used.
    """
    if tracking.user_ids == "plain":
        return str
    key = os.environ.get(ID_KEY) or _key_in(tracking.id_key_file)
    if not key:
        sys.stderr.write(f"user ids: pseudonyms without a key, which a list of ids can undo; set {ID_KEY}\n")
    return lambda user: pseudonym(user, key)


def renamed(content: Any, users: Iterable[str], naming: Naming) -> Any:
    """JSON with each string that is one of `users`, also as a key, called by `naming`."""
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
    """Whether the file is in a git work tree and either tracked or not ignored there."""

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

    With an empty key anyone who can list the user ids can undo it; with a secret one nobody else can.
    """
    return hmac.new(key.encode(), user_id.encode(), "sha256").hexdigest()[:_PSEUDONYM_DIGITS]
