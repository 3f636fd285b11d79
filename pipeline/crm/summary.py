"""`summary.json`: every user of the log accounted for, and what the choice is expected to bring.

Promise: the numbers of each level add up to the number above it.
"""

from typing import Any

import polars as pl

from pipeline.config.sections import Policy
from pipeline.crm.choice import ACTIONS, CONTACT, EXCLUDED, WATCH, Chosen, assumptions, expected_totals


def list_summary(
    choice: Chosen,
    policy: Policy,
    users: pl.Series,
    with_login: pl.DataFrame,
    beyond: pl.DataFrame,
    others: dict[str, Any],
) -> dict[str, Any]:
    """The summary of the list of `choice`.

    `users`: the id of every user of the log. `with_login`: `user_id, silent_days` of the users who have a login row.
    `beyond`: the users of the list for win-back. `others`: further entries.

    - `users_in_log` = `listed` + `beyond_horizon` + `silent_for_longer` + `not_scored` + `without_login`. Users are
      `silent_for_longer` when they have been away for longer than any user of training; those `not_scored` have no
      running subscription where churn is the end of one, or their logins lie in `log.warm_up_days`.
    - `listed` = the sum of `actions`. `contact` is the sum of `duty` and `chosen`; `watch` and `excluded` are split by
      reason. `excluded_duties`: those excluded whose request is open, for support to answer.
    """
    listed = choice.listed
    of_action = _counts(listed, "action")
    known = listed["user_id"].append(beyond["user_id"])
    rest = with_login.filter(~pl.col("user_id").is_in(known.implode()))
    longest = beyond["silent_days"].max() if beyond.height else None
    return {
        "as_of": listed["as_of"].first() if listed.height else None,
        "users_in_log": users.n_unique(),
        "listed": listed.height,
        "beyond_horizon": beyond.height,
        **_rest(rest, longest),
        "without_login": users.n_unique() - with_login.height,
        "actions": {action: of_action.get(action, 0) for action in ACTIONS},
        "contact": _duties(listed.filter(pl.col("action") == CONTACT)),
        "watch": _counts(listed.filter(pl.col("action") == WATCH), "why_watched"),
        "excluded": _counts(listed.filter(pl.col("action") == EXCLUDED), "excluded_by"),
        "excluded_duties": listed.filter(pl.col("action") == EXCLUDED, pl.col("duty")).height,
        "contacts_by_play": _counts(listed.filter(pl.col("action") == CONTACT), "play"),
        "choice": {"rule": choice.rule, "because": choice.because},
        "currency": listed["currency"].first() if listed.height else None,
        "expected": expected_totals(choice),
        "assumptions": assumptions(policy, choice),
        **others,
    }


def _rest(rest: pl.DataFrame, longest: Any) -> dict[str, int]:
    """The users with a login row who are neither on the list nor on that for win-back."""
    longer = rest.filter(pl.col("silent_days") > longest).height if longest is not None else 0
    return {"silent_for_longer": longer, "not_scored": rest.height - longer}


def _duties(contacts: pl.DataFrame) -> dict[str, int]:
    duty = int(contacts["duty"].sum()) if contacts.height else 0
    return {"duty": duty, "chosen": contacts.height - duty}


def _counts(rows: pl.DataFrame, column: str) -> dict[str, int]:
    """The number of rows of each value of `column`, the most frequent first."""
    counted = rows[column].value_counts().sort(["count", column], descending=[True, False])
    return {str(value): count for value, count in counted.rows()}
