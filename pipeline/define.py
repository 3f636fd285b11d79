"""Stage `define`: how long an absence must last to be an end, seen from the log itself."""

from pathlib import Path

import numpy as np
import polars as pl

from models.definition import return_curve
from models.label import return_days
from pipeline.log_facts import read_facts
from pipeline.params import Label
from pipeline.stage import In, Out, main
from pipeline.storage import read_buckets, write_json

MOST_RESURRECTED = 0.15  # above this share the horizon calls too many users lost who come back


def run(
    label: Label,
    activity: In = Path("data/activity"),
    ingest_report: In = Path("reports/ingest.json"),
    definition: Out = Path("reports/definition.json"),
    curve: Out = Path("reports/return_curve.csv"),
) -> None:
    """Write the return curve, and how many of those whom the horizon calls churned come back in as long again."""
    log_end = read_facts(ingest_report).log_end
    days = read_buckets(activity, columns=("user_id", "day", "logins"))
    rows = days.filter(pl.col("logins") == 1).select("user_id", pl.col("day").alias("login_day"))
    observed = (pl.lit(log_end) - rows["login_day"]).dt.total_days()
    returns = return_days(rows, log_end).cast(pl.Float64).fill_null(np.nan).to_numpy()
    found = return_curve(returns, rows.select(observed).to_series().to_numpy())
    rate = found.resurrection_rate(label.horizon_days)
    write_json(
        {
            "horizon_days": label.horizon_days,
            "resurrection_rate": rate,
            "horizon_is_safe": None if rate is None else rate <= MOST_RESURRECTED,
            "shortest_safe_horizon_days": found.shortest_horizon(MOST_RESURRECTED),
            "safe_means_at_most": MOST_RESURRECTED,
        },
        definition,
    )
    pl.DataFrame(
        {"days": found.days, "still_away": found.still_away, "come_back_later": found.resurrected}
    ).write_csv(curve)


if __name__ == "__main__":
    main(run)
