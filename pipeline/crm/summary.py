"""`summary.json`: every user of the log accounted for, and what the choice is expected to bring.

Promise: the numbers of each level add up to the number above it.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.config.sections import Policy
from pipeline.crm.choice import (
    ACTIONS,
    CONTACT,
    EXCLUDED,
    HOLDOUT,
    WATCH,
    Chosen,
    assumptions,
    expected_totals,
)
from pipeline.crm.ledger.arms_report import arms_report

POPULATION = ("users_in_log", "listed", "beyond_horizon", "silent_for_longer", "not_scored", "without_login")
"""The entries that `population_counts` gives: the first is the sum of the others."""


def population_counts(
    listed: pl.Series, beyond: pl.DataFrame, with_login: pl.DataFrame, users: pl.Series
) -> dict[str, int]:
    """`POPULATION`: where each user of the log is.

    `listed`: ids of the listed users. `beyond`: the users of the list for win-back. `with_login`: `user_id,
    silent_days` of the users who have a login row. `users`: the id of every user. Users are `silent_for_longer` when
    they have been away for longer than any user of training. Those `not_scored` have no running subscription, where
    churn is the end of one, or training had too few users who were away for so long.
    """
    known = pl.concat([listed, beyond["user_id"]])
    rest = with_login.filter(~pl.col("user_id").is_in(known.implode()))
    longest = beyond["silent_days"].max() if beyond.height else None
    return {
        "users_in_log": users.n_unique(),
        "listed": listed.len(),
        "beyond_horizon": beyond.height,
        **_rest(rest, longest),
        "without_login": users.n_unique() - with_login.height,
    }


def list_summary(
    choice: Chosen,
    policy: Policy,
    holdout_share: float,
    others: Mapping[str, Any],
) -> dict[str, Any]:
    """The summary of the list of `choice`.

    `holdout_share`: as drawn. `others`: `population_counts` and further entries; or the summary of another choice among
    the same users, whose own entries give way.

    `listed` is the sum of `actions`. `contact` and `holdout` are the sums of users with a `duty`, `new` ones, and those
    whose episode is `running`. `watch` and `excluded` are split by reason. `excluded_duties`: those excluded whose
    request is open, for support to answer.
    """
    listed = choice.listed
    of_action = _counts(listed, "action")
    summary = {
        "as_of": listed["as_of"].first() if listed.height else None,
        **{name: others[name] for name in POPULATION},
        "actions": {action: of_action.get(action, 0) for action in ACTIONS},
        "contact": _parts(listed.filter(pl.col("action") == CONTACT)),
        "holdout": _parts(listed.filter(pl.col("action") == HOLDOUT)),
        "watch": _counts(listed.filter(pl.col("action") == WATCH), "why_watched"),
        "excluded": _counts(listed.filter(pl.col("action") == EXCLUDED), "excluded_by"),
        "excluded_duties": listed.filter(pl.col("action") == EXCLUDED, pl.col("duty")).height,
        "contacts_by_play": _counts(listed.filter(pl.col("action") == CONTACT), "play"),
        "arms": arms_report(listed.filter("new"), holdout_share),
        "choice": {"rule": choice.rule, "because": choice.because},
        "currency": listed["currency"].first() if listed.height else None,
        "expected": expected_totals(choice),
        "assumptions": assumptions(policy, choice),
    }
    return summary | {name: value for name, value in others.items() if name not in summary}


def _rest(rest: pl.DataFrame, longest: Any) -> dict[str, int]:
    """The users with a login row who are neither on the list nor on that for win-back."""
    longer = rest.filter(pl.col("silent_days") > longest).height if longest is not None else 0
    return {"silent_for_longer": longer, "not_scored": rest.height - longer}


def _parts(rows: pl.DataFrame) -> dict[str, int]:
    """Users with a duty, users whose episode begins with this list, and those whose episode runs."""
    duty = pl.col("arm").is_null()
    of_each = {"duty": duty, "new": ~duty & pl.col("new"), "running": ~duty & ~pl.col("new")}
    return {name: rows.filter(holds).height for name, holds in of_each.items()}


def _counts(rows: pl.DataFrame, column: str) -> dict[str, int]:
    """The number of rows of each value of `column`, the most frequent first."""
    counted = rows[column].value_counts().sort(["count", column], descending=[True, False])
    return {str(value): count for value, count in counted.rows()}
