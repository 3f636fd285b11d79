"""`python -m benchmarks.tasks.empty_list`: a CRM list of nobody, where the stage `score` has not run."""

import polars as pl

from pipeline.storage.datasets import CRM_TABLE
from pipeline.storage.frames import write_parquet

if __name__ == "__main__":
    nobody = CRM_TABLE.schema.empty().with_columns(
        churn_probability=pl.lit(None, pl.Float64), value_at_risk=pl.lit(None, pl.Float64)
    )
    write_parquet(nobody, CRM_TABLE.path)
