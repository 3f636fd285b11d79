"""The columns of the lists for import: those of the CRM list, and what each list says of its own.

Promise: the columns of a list are the same for every log; what is not known is null.
"""

from collections.abc import Mapping

import polars as pl

from features.advice.list_facts import SAVE, ListName
from pipeline.crm.choice import CONTACT

OWN: Mapping[ListName, Mapping[str, pl.DataType]] = {
    "save": {},
    "winback": {
        "days_since_left": pl.Int64(), "return_probability": pl.Float64(), "return_because": pl.String(),
        "came_for_group": pl.String(), "came_for_kind": pl.String(), "came_for": pl.String(), "new_since": pl.String(),
    },
    "promoters": {"ask": pl.String(), "score_last": pl.Float64(), "score_on": pl.Date(), "tenure_days": pl.Int64()},
    "upgrade": {"trigger": pl.String(), "trigger_on": pl.Date()},
    "reward": {"trigger": pl.String(), "trigger_on": pl.Date(), "tenure_days": pl.Int64()},
    "survey": {"trigger": pl.String(), "trigger_on": pl.Date()},
}  # fmt: skip
"""By list its columns beside those of the CRM list and `why`."""
OF_LEFT = (
    "user_id", "as_of", "last_login_day", "login_number", "silent_days", "population", "login_probability",
    "churn_probability", "style", "play_style", "segment_text",
)  # fmt: skip
"""The columns of the CRM list that are known of a user who has left."""
_OF_THE_CHOICE = (
    "excluded_by", "arm", "episode", "cause", "silence_text", "silence_share", "reason_1", "reason_2", "reason_3",
    "reason_1_text", "reason_2_text", "reason_3_text", "play_now", "goal", "duty",
)  # fmt: skip
"""Columns about leaving and saving, which say nothing on other lists."""
_ORDER: Mapping[ListName, tuple[tuple[str, bool], ...]] = {
    "winback": (("return_probability", True), ("days_since_left", False)),
    "promoters": (("score_last", True), ("score_on", True)),
    "upgrade": (("trigger_on", True), ("expected_revenue", True)),
    "reward": (("trigger_on", True), ("expected_revenue", True)),
    "survey": (("trigger_on", True),),
}
"""By list the columns by which it is sorted, and whether the largest comes first; then by user."""


def rows_of_list(name: ListName, rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The list `name` in its order.

    `rows`: its users with the columns of the CRM list that are known of them, `why`, and those of `OWN`; `code` and
    `says` unless they are to be saved. `schema`: the columns of the CRM list. On the other lists `action` is contact,
    `play` is the code of the text, `next_step` says what to do, and `rank` is the place on this list. What the CRM list
    says of leaving is null there.
    """
    own = OWN[name]
    if name == SAVE:
        return rows.sort("rank").select(*schema.names(), "why")
    order = _ORDER[name]
    ordered = rows.sort(
        *(column for column, _ in order),
        "user_id",
        descending=[*(down for _, down in order), False],
        nulls_last=True,
    )
    made = ordered.with_columns(
        *(pl.lit(None, schema[column]).alias(column) for column in _OF_THE_CHOICE),
        pl.lit(CONTACT).alias("action"),
        pl.col("code").alias("play"),
        pl.col("says").alias("next_step"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("rank"),
    )
    absent = [
        pl.lit(None, dtype).alias(column) for column, dtype in schema.items() if column not in made.columns
    ]
    return made.with_columns(absent).select(
        *(pl.col(column).cast(dtype) for column, dtype in schema.items()),
        "why",
        *(pl.col(column).cast(dtype) for column, dtype in own.items()),
    )
