"""`python -m benchmarks.tasks.copied_users LOGINS TIMES`: copy each user of login rows, under new ids."""

import sys
from pathlib import Path

import polars as pl

from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet
from pipeline.storage.manifest import write_manifest


def main(logins: Path, times: int) -> None:
    """Write each bucket again, sorted by user and day as the stages need it."""
    for bucket in buckets_in(logins):
        rows = read_bucket(logins, bucket)
        copies = [
            rows.with_columns(
                pl.format("{}-{}", pl.lit(copy).cast(pl.String).str.zfill(4), "user_id").alias("user_id")
            )
            for copy in range(times)
        ]
        write_parquet(pl.concat(copies), bucket_file(logins, bucket))
    write_manifest(logins)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
