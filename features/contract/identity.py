"""The contract's section `identity`: which user an anonymous visitor turned out to be.

Promise: nothing that an anonymous visitor did before the day of the link ever counts for the user.
"""

import re

from pydantic import BaseModel, ConfigDict, Field

from features.contract.time import Time
from features.errors import ContractError


class Identity(BaseModel):
    """Links of anonymous ids to users, from lines of the log or from a table.

    Without `path`, `from` and `to` are raw columns of the log: a line that holds both links them from its time on, and
    a line without `to` is done by the anonymous visitor `from`. `kinds`: only lines of these kinds link.

    With `path`, `from`, `to` and `valid_from` are columns of this table (.csv, .parquet, or the SQL URL of a table),
    and `time` says how its times are written. A link counts from `valid_from` on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    anonymous: str = Field(alias="from", pattern=r"\S")
    """The column of the anonymous id."""
    known: str = Field(alias="to", pattern=r"\S")
    """The column of the user, once known."""
    kinds: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Only lines of these kinds link; null: all."""
    path: str | None = None
    """A table of links instead of the log's own lines."""
    valid_from: str | None = None
    """The column of the table that says from when a link is known."""
    time: Time | None = None
    """How the times of the table are written; null: ISO 8601 in the zone of the log."""

    @property
    def in_log(self) -> bool:
        """Whether lines of the log make the links."""
        return self.path is None


def seems_to_link(user_id: str | None) -> tuple[str, str] | None:
    """The raw columns of the user and of the anonymous id, if `derive.user_id` takes one where the other is empty.

    >>> seems_to_link("COALESCE(user_id, distinct_id)")
    ('user_id', 'distinct_id')
    """
    found = re.fullmatch(r'\s*coalesce\(\s*"?(\w+)"?\s*,\s*"?(\w+)"?\s*\)\s*', user_id or "", re.IGNORECASE)
    return None if found is None else (found[1], found[2])


def check_identity(file: str, identity: Identity) -> None:
    """Raise ContractError when the section `identity` of `file` contradicts itself, or would leak the future."""
    if identity.anonymous == identity.known:
        raise ContractError(
            f"{file}: identity.from and identity.to both name {identity.known!r}.\n"
            "Name the column of the anonymous id, and that of the user."
        )
    if identity.in_log:
        given = [name for name in ("valid_from", "time") if getattr(identity, name) is not None]
        if given:
            raise ContractError(
                f"{file}: identity.{given[0]} is for a table of links, and identity.path is missing.\n"
                "Give the path of the table, or leave the key out: a line of the log links from its own time on."
            )
        return
    if identity.valid_from is None:
        raise ContractError(
            f"{file}: identity.path = {identity.path!r}, and identity.valid_from is missing.\n"
            "A link of today was not known in the past. Name the column that says from when it is known."
        )
    if identity.kinds is not None:
        raise ContractError(
            f"{file}: identity.kinds is for links in the log, and identity.path names a table.\nKeep one of them."
        )
