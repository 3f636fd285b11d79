"""The columns of a stored table: the required ones, the optional ones, and their types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.errors import InputError

Columns = Mapping[str, pl.DataType]


@dataclass(frozen=True, slots=True)
class Schema:
    """`required` columns always exist; `optional` ones when the log has them.

    `others`: the allowed types of further columns; empty: no further column, None: any type.
    """

    required: Columns
    optional: Columns = field(default_factory=dict)
    others: tuple[pl.DataType, ...] | None = ()

    def empty(self) -> pl.DataFrame:
        """A table with the required columns and no row."""
        return pl.DataFrame(schema=dict(self.required))

    def check(self, columns: Columns, file: Path, stage: str) -> None:
        """Raise InputError naming `file`, its first wrong column, the type found and expected, and `stage`."""
        fault = next(self._faults(columns), None)
        if fault is not None:
            raise InputError(f"{file}: {fault}.\nMake it again: dvc repro {stage}")

    def _faults(self, columns: Columns) -> Iterator[str]:
        for name, expected in self.required.items():
            if name not in columns:
                yield f"column {name!r} is missing; expected {expected}, found {', '.join(columns) or 'no column'}"
        fixed = {**self.required, **self.optional}
        for name, dtype in columns.items():
            if name in fixed and dtype != fixed[name]:
                yield f"column {name!r} is {dtype}, expected {fixed[name]}"
            elif name in fixed or self.others is None:
                continue
            elif not self.others:
                yield f"column {name!r} is unknown; expected {', '.join(fixed)}"
            elif dtype not in self.others:
                yield f"column {name!r} is {dtype}, expected {' or '.join(map(str, self.others))}"
