"""The columns of the CRM list, and of the list of users who have been silent for longer.

Promise: the columns are the same for every log; what is not known is null.
"""

import polars as pl

from pipeline.crm.choice import CONTACT
from pipeline.crm.standing import with_standing
from pipeline.errors import InputError

_BEFORE_PLAY = (
    "user_id", "as_of", "last_login_day", "login_number", "silent_days", "population", "login_probability",
    "churn_probability", "risk_percentile", "risk_band", "expected_revenue", "value_at_risk", "expected_profit",
    "currency", "rank", "action", "excluded_by", "arm", "episode", "cause", "silence_text", "silence_share",
    "reason_1", "reason_2", "reason_3", "reason_1_text", "reason_2_text", "reason_3_text",
    "style", "play_style", "segment_text", "quadrant", "lead_score", "engagement", "health",
)  # fmt: skip
_OF_CONTACT = ("play", "play_now", "next_step", "goal")
_LAST = ("duty", "evidence", "evidence_text", "grade", "model_version")
COLUMNS = (*_BEFORE_PLAY, *_OF_CONTACT, *_LAST)
"""The columns of the list, before those of `list.carry`."""


def crm_list(ranked: pl.DataFrame, grade: str | None, version: str) -> pl.DataFrame:
    """The CRM list, in the order of `rank`. `ranked`: the users of the choice.

    In a running episode `play` is that of its first day, and `play_now` that of today. Only a user to be contacted has
    plays, a next step and a goal: whoever uploads the list treats nobody who is held
    out.
    """
    contacted = pl.col("action") == CONTACT
    known = with_standing(ranked).with_columns(
        pl.when(contacted).then(pl.col("play", "play_now", "next_step")),
        pl.when(contacted).then("goal_text").alias("goal"),
        pl.lit(grade, pl.String).alias("grade"),
        pl.lit(version).alias("model_version"),
    )
    return known.select(COLUMNS)


def with_carried(listed: pl.DataFrame, carried: pl.DataFrame) -> pl.DataFrame:
    """The list with the columns that it carries at its end; null for a user of whom they are not known.

    Raises InputError when the list has a column of the same name.
    """
    names = [name for name in carried.columns if name != "user_id"]
    taken = [name for name in names if name in listed.columns]
    if taken:
        raise InputError(
            f"params.yaml: list.carry names {', '.join(taken)}, and the list has such a column of its own.\n"
            "Rename the column in the table of users."
        )
    return listed.join(carried, on="user_id", how="left", maintain_order="left")


def beyond_horizon(numbers: pl.DataFrame) -> pl.DataFrame:
    """Users whose silence has reached the horizon, with their chance to stay away; the least likely first.

    `numbers`: as `list_numbers` gives them.
    """
    beyond = numbers.filter(~pl.col("within")).sort("probability", "user_id")
    return beyond.select(
        "user_id",
        "as_of",
        pl.col("login_day").alias("last_login_day"),
        "login_number",
        pl.col("silent_days").cast(pl.Int64),
        pl.col("probability").alias("churn_probability"),
    )
