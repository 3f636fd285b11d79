"""The speed of light: the login rows of the demo log, written by hand for that one log, as fast as we can.

No catalogue, no contract, no measure of another log: one pass from a bucket of events to its
login rows, with prefix sums, 32-bit numbers and no file between. `benchmarks.measurements.features_20m` measures
`activity` + `logins` against it; a test checks that the values are equal. The label is not included.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import polars as pl

from benchmarks.hand_tuned.external import ExternalData, external
from benchmarks.hand_tuned.features import SUMMED, WINDOWS, denominators, features, totals
from benchmarks.hand_tuned.received import received
from benchmarks.hand_tuned.user_days import EVENT_COLUMNS, placed_in, user_days

_WORKERS = 2


def main(events: Path, rates: Path, report: Path, out: Path) -> None:
    """Write `out/bucket=…/part.parquet` for each bucket of `events`, two buckets at a time."""
    bounds = json.loads(report.read_text("utf-8"))
    external_data = external(pl.read_parquet(rates), bounds["log_start"], bounds["log_end"])
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(
            pool.map(
                partial(_bucket, external_data=external_data, out=out),
                sorted(events.glob("bucket=*/part.parquet")),
            )
        )


def _bucket(path: Path, external_data: ExternalData, out: Path) -> None:
    rows = login_rows(pl.read_parquet(path, columns=EVENT_COLUMNS, hive_partitioning=False), external_data)
    target = out / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(target, compression="lz4", statistics=False)


def login_rows(events: pl.DataFrame, external_data: ExternalData) -> pl.DataFrame:
    """`user_id, login_day, login_number` and every feature, from the events of one bucket."""
    placed = placed_in(events, external_data)
    is_own = placed["role"] == "own"
    days = user_days(placed.filter(is_own), external_data).with_columns(
        (pl.col(name[:-1]) > 0).cast(pl.Int32).alias(name) for name in SUMMED if name.endswith("+")
    )
    running = days.with_columns(
        *(_first_row(window) for window in WINDOWS),
        *(pl.col(name).cum_sum().alias(f"{name}@run") for name in SUMMED),
    ).with_columns((pl.col(f"{name}@run") - pl.col(name)).alias(f"{name}@until") for name in SUMMED)
    summed = running.select(*totals()).filter(pl.col("logins") == 1)
    counted = summed.with_columns(received(placed["key"].filter(~is_own), summed["key"]))
    return counted.with_columns(*denominators()).select(
        "user_id",
        (pl.col("day") + external_data.first).cast(pl.Date).alias("login_day"),
        pl.col("logins@life").cast(pl.Int32).alias("login_number"),
        *(feature.cast(pl.Float32) for feature in features()),
    )


def _first_row(window: int) -> pl.Expr:
    return pl.col("row").rolling_min_by("key", window_size=f"{window}i").alias(f"first@{window}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
