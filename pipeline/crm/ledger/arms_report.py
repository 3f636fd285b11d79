"""What the arms of the new episodes can show, as an entry of `summary.json` and in plain words."""

from typing import Any

import numpy as np
import polars as pl

from models.targeting.arms_check import SURELY_WRONG, balance, power, sample_ratio

_LEAST = 1e-6


def arms_report(new: pl.DataFrame, share: float) -> dict[str, Any]:
    """The arms of `new` episodes: sizes, sample ratio, balance, and the smallest effect that they would show.

    `new`: `arm, churn_probability, expected_revenue, login_number`. `share`: of the holdout.
    """
    held = new.select((pl.col("arm") == "holdout").cast(pl.Float64)).to_series().to_numpy()
    held_out = int(held.sum())
    contacts = new.height - held_out
    mean = float(new["churn_probability"].mean() or 0.0)  # type: ignore[arg-type]  # of a float column
    ratio, could = sample_ratio(contacts, held_out, share), power(contacts, held_out, mean, share)
    risk = pl.col("churn_probability").clip(_LEAST, 1 - _LEAST)
    covariates = new.select(
        (risk / (1 - risk)).log(),
        pl.col("expected_revenue").fill_null(0.0).log1p(),
        pl.col("login_number").cast(pl.Float64).log1p(),
    ).to_numpy()
    found = balance(np.asarray(covariates, dtype=np.float64), held)
    report: dict[str, Any] = {
        "contact": contacts,
        "holdout": held_out,
        "share": share,
        "sample_ratio_p": ratio,
        "balance_p": found,
        "smallest_effect": could.smallest_effect,
        "needed": could.needed,
        "needed_by_half": could.needed_by_half,
    }
    return report | {"says": _in_words(report, could.wanted)}


def _in_words(report: dict[str, Any], wanted: float) -> str:
    if not report["contact"] and not report["holdout"]:
        return "no episode begins with this list"
    if report["sample_ratio_p"] is not None and report["sample_ratio_p"] < SURELY_WRONG:
        total = report["contact"] + report["holdout"]
        return f"the arms are not what was drawn: {report['holdout']:,} of {total:,} are held out"
    if report["smallest_effect"] is None:
        return "one of the arms is empty, so this list alone shows no effect"
    return (
        f"with {report['holdout']:,} held out, an effect below {100 * report['smallest_effect']:.0f} points cannot be "
        f"seen on this list alone; {100 * wanted:.0f} points need {report['needed']:,} episodes, or "
        f"{report['needed_by_half']:,} if half are held out"
    )
