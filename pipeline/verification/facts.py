"""The facts that a CRM list tells, one by one, and what contradicts them."""

from dataclasses import dataclass

import polars as pl

from pipeline.explanation.explain import REASONS

KEYS = ("user_id", "as_of", "last_login_day", "login_number", "silent_days")
"""The columns of a list that say which user is known as of which day."""
READ = (
    *KEYS, "population", "silence_text", *(f"reason_{rank}" for rank in range(1, REASONS + 1)),
    *(f"reason_{rank}_text" for rank in range(1, REASONS + 1)), "play", "goal", "duty",
)  # fmt: skip
"""The columns of a list that are compared with the log."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A cell of the list that the log contradicts: `listed` is what it says, `logged` what the log says."""

    user_id: str
    column: str
    listed: str
    logged: str

    def __str__(self) -> str:
        return (
            f"user {self.user_id}, {self.column}: the list says “{self.listed}”, the log says “{self.logged}”"
        )


def facts_of(listed: pl.DataFrame) -> pl.DataFrame:
    """The sentences of the reasons: `KEYS`, `column`, `feature` and `text`. A user without a reason has none."""
    ranks = [
        listed.select(
            *KEYS,
            column=pl.lit(f"reason_{rank}_text"),
            feature=pl.col(f"reason_{rank}"),
            text=pl.col(f"reason_{rank}_text"),
        )
        for rank in range(1, REASONS + 1)
    ]
    return pl.concat(ranks).filter(pl.col("text").is_not_null() | pl.col("feature").is_not_null())


def per_feature(facts: pl.DataFrame, numbers: pl.DataFrame, name: str) -> pl.DataFrame:
    """`facts` with the column `name`: the number of their user and feature in `numbers`; NaN where there is none.

    `numbers`: one row per user, with a column for each feature. The order of the facts stays.
    """
    parts = [facts.head(0).with_columns(pl.lit(None, pl.Float64).alias(name))]
    for feature in sorted(set(facts["feature"].drop_nulls()) & set(numbers.columns)):
        of_user = numbers.select("user_id", pl.col(feature).cast(pl.Float64).alias(name))
        parts.append(facts.filter(pl.col("feature") == feature).join(of_user, on="user_id", how="left"))
    known = pl.concat(parts).select("user_id", "column", name)
    joined = facts.join(known, on=["user_id", "column"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(name).fill_null(float("nan")))
