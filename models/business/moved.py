"""How far figures have moved since they were told for the first time."""

import polars as pl

MOVED = pl.Schema(
    {
        "period": pl.String(),
        "kpi": pl.String(),
        "then": pl.Float64(),
        "now": pl.Float64(),
        "moved": pl.Float64(),
        "provisional_then": pl.Boolean(),
        "partial_then": pl.Boolean(),
    }
)


def moved_since(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """`MOVED`: each figure that `then` told (a table of figures of an earlier day), beside that of `now`, in its order.

    `moved`: now less then; null where either is missing.
    """
    later = now.select("period", "kpi", now="value")
    told = then.select("period", "kpi", then="value", provisional_then="provisional", partial_then="partial")
    joined = told.join(later, on=["period", "kpi"], how="left", maintain_order="left")
    return joined.with_columns(moved=pl.col("now") - pl.col("then")).select(*MOVED)
