"""The lists for import, and the facts about a user that their texts and conditions may name.

Promise: the names are the same for every log. What a log does not tell is null.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import polars as pl

ListName = Literal["save", "winback", "promoters", "upgrade", "reward", "survey"]
LISTS: tuple[ListName, ...] = get_args(ListName)
"""In the order in which a user is placed: on the first list whose conditions the user meets, and on no other."""
SAVE: ListName = "save"
"""The users whom the CRM list contacts. Their next steps are the plays'."""
WINBACK: ListName = "winback"
"""The users who have left."""
Ask = Literal["review", "beta", "referral"]
LIST_FACTS: Mapping[str, pl.DataType] = {
    "tenure_days": pl.Int64(),
    "here_since": pl.Date(),
    "signed_up_on": pl.Date(),
    "anniversary_on": pl.Date(),
    "anniversary_years": pl.Int64(),
    "request_since": pl.Date(),
    "score_on": pl.Date(),
    "active_days_30d": pl.Int64(),
    "kinds_30d": pl.Int64(),
    "kinds_share_30d": pl.Float64(),
    "regular_contacts": pl.Int64(),
    "goal": pl.String(),
    "level": pl.Float64(),
    "limit_used": pl.Float64(),
    "limit_most": pl.Float64(),
    "trigger": pl.String(),
    "trigger_on": pl.Date(),
    "left_on": pl.Date(),
    "left_by": pl.String(),
    "days_since_left": pl.Int64(),
    "return_percent": pl.Int64(),
    "came_for": pl.String(),
    "new_since": pl.String(),
    "reason": pl.String(),
    "silence": pl.String(),
    "risk_percent": pl.Int64(),
}
"""Facts beside those of plays, with their types. All are as of the list's day."""
