"""Stage `define`: which absence counts as churn, by group of users, and what each horizon costs."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from models.labels.churn import Churn
from models.labels.horizon import horizon_days
from models.labels.label import return_days
from models.labels.return_curve import (
    Costs,
    ReturnCurve,
    costs,
    recommended_horizon,
    resurrection_rate,
    return_curve,
)
from pipeline.config.sections import Define, Label
from pipeline.learning.churn_in_use import churn_of
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.datasets import ACTIVITY, DEFINITION_REPORT, LOG_FACTS, RETURN_CURVE
from pipeline.storage.files import write_json
from pipeline.storage.frames import read_buckets

MOST_RESURRECTED = 0.15  # largest safe share of users called churned who come back


def run(
    label: Label,
    define: Define,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    definition: Out = DEFINITION_REPORT.path,
    curve: Out = RETURN_CURVE.path,
) -> None:
    """Write return curves of all users, newcomers and veterans, the safety of the horizon in use, and the best one.

    Warns when more than 15 % of users called churned come back within the same time again.
    """
    log_end, churn = read_facts(facts_file).log_end, churn_of(label)
    days = read_buckets(activity, columns=("user_id", "day", "logins"))
    rows = days.filter(pl.col("logins") == 1).select("user_id", pl.col("day").alias("login_day"))
    gaps = rows.select(
        pl.Series("returns", return_days(rows, log_end).cast(pl.Float64).fill_null(np.nan)),
        (pl.lit(log_end) - pl.col("login_day")).dt.total_days().alias("observed"),
        pl.Series("horizon", horizon_days(rows, churn)),
        (pl.int_range(pl.len()).over("user_id") < define.newcomer_logins).alias("newcomer"),
    )
    rows_by_group = {
        "all": gaps,
        "newcomers": gaps.filter("newcomer"),
        "veterans": gaps.filter(~pl.col("newcomer")),
    }
    groups = {name: _group(group, define) for name, group in rows_by_group.items()}
    described = {name: facts for name, (facts, _) in groups.items()}
    warning = _warning(churn, described)
    if warning:
        sys.stderr.write(f"define: {warning}\n")
    write_json(
        {
            "horizon_days": label.horizon_days,
            **{name: value for name, value in described["all"].items() if name != "logins"},
            "safe_means_at_most": MOST_RESURRECTED,
            "warning": warning,
            "groups": described,
        },
        definition,
    )
    curves = [table.insert_column(0, pl.lit(name).alias("group")) for name, (_, table) in groups.items()]
    write_csv(pl.concat(curves), curve)


def _group(gaps: pl.DataFrame, define: Define) -> tuple[dict[str, Any], pl.DataFrame]:
    """The facts of a group of logins for definition.json, and its rows of the table of curves."""
    returns, observed = gaps["returns"].to_numpy(), gaps["observed"].to_numpy()
    curve = return_curve(returns, observed)
    cost = costs(curve, define.false_churn_cost, define.waiting_cost_per_day)
    best = recommended_horizon(curve, cost, MOST_RESURRECTED)
    rate = resurrection_rate(returns, observed, gaps["horizon"].to_numpy())
    facts = {
        "logins": gaps.height,
        "resurrection_rate": rate,
        "horizon_is_safe": None if rate is None else rate <= MOST_RESURRECTED,
        "shortest_safe_horizon_days": curve.shortest_horizon(MOST_RESURRECTED),
        "recommended_horizon_days": best,
    }
    return facts, _table(curve, cost, best)


def _table(curve: ReturnCurve, cost: Costs, best: int | None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "days": curve.days,
            "still_away": curve.still_away,
            "come_back_later": curve.resurrected,
            "false_churn_cost": cost.false_churn,
            "waiting_cost": cost.waiting,
            "recommended": curve.days == (best or 0),
        }
    )


def _warning(churn: Churn, groups: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The warning about an unsafe horizon; None when it is safe or when nobody knows."""
    unsafe = {name: facts for name, facts in groups.items() if facts["horizon_is_safe"] is False}
    if not unsafe or not churn.is_silence:
        return None
    shares = ", ".join(f"{facts['resurrection_rate']:.0%} of {name}" for name, facts in unsafe.items())
    key = "label.personal" if churn.kind == "personal" else f"label.horizon_days = {churn.horizon_days}"
    if churn.kind != "personal" and churn.newcomers.exist:
        key += f" (label.newcomers.horizon_days = {churn.newcomers.horizon_days})"
    better = ", ".join(
        f"{facts['recommended_horizon_days']} days for {name}"
        for name, facts in groups.items()
        if facts["recommended_horizon_days"]
    )
    return (
        f"{key} is too short: {shares} come back within the same time after it, and at most "
        f"{MOST_RESURRECTED:.0%} should. Recommended: {better or 'a longer log'}."
    )


if __name__ == "__main__":
    main(run)
