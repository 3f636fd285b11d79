"""Places each user on one list for import at most.

Promise: a user stands on one list, whoever is held out on none, and whoever opted out on none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from features.advice.list_facts import LISTS, SAVE, ListName

HELD_OUT, IN_EPISODE, NO_TEXT = "held_out", "in_episode", "no_text"
_ON = "on_"


@dataclass(frozen=True, slots=True)
class Placed:
    """`users`: `user_id` and `list` of the users who stand on one.

    `left_out`: by list the users who meet its conditions and are not on it, counted by the first reason: `held_out`, a
    rule of `never_contact`, `bot`, `open_request`, `on_LIST` (an earlier one), `in_episode`, `cool_down`,
    `asked_before`, `no_text`.
    """

    users: pl.DataFrame
    left_out: Mapping[ListName, Mapping[str, int]]


def placed(
    candidates: pl.DataFrame,
    save: pl.Series,
    held_out: pl.Series,
    in_episode: pl.Series,
    has_text: pl.DataFrame,
) -> Placed:
    """The list of each of `candidates`, which are in any order, each once.

    `save`: ids of the users whom the CRM list contacts; they may be no candidates, and stand on no other list.
    `held_out`: ids of those who are not to be contacted, since the others are compared with them. `in_episode`: ids of
    those whose outcome is still awaited; another list would be a second treatment. `has_text`: `user_id`, and a column
    for each list but `SAVE`: whether a text of the list fits.
    """
    known = candidates.join(has_text, on="user_id", how="left", maintain_order="left")
    known = known.with_columns(
        pl.when(pl.col("user_id").is_in(ids.implode())).then(pl.lit(name)).alias(column)
        for column, name, ids in (
            ("list", SAVE, save), (HELD_OUT, HELD_OUT, held_out), (IN_EPISODE, IN_EPISODE, in_episode)
        )
    )  # fmt: skip
    left_out: dict[ListName, dict[str, int]] = {SAVE: {}}
    for name in _others():
        reason = pl.coalesce(
            HELD_OUT,
            "refused",
            pl.when(pl.col("list").is_not_null()).then(pl.lit(_ON) + pl.col("list")),
            IN_EPISODE,
            f"rests_{name}",
            pl.when(~pl.col(name).fill_null(value=False)).then(pl.lit(NO_TEXT)),
        )
        wants = known.filter(f"wants_{name}").select("user_id", reason=reason)
        left_out[name] = _counts(wants["reason"].drop_nulls())
        taken = wants.filter(pl.col("reason").is_null())["user_id"]
        now = pl.when(pl.col("user_id").is_in(taken.implode())).then(pl.lit(name))
        known = known.with_columns(pl.coalesce("list", now).alias("list"))
    others = known.filter(pl.col("list") != SAVE).select("user_id", "list")
    saved = pl.DataFrame({"user_id": save, "list": [SAVE] * save.len()}, schema=others.schema)
    return Placed(pl.concat([saved, others]), left_out)


def _others() -> Sequence[ListName]:
    return [name for name in LISTS if name != SAVE]


def _counts(reasons: pl.Series) -> dict[str, int]:
    """The number of each reason, the most frequent first."""
    counted = reasons.rename("reason").value_counts().sort(["count", "reason"], descending=[True, False])
    return {str(reason): count for reason, count in counted.rows()}
