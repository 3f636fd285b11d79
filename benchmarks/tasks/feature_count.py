"""`python -m benchmarks.tasks.feature_count TABLE…` says how many features (columns of f32) each table has, as JSON.

A process of its own, for the one that measures does without Polars.
"""

import json
import sys
from pathlib import Path

import polars as pl


def features_in(table: Path) -> int:
    """The columns of 32-bit floats of a Parquet file, or of the first one below a folder."""
    file = table if table.is_file() else min(table.glob("bucket=*/part.parquet"))
    return sum(dtype == pl.Float32 for dtype in pl.read_parquet_schema(file).values())


if __name__ == "__main__":
    sys.stdout.write(json.dumps([features_in(Path(table)) for table in sys.argv[1:]]) + "\n")
