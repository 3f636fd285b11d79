"""Anonymous visitors whose ids are linked to users: from then on they come as the user.

Promise: both outcomes are taken out. Such a visitor seems to leave on the day of the link, and did not.
"""

import polars as pl


def without_identified(rows: pl.DataFrame, visitors: pl.DataFrame) -> pl.DataFrame:
    """Login rows with no outcome (`churned` null, not `ripe`) where a link falls into the label window.

    `visitors`: `user_id, known_day`, the first day on which the id was linked to a user.
    """
    linked = visitors.drop_nulls("known_day").group_by("user_id").agg(pl.col("known_day").min())
    dated = rows.join(linked, on="user_id", how="left", maintain_order="left")
    last = pl.col("login_day") + pl.duration(days=pl.col("window_days"))
    met = (pl.col("known_day") <= last).fill_null(value=False)
    return dated.with_columns(churned=pl.when(~met).then("churned"), ripe=pl.col("ripe") & ~met).drop(
        "known_day"
    )
