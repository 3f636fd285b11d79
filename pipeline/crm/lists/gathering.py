"""Gathers the candidates for the lists for import from the user-days and what lies beside the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from features.advice.facts import FACTS
from features.advice.list_facts import LIST_FACTS
from features.contract.external_data import PLACES, SIGN_UP, ExternalData
from features.contract.model import Contract
from models.labels.churn import Churn
from pipeline.config.import_lists import ImportLists
from pipeline.crm.lists.candidates import candidates
from pipeline.crm.lists.facts.came_for import came_for
from pipeline.crm.lists.facts.left_users import left_users
from pipeline.crm.lists.facts.news import Dates, new_kinds, new_since, new_values
from pipeline.crm.lists.facts.user_facts import SCHEMA, user_facts

_OURS = ({*LIST_FACTS, *SCHEMA} - {*FACTS}) - {"user_id"}
"""Names of facts that an attribute of users may have, too: then it is left out."""


@dataclass(frozen=True, slots=True)
class LogFolders:
    """The log up to the list's day. `activity`: user-days by bucket. `users`: attributes by bucket; None: no table.

    `calendars`: frames by name, with the days from which each date was known.
    """

    contract: Contract
    first: date
    last: date
    activity: Path
    users: Path | None
    external_data: ExternalData
    calendars: Mapping[str, pl.DataFrame]

    @property
    def dates(self) -> list[Dates]:
        """The calendars with what their groups are."""
        return [Dates(one.name, one.by, self.calendars[one.name]) for one in self.external_data.calendars]

    @property
    def changing_texts(self) -> list[str]:
        """The attributes whose values may be new, such as a plan: texts that change in a user's life, but no places."""
        return [
            one.name
            for one in self.external_data.attributes
            if one.kind == "text" and not one.constant and one.name not in PLACES
        ]


def gathered(
    listed: pl.DataFrame,
    people: pl.DataFrame,
    numbers: pl.DataFrame,
    beside: Callable[[pl.Series], pl.DataFrame],
    log: LogFolders,
    churn: Churn,
    newcomer_logins: int,
    asked: ImportLists,
) -> pl.DataFrame:
    """`candidates` of the list's day.

    `listed`: `user_id, as_of` and the facts of plays. `people`: profiles at the last logins. `numbers`: of the users
    beyond the window. `beside`: facts of users, in their order, that are not of their rows.
    """
    listed = listed.drop(_OURS, strict=False)
    facts = user_facts(log.activity, log.contract, log.last)
    left = left_users(
        people,
        listed["user_id"],
        numbers,
        facts,
        log.last,
        churn,
        newcomer_logins,
    )
    others = beside(left["user_id"])
    left = left.hstack(others.drop(left.columns, *_OURS, strict=False))
    seen = left
    if SIGN_UP in left.columns:  # of those who signed up before the log, it has not seen the first logins
        seen = left.filter((pl.col(SIGN_UP) >= log.first).fill_null(value=True))
    came = came_for(log.activity, log.contract, seen["user_id"], log.last)
    left = left.join(came, on="user_id", how="left", maintain_order="left")
    left = left.with_columns(_news(left, log))
    return candidates(listed, left, facts, log.contract, asked)


def _news(left: pl.DataFrame, log: LogFolders) -> pl.Series:
    news = new_kinds(log.activity, log.contract, log.first, log.last)
    if log.users is not None:
        news += new_values(log.users, log.changing_texts, log.first, log.last)
    return new_since(left, news, log.dates, log.last)
