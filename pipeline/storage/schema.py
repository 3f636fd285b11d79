"""The columns of a stored table: which it must have, which it may have, and of what type they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.errors import InputError

Columns = Mapping[str, pl.DataType]


@dataclass(frozen=True, slots=True)
class Schema:
    """`required` columns are always there, `optional` ones where the log has them.

    `others`: the types that any further column may have; empty: there is no further column, null: any type.
    """

    required: Columns
    optional: Columns = field(default_factory=dict)
    others: tuple[pl.DataType, ...] | None = ()

    def empty(self) -> pl.DataFrame:
        """A table with the required columns and no row."""
        return pl.DataFrame(schema=dict(self.required))

    def check(self, columns: Columns, file: Path, stage: str) -> None:
        """Raise InputError naming `file`, its first wrong column, what was found and expected, and `stage`."""
        fault = next(self._faults(columns), None)
        if fault is not None:
            raise InputError(f"{file}: {fault}.\nMake it again: dvc repro {stage}")

    def _faults(self, columns: Columns) -> Iterator[str]:
        for name, expected in self.required.items():
            if name not in columns:
                yield f"column {name!r} is missing; expected {expected}, found {', '.join(columns) or 'no column'}"
        fixed = {**self.required, **self.optional}
        for name, found in columns.items():
            if name in fixed and found != fixed[name]:
                yield f"column {name!r} is {found}, expected {fixed[name]}"
            elif name in fixed or self.others is None:
                continue
            elif not self.others:
                yield f"column {name!r} is unknown; expected {', '.join(fixed)}"
            elif found not in self.others:
                yield f"column {name!r} is {found}, expected {' or '.join(map(str, self.others))}"
