"""The scores of a chunk's answers: a score from 0 to 10, as the net promoter score has it.

Promise: a log whose scores have another scale is refused, and not read as if its users were all content.
"""

import polars as pl

from features.errors import ContractError
from features.events.fields import FILE, LINE, Plan

LEAST, MOST = 0, 10


def refuse_other_scales(plan: Plan, rows: pl.DataFrame, scores: pl.Series) -> None:
    """Raise ContractError naming the key, value and line of the first of `scores` that lies outside 0 to 10.

    `rows`: the raw rows of the events, with FILE and LINE; `scores`: f64, one for each.
    """
    outside = rows.select(FILE, LINE).with_columns(scores.alias("@score"))
    outside = outside.filter((pl.col("@score") < LEAST) | (pl.col("@score") > MOST))
    if outside.is_empty():
        return
    file, line, score = outside.row(0)
    key = "derive.score" if "score" in plan.contract.derive else "columns.score"
    raise ContractError(
        f"{plan.contract.name}: {key}: {score:g} ({file}:{line}) lies outside {LEAST} to {MOST}; values of this chunk "
        f"that do: {outside.height:,}.\nA score is an answer from {LEAST} to {MOST}. Bring it to this scale with "
        "derive.score, leave such lines out with exclude, or name no score."
    )
