"""What a CRM tool must be told since the last list: values that are new, and values that went away.

Promise: a store that ignores blank cells and gets the changes of each list in turn holds what it would hold if it were
empty and got the last list whole, and a reset wherever a value went away.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.crm.sinks.cells import Cells
from pipeline.crm.sinks.profile import Resets

_FORMER = "\0former"


@dataclass(frozen=True, slots=True)
class Changes:
    """`table`: a row for each user with a change, blank where nothing changed. `users_reset`: those who left."""

    table: pl.DataFrame
    users_reset: int

    @property
    def values(self) -> int:
        """The number of values that are overwritten."""
        return (
            sum(self.table.height - column.null_count() for column in self.table.iter_columns())
            - self.table.height
        )


def changes_of(now: Cells, former: pl.DataFrame | None, resets: Resets) -> Changes:
    """The changes from the cells of the `former` list, as its table has them, to those of `now`. None: all are changes.

    A value that went away is written as its reset, and so is every known value of a user who left the list. Columns
    that the list carries are never reset: they are the CRM's own.
    """
    if former is None or now.key not in former.columns:
        return Changes(now.table, 0)
    before = _like(former, now)
    known = before.rename({name: name + _FORMER for name in before.columns[1:]})
    both = now.table.join(known, on=now.key, how="left", maintain_order="left")
    cells = {name: _changed(name, now, resets) for name in now.table.columns[1:]}
    changed = both.select(now.key, **cells).filter(~pl.all_horizontal(pl.col(list(cells)).is_null()))
    left = before.join(now.table, on=now.key, how="anti").sort(now.key)
    gone = left.select(now.key, **{name: _gone(name, now, resets) for name in cells})
    gone = gone.filter(~pl.all_horizontal(pl.col(list(cells)).is_null()))
    return Changes(pl.concat([changed, gone]), gone.height)


def with_those_of(changes: Changes, others: Changes) -> Changes:
    """The changes of both, from two former lists to the same one: for a tool that may have got either."""
    key = changes.table.columns[0]
    both = pl.concat([changes.table, others.table]).group_by(key, maintain_order=True)
    return Changes(both.agg(pl.all().drop_nulls().first()), max(changes.users_reset, others.users_reset))


def _like(former: pl.DataFrame, now: Cells) -> pl.DataFrame:
    """`former` with the columns of `now`: another version of this project may have had others."""
    lacking = [name for name in now.table.columns if name not in former.columns]
    return former.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking).select(
        now.table.columns
    )


def _changed(name: str, now: Cells, resets: Resets) -> pl.Expr:
    former = pl.col(name + _FORMER)
    went_away = pl.when(former.is_not_null()).then(_reset(name, now, resets))
    new = pl.col(name).fill_null(went_away)
    return pl.when(new.ne_missing(former)).then(new)


def _gone(name: str, now: Cells, resets: Resets) -> pl.Expr:
    reset = _reset(name, now, resets)
    return pl.when(pl.col(name) != reset).then(reset)


def _reset(name: str, now: Cells, resets: Resets) -> pl.Expr:
    written = getattr(resets, now.own[name]) if name in now.own else None
    return pl.lit(written, pl.String)
