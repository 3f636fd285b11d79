"""The lists for import of a day: who is on which, in which words, and the counts for `summary.json`.

Promise: the lists follow from the CRM list and the candidates alone, so a preview and a delivered list differ by their
episodes alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features.advice.list_facts import LISTS, SAVE, WINBACK, ListName
from features.advice.list_texts import ListTexts
from pipeline.crm.choice import CONTACT, HOLDOUT
from pipeline.crm.lists.columns import OF_LEFT, OWN, rows_of_list
from pipeline.crm.lists.eligible import TRIGGERS
from pipeline.crm.lists.placement import Placed, placed
from pipeline.crm.lists.texts import SCHEMA, texts_for

_NOBODY = "no user meets its conditions"
_ALL_LEFT_OUT = "all who meet its conditions are left out"


@dataclass(frozen=True, slots=True)
class Sources:
    """What the lists are made from. `lacking`: by list what the log would need to tell for it, in words."""

    as_of: date
    candidates: pl.DataFrame
    texts: ListTexts
    lacking: Mapping[ListName, str]


@dataclass(frozen=True, slots=True)
class ImportLists:
    """The rows of each list, and its entry in `summary.json`."""

    lists: Mapping[ListName, pl.DataFrame]
    summary: dict[str, Any]


def import_lists(
    users: pl.DataFrame,
    chosen: pl.DataFrame,
    running: pl.DataFrame | None,
    sources: Sources,
    grade: str | None,
    version: str,
    carried: pl.DataFrame | None,
) -> ImportLists:
    """The lists beside the CRM list `users`.

    `chosen`: `user_id, action` of the choice. `running`: `user_id, arm` of the episodes that run; None: a preview.
    `grade`, `version`: of the model. `carried`: columns that the lists carry, by user.
    Raises PlaysError when a condition of a text does not run on the facts.
    """
    save = users.filter(pl.col("action") == CONTACT)["user_id"]
    episodes = pl.DataFrame(schema={"user_id": pl.String, "arm": pl.String}) if running is None else running
    held_out = pl.concat(
        [
            chosen.filter(pl.col("action") == HOLDOUT)["user_id"],
            episodes.filter(pl.col("arm") == HOLDOUT)["user_id"],
        ]
    )
    said = {name: _said(name, sources) for name in LISTS if name != SAVE}
    ids = sources.candidates.select("user_id")
    has_text = ids.with_columns(
        pl.col("user_id").is_in(texts.drop_nulls("code")["user_id"].implode()).alias(name)
        for name, texts in said.items()
    )
    found = placed(sources.candidates, save, held_out, episodes["user_id"], has_text)
    left = _left(sources.candidates, grade, version, carried)
    lists = {SAVE: _save(users, sources)}
    for name, texts in said.items():
        rows = left if name == WINBACK else users
        lists[name] = _other(name, found, texts, rows, users.schema)
    return ImportLists(lists, {name: _entry(name, lists[name], found, sources) for name in LISTS})


def _said(name: ListName, sources: Sources) -> pl.DataFrame:
    """The candidates who meet the conditions of the list, with its trigger and their texts."""
    wanted = sources.candidates.filter(f"wants_{name}").drop(SCHEMA, strict=False)
    if name in TRIGGERS:
        wanted = wanted.with_columns(
            pl.col(f"trigger_{name}").alias("trigger"), pl.col(f"trigger_on_{name}").alias("trigger_on")
        )
    return wanted.hstack(texts_for(wanted, name, sources.texts, sources.as_of))


def _save(users: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """The users to contact, with why."""
    contacted = users.filter(pl.col("action") == CONTACT)
    told = contacted.select(
        "user_id",
        reason="reason_1_text",
        silence="silence_text",
        risk_percent=(100 * pl.col("churn_probability")).round().cast(pl.Int64),
    )
    facts = told.join(
        sources.candidates.drop(told.columns[1:]), on="user_id", how="left", maintain_order="left"
    )
    why = texts_for(facts, SAVE, sources.texts, sources.as_of)["why"]
    return rows_of_list(SAVE, contacted.with_columns(why), users.schema)


def _other(
    name: ListName,
    found: Placed,
    texts: pl.DataFrame,
    rows: pl.DataFrame,
    schema: pl.Schema,
) -> pl.DataFrame:
    """One of the other lists. `texts`: of `_said`. `rows`: by user the columns of the CRM list, all of `schema`."""
    own = ["code", "why", "says", *(column for column in OWN[name] if column not in rows.columns)]
    on_it = found.users.filter(pl.col("list") == name).select("user_id")
    known = on_it.join(texts.select("user_id", *own), on="user_id", how="left", maintain_order="left")
    return rows_of_list(name, known.join(rows, on="user_id", how="left", maintain_order="left"), schema)


def _left(
    candidates: pl.DataFrame, grade: str | None, version: str, carried: pl.DataFrame | None
) -> pl.DataFrame:
    """The users who have left, with the columns of the CRM list that are known of them."""
    left = candidates.filter("churned").select(
        *OF_LEFT,
        *OWN[WINBACK],
        pl.lit(grade, pl.String).alias("grade"),
        pl.lit(version).alias("model_version"),
    )
    if carried is None:
        return left
    return left.join(carried, on="user_id", how="left", maintain_order="left")


def _entry(name: ListName, rows: pl.DataFrame, found: Placed, sources: Sources) -> dict[str, Any]:
    """`users` on the list, those who are left out by reason, and why the list is empty if it is."""
    left_out = found.left_out[name]
    because = None
    if rows.is_empty():
        because = sources.lacking.get(name) or (_ALL_LEFT_OUT if left_out else _NOBODY)
    return {"users": rows.height, "left_out": dict(left_out), "because": because}
