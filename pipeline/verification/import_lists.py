"""What a plain recount of the raw events, and the laws of the lists, contradict in the lists for import.

Promise: a sentence is compared as far as it can be written again: by what the row says, and what was recounted.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from features.advice.list_facts import SAVE, WINBACK, ListName
from features.advice.list_texts import ListTexts
from pipeline.crm.lists.texts import every_why
from pipeline.verification.facts import Contradiction

_TRIGGERS = {"level": "level_on", "goal": "goal_on", "purchase": "bought_on"}
"""By trigger the recounted day on which it was."""
_LEFT_ON = pl.col("as_of") - pl.duration(days=pl.col("days_since_left"))


def list_contradictions(
    lists: Mapping[ListName, pl.DataFrame],
    listed: pl.DataFrame,
    plain: pl.DataFrame,
    texts: ListTexts,
    *,
    left_by_login: bool,
) -> Iterator[Contradiction]:
    """What is wrong on `lists`, which belong to the CRM list `listed`.

    `plain`: `SCHEMA` of `list_facts`. A user is on one list only, and none who is held out. Whoever is on another list
    than those of users to save and to win back has no open request. Days and scores are those of the log.
    `left_by_login`: a user has left on the day of the last login.
    """
    yield from _twice(lists)
    held_out = set(listed.filter(pl.col("action") == "holdout")["user_id"])
    for name, rows in lists.items():
        for user_id in sorted(held_out & set(rows["user_id"])):
            yield _on_it(user_id, name, "the user is held out")
        known = rows.join(plain, on="user_id", suffix="_plain", maintain_order="left")
        if name not in (SAVE, WINBACK):
            waiting = known.filter(pl.col("request_since").is_not_null())
            for user_id, since in waiting.select("user_id", "request_since").rows():
                yield _on_it(user_id, name, f"a request is open since {since}")
        yield from _days(name, known, left_by_login=left_by_login)
        yield from _sentences(name, rows, plain, texts)


def _twice(lists: Mapping[ListName, pl.DataFrame]) -> Iterator[Contradiction]:
    first: dict[str, str] = {}
    for name, rows in lists.items():
        for user_id in rows["user_id"]:
            if user_id in first:
                yield _on_it(user_id, name, f"the user is on the list {first[user_id]}")
            first.setdefault(user_id, name)


def _on_it(user_id: str, name: ListName, logged: str) -> Contradiction:
    return Contradiction(user_id, f"list {name}", "the user is on it", logged)


def _days(name: ListName, known: pl.DataFrame, *, left_by_login: bool) -> Iterator[Contradiction]:
    """Days and scores that both the list and the recount have. `known`: the rows, with what was recounted."""
    pairs = {one: f"{one}_plain" for one in ("score_last", "score_on") if f"{one}_plain" in known.columns}
    if name == WINBACK and left_by_login:
        known, pairs = known.with_columns(days_since_left=_LEFT_ON), {"days_since_left": "came"}
    for column, logged in pairs.items():
        yield from _cells(name, column, logged, known)
    for trigger, logged in _TRIGGERS.items():
        if "trigger" in known.columns:
            yield from _cells(name, "trigger_on", logged, known.filter(pl.col("trigger") == trigger))


def _cells(name: ListName, column: str, logged: str, known: pl.DataFrame) -> Iterator[Contradiction]:
    """The users for whom the two columns differ."""
    wrong = known.filter(pl.col(column).ne_missing(pl.col(logged)))
    for user_id, said, right in wrong.select("user_id", column, logged).rows():
        yield Contradiction(user_id, f"list {name}: {column}", str(said), f"{right} (by a plain recount)")


def _sentences(
    name: ListName, rows: pl.DataFrame, plain: pl.DataFrame, texts: ListTexts
) -> Iterator[Contradiction]:
    """`why`, written again. On the list of users to save, which has no code of the text, one of the texts must fit."""
    if rows.is_empty():
        return
    known = every_why(_facts(rows, plain), name, texts, rows["as_of"][0]).drop_nulls("why")
    if name != SAVE:
        known = known.join(rows.select("user_id", code="play"), on=["user_id", "code"], how="semi")
    rights = known.group_by("user_id", maintain_order=True).agg(pl.col("why").alias("rights"))
    both = rows.select("user_id", "why").join(rights, on="user_id", maintain_order="left")
    for user_id, said, rights_of_user in both.filter(~pl.col("why").is_in(pl.col("rights"))).rows():
        yield Contradiction(user_id, f"list {name}: why", said, f"{rights_of_user[0]} (by a plain recount)")


def _facts(rows: pl.DataFrame, plain: pl.DataFrame) -> pl.DataFrame:
    """What texts may name, of each of `rows`: recounted where it can be, else what the row says."""
    told = rows.with_columns(
        reason="reason_1_text",
        silence="silence_text",
        risk_percent=(100 * pl.col("churn_probability")).round().cast(pl.Int64),
        return_percent=(100 * (1 - pl.col("churn_probability"))).round().cast(pl.Int64),
    )
    if "days_since_left" in rows.columns:
        told = told.with_columns(left_on=_LEFT_ON)
    if "tenure_days" in rows.columns:
        told = told.with_columns(here_since=pl.col("as_of") - pl.duration(days=pl.col("tenure_days")))
    recounted = [name for name in plain.columns if name != "user_id"]
    return told.drop(recounted, strict=False).join(plain, on="user_id", maintain_order="left")
