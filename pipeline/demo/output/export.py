"""Writes the log as it grows, so that memory does not grow with it."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.demo.arrays import AnyArray, joined
from pipeline.demo.output.dirt import messy
from pipeline.demo.output.lines import Lines
from pipeline.demo.output.text import COLUMNS, as_text
from pipeline.demo.world.clock import Clock

CHUNK_LINES = 250_000

_SCHEMA = pa.schema([(column, pa.large_string()) for column in COLUMNS])
_REPETITIVE = [column for column in COLUMNS if column != "event_id"]


@dataclass(slots=True)
class Export:
    """An events file that days are added to; what is not yet written waits in `waiting`."""

    path: Path
    rng: np.random.Generator
    user_ids: pl.Series
    country: AnyArray
    clock: Clock
    waiting: list[Lines] = field(default_factory=list)
    events: int = 0
    chunks: int = 0
    writer: pq.ParquetWriter | None = None

    def add(self, day: Lines) -> None:
        """Take in the lines of one day, by time."""
        if sum(lines.user.size for lines in self.waiting) >= CHUNK_LINES:
            self._write(last=False)
        self.waiting.append(day)

    def close(self) -> None:
        """Write what is waiting, and the end of the file."""
        self._write(last=True)
        if self.writer is not None:
            self.writer.close()

    def _write(self, *, last: bool) -> None:
        lines = joined(*self.waiting)
        clean = as_text(lines, self.user_ids, self.country[lines.user], self.events, self.clock)
        frame = messy(self.rng, clean, self.chunks, last=last)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, _SCHEMA, compression="zstd", use_dictionary=_REPETITIVE)
        self.writer.write_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_SCHEMA))
        self.events += lines.user.size
        self.chunks += 1
        self.waiting.clear()
