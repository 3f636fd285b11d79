"""What users who have left came for: the group and the kind of event that they used most on their first login days.

Promise: memory holds two buckets of user-days and one row for each user who has left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.names import words_of
from pipeline.crm.lists.facts.purpose import purposes
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in, columns_of, read_bucket

FIRST_LOGINS = 3
"""The login days on which a user shows what they came for."""
SCHEMA = {
    "user_id": pl.String, "came_for_group": pl.String, "came_for_kind": pl.String, "came_for": pl.String,
}  # fmt: skip
_EVERY_DAY = 0.95  # a kind of this share of the login days says that a user came, and not what for
_NEARLY_ALL, _MANY = 0.9, 20
"""What this share of so many users came for is said of none of them."""
_SCORES, _ANSWERED = "answers", ":answered"


def came_for(activity: Path, contract: Contract, users: pl.Series, as_of: date) -> pl.DataFrame:
    """`SCHEMA` for each of `users` with a login by `as_of`, from the user-days in the folder `activity`.

    `users`: ids of users whose first login the log has seen. Kinds of nearly every login day, as the login itself, do
    not count: where every visit is a purchase, that a user came for purchases says nothing. Nor do answers to surveys,
    and what nearly all of the users came for.
    """
    kinds = purposes(contract, columns_of(activity))
    if not kinds:
        return pl.DataFrame(schema=SCHEMA)
    names = list(kinds.values())
    scores = [_SCORES] if _SCORES in columns_of(activity) else []

    def of_bucket(bucket: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        days = read_bucket(activity, bucket, ["user_id", "day", "logins", *names, *scores])
        logins = days.filter((pl.col("logins") > 0) & (pl.col("day") <= as_of))
        answered = pl.col(_SCORES) > 0 if scores else pl.lit(value=False)
        counts = logins.select(
            pl.len().alias("logins"),
            (pl.col(names) > 0).sum(),
            ((pl.col(names) > 0) & answered).sum().name.suffix(_ANSWERED),
        )
        return first_uses(logins.filter(pl.col("user_id").is_in(users.implode())), names), counts

    parts = over_buckets(of_bucket, buckets_in(activity))
    days = reduce(lambda one, other: one + other, (counts for _, counts in parts)).row(0, named=True)
    telling = {
        kind: name
        for kind, name in kinds.items()
        if days[name] < _EVERY_DAY * days["logins"]
        and (days[name] == 0 or days[f"{name}{_ANSWERED}"] < _EVERY_DAY * days[name])
    }
    if not telling:
        return pl.DataFrame(schema=SCHEMA)
    return _distinct(most_used(pl.concat([uses for uses, _ in parts]), telling, contract))


def _distinct(found: pl.DataFrame) -> pl.DataFrame:
    """`found` without those who came for the same as nearly all: customers of a shop come for purchases."""
    share = pl.len().over("came_for") / pl.len()
    return found.filter((pl.len() < _MANY) | (share < _NEARLY_ALL))


def first_uses(logins: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`user_id`, and the sum of each of the columns `names` over the first login days. `logins`: sorted by day."""
    first = logins.filter(pl.int_range(pl.len()).over("user_id") < FIRST_LOGINS)
    return first.group_by("user_id", maintain_order=True).agg(pl.col(names).sum())


def most_used(uses: pl.DataFrame, kinds: Mapping[str, str], contract: Contract) -> pl.DataFrame:
    """`SCHEMA` for each of `uses` with a use: of equal numbers the first in the contract counts.

    `uses`: `user_id` and a count for each kind. `kinds`: the column of each kind that counts.
    """
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(contract.kind_groups[kind], []).append(kind)
    totals = {
        group: pl.sum_horizontal(pl.col(kinds[kind]) for kind in members) for group, members in groups.items()
    }
    counts = uses.select(
        "user_id", *kinds.values(), **{f"group:{group}": total for group, total in totals.items()}
    )
    best_group = _first_most({group: f"group:{group}" for group in groups})
    best_kind = pl.coalesce(
        pl.when(pl.col("came_for_group") == group).then(_first_most({kind: kinds[kind] for kind in members}))
        for group, members in groups.items()
    )
    words = {kind: _words(kind, groups[contract.kind_groups[kind]], contract) for kind in kinds}
    named = counts.with_columns(best_group.alias("came_for_group"))
    named = named.with_columns(best_kind.alias("came_for_kind"))
    said = pl.col("came_for_kind").replace_strict(words, default=None, return_dtype=pl.String)
    return named.with_columns(said.alias("came_for")).select(*SCHEMA).drop_nulls("came_for_group")


def _first_most(columns: Mapping[str, str]) -> pl.Expr:
    """The first name whose column is the largest; null where all are 0."""
    most = pl.max_horizontal(columns.values())
    return pl.coalesce(
        pl.when((pl.col(column) == most) & (most > 0)).then(pl.lit(name)) for name, column in columns.items()
    )


def _words(kind: str, members: Sequence[str], contract: Contract) -> str:
    """ "exploring, mostly areas discovered"; the kind alone where the group says nothing more, as in "new quests"."""
    of_kind = words_of(kind, contract.words).many
    of_group = words_of(contract.kind_groups[kind], contract.words).one
    return of_kind if len(members) == 1 or of_group in of_kind else f"{of_group}, mostly {of_kind}"
