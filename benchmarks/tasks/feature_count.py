"""`python -m benchmarks.tasks.feature_count TABLE…` prints each table's number of features (columns of f32) as JSON.

A separate process, since the measuring process does not import Polars.
"""

import json
import sys
from pathlib import Path

import polars as pl


def features_in(table: Path) -> int:
    """The columns of 32-bit floats in a Parquet file, or in the first one below a folder."""
    file = table if table.is_file() else min(table.glob("bucket=*/part.parquet"))
    return sum(dtype == pl.Float32 for dtype in pl.read_parquet_schema(file).values())


if __name__ == "__main__":
    sys.stdout.write(json.dumps([features_in(Path(table)) for table in sys.argv[1:]]) + "\n")
