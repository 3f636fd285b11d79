"""The rejected lines of a log, each with its reason, in a table."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from features.events.extraction import REJECTED

_SHOWN_CHARACTERS = 200


@dataclass(slots=True)
class Quarantine:
    """Writes rejected lines to `path` as they come.

    `reasons`: how many lines were rejected for each reason; `examples`: the first line of each.
    """

    path: Path
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    _writer: pq.ParquetWriter | None = None

    def add(self, lines: pl.DataFrame) -> None:
        """Write `lines`, which have the columns of REJECTED."""
        table = lines.sort("line").to_arrow()
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self._writer.write_table(table)
        for reason, count in lines["reason"].value_counts().iter_rows():
            self.reasons[reason] += count
            first = lines.filter(pl.col("reason") == reason).row(0, named=True)
            text = first["text"][:_SHOWN_CHARACTERS]
            self.examples.setdefault(reason, f"{first['file']}:{first['line']}: {text!r}")

    def close(self) -> None:
        """Write the end of the file, even if no line was rejected."""
        self.add(pl.DataFrame(schema=REJECTED))
        if self._writer is not None:
            self._writer.close()
