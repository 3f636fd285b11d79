"""What a guess is, and what the columns of a sample look like.

Promise: a guess has a reason; one that the lines do not prove says that it is unsure.
"""

import re
from dataclasses import dataclass

import polars as pl

MOST_LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Guess:
    """A value for a key of the contract, and why. `unsure`: somebody has to look at it."""

    value: str
    why: str
    unsure: bool = False

    @property
    def comment(self) -> str:
        """The reason, as a comment says it."""
        return f"unsure: {self.why}" if self.unsure else self.why


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sample. `name`: as the log has it; `plain`: its last part in lower case, words by `_`.

    `values`: texts that are there, without blanks around; `filled`: their share of all lines; `distinct`: how many
    different ones there are.
    """

    name: str
    plain: str
    dtype: pl.DataType
    values: pl.Series
    filled: float
    distinct: int

    @property
    def text(self) -> bool:
        """Whether the log has it as text."""
        return self.dtype == pl.String

    @property
    def repeats(self) -> float:
        """On how many lines a value stands on average."""
        return self.values.len() / max(self.distinct, 1)

    def share(self, pattern: str) -> float:
        """The share of the values that match `pattern`."""
        looked_at = self.values.head(MOST_LOOKED_AT)
        return int(looked_at.str.contains(pattern).sum()) / max(looked_at.len(), 1)


def columns_of(rows: pl.DataFrame) -> list[Column]:
    """The columns of `rows` that hold anything."""
    made = []
    for series in rows:
        if series.dtype.is_nested() or series.dtype == pl.Binary:
            continue
        text = series.cast(pl.String, strict=False)
        values = text.str.strip_chars()
        values = values.filter(values.is_not_null() & (values != ""))
        if values.len():
            made.append(
                Column(
                    series.name,
                    plain_name(series.name),
                    series.dtype,
                    values,
                    values.len() / rows.height,
                    values.n_unique(),
                )
            )
    return made


def plain_name(name: str) -> str:
    """The last part of a path in lower case, with `_` between its words.

    >>> plain_name("CustomerID"), plain_name("properties.$session_id"), plain_name("params[page title].int_value")
    ('customer_id', 'session_id', 'page_title')
    """
    looked_up = re.search(r"\[([^\]\d][^\]]*)\](?:\.\w*value)?$", name)
    last = looked_up[1] if looked_up else re.split(r"\.(?=[^.\]]+$)", name)[-1]
    words = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", last)
    return re.sub(r"\W+|_+", "_", words).strip("_").lower()


def best_named(columns: list[Column], patterns: dict[str, int]) -> list[tuple[int, Column]]:
    """The columns whose plain name matches one of `patterns`, with the points of the first that does, best first.

    Of equal ones the shortest path comes first, then the fullest.
    """
    points = [
        (next((worth for pattern, worth in patterns.items() if re.search(pattern, one.plain)), 0), one)
        for one in columns
    ]
    named = [pair for pair in points if pair[0] > 0]
    return sorted(
        named, key=lambda pair: (-pair[0], pair[1].name.count(".") + pair[1].name.count("["), -pair[1].filled)
    )


def written(count: float, share: float | None = None) -> str:
    """A count with its thousands, or a share in percent."""
    return f"{count:,.0f}" if share is None else f"{100 * share:.3g} %"
