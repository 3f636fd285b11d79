"""The cost of each cause of leaving: the users for whom it stands out, and their value at risk."""

from typing import Any

import polars as pl

from features.advice.causes import CAUSES


def causes_report(listed: pl.DataFrame, people: pl.DataFrame) -> dict[str, Any]:
    """`reports/causes.json`: the users of each cause and, if the log has amounts, their value at risk.

    `listed`: the CRM list; `people`: profiles with `cause_1..3`. A user counts for the first cause only, so the causes
    add up to the whole. `also` counts users with this cause as the second or third.
    """
    first = pl.coalesce("cause_1", "cause_2", "cause_3")
    marked = people.select("user_id", first.alias("cause"), "cause_1", "cause_2", "cause_3")
    valued = listed["currency"].null_count() < listed.height
    named = listed.drop("cause").join(marked, on="user_id", how="left", maintain_order="left")
    return {
        "users": named.height,
        "counted": "each user once, by the first of the reasons that lies on the wrong side of what is usual",
        **({"currency": named["currency"].first()} if valued else {}),
        "causes": [
            {
                "code": cause.code,
                "says": cause.says,
                "managed": cause.managed,
                **_effect(named, cause.code, valued=valued),
            }
            for cause in CAUSES
        ],
        "no_cause": _of(named.filter(pl.col("cause").is_null()), valued=valued),
    }


def _effect(named: pl.DataFrame, code: str, *, valued: bool) -> dict[str, Any]:
    is_first = pl.col("cause") == code
    anywhere = pl.any_horizontal(
        (pl.col(f"cause_{rank}") == code).fill_null(value=False) for rank in (1, 2, 3)
    )
    also = named.filter(anywhere & ~is_first.fill_null(value=False)).height
    return {**_of(named.filter(is_first), valued=valued), "also": also}


def _of(users: pl.DataFrame, *, valued: bool) -> dict[str, Any]:
    effect: dict[str, Any] = {
        "users": users.height,
        "mean_churn_probability": users["churn_probability"].mean(),
    }
    if valued:
        effect["value_at_risk"] = round(float(users["value_at_risk"].sum()), 2)
    return effect
