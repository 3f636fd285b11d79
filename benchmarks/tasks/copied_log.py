"""`python -m benchmarks.tasks.copied_log LOG LIST TIMES TARGET`: the listed users of the demo log, several times.

Each copy has ids of its own. Memory holds one copy.
"""

import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

_IDS = ("event_id", "user_id", "counterpart", "session")


def main(log: Path, listed: Path, times: int, target: Path) -> None:
    """Write the copies to `target`, a row group each."""
    users = pl.read_parquet(listed, columns=["user_id"])
    rows = pl.read_parquet(log).join(users, on="user_id", how="semi", maintain_order="left")
    with pq.ParquetWriter(target, rows.to_arrow().schema, compression="zstd") as writer:
        for copy in range(times):
            own = [
                pl.when(pl.col(name).is_not_null()).then(f"c{copy}-" + pl.col(name)).alias(name)
                for name in _IDS
            ]
            writer.write_table(rows.with_columns(own).to_arrow())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
