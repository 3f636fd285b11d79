"""Checks of login rows before training: is there enough data, and is it sound?

Each gives pass, warn or stop, its figures and one sentence. Stop means that training makes no sense.
"""

from datetime import date

import polars as pl

from models.checks.check import Check, Verdict
from models.labels.churn import Churn, Kind

_MORE: dict[Kind, tuple[str, str]] = {
    "inactivity": ("a longer label.horizon_days", "a shorter label.horizon_days"),
    "drop": ("a smaller label.drop.share", "a larger label.drop.share"),
    "cancel": ("a shorter label.horizon_days", "a longer label.horizon_days"),
    "personal": ("a longer label.personal.least_days", "a shorter label.personal.most_days"),
}
"""What makes more rows of a class: of those that did not churn, of those that did."""
_HARDLY_ANY, _MANY = 0.001, 1000


def check_classes(rows: pl.DataFrame, churn: Churn, warn_rows: int, stop_rows: int) -> Check:
    """Ripe rows of each class in `rows` (`churned` as `churn` defines it, null when unripe)."""
    churned = int(rows["churned"].sum())
    returned = rows["churned"].count() - churned
    least = min(churned, returned)
    verdict: Verdict = "stop" if least < stop_rows else "warn" if least < warn_rows else "pass"
    stayed, left = churn.outcomes_in_words
    says = f"{returned:,} logins with a known outcome {stayed}, and {churned:,} {left}."
    if verdict == "stop":
        says = f"{says[:-1]}; training needs at least {stop_rows:,} of each."
    elif verdict == "warn":
        says = (
            f"{says[:-1]}; with fewer than {warn_rows:,} of a class, all metrics of the model are uncertain."
        )
    figures = {"returned": returned, "churned": churned, "warn_below": warn_rows, "stop_below": stop_rows}
    return Check(
        "classes", verdict, figures, says, "" if verdict == "pass" else _to_do(churned, returned, churn)
    )


def _to_do(churned: int, returned: int, churn: Churn) -> str:
    """What helps when a class has too few rows."""
    if churn.is_silence and min(churned, returned) <= _HARDLY_ANY * max(churned, returned):
        if churned > returned:
            return (
                "Hardly anybody comes back: columns.user_id must name people, not orders, sessions or guests."
            )
        return (
            "Hardly anybody leaves: name in presence.kinds what users do themselves, without what the service does for "
            "all of them every day, such as mails it sends."
            if returned > _MANY
            else "Take a longer log, or a shorter label.horizon_days."
        )
    more = _MORE[churn.kind][churned < returned]
    return f"Take a longer log, {more} or a weaker presence in the contract."


def check_history(
    log_start: date, log_end: date, churn: Churn, look_back_days: int, no_split: str | None
) -> Check:
    """Whether the log is as long as the longest look-back of a feature and the longest label window of `churn`.

    `no_split`: why the rows cannot be split into training and test period; None when they can.
    """
    days, window_days = (log_end - log_start).days + 1, churn.longest_days
    wanted = look_back_days + window_days
    figures = {
        "log_days": days,
        "look_back_days": look_back_days,
        "window_days": window_days,
        "warn_below": wanted,
    }
    personal = churn.kind == "personal"
    shorter = f"a shorter label.{'personal.most_days' if personal else 'horizon_days'}"
    if no_split is not None:
        says = f"The {days:,} days of the log leave no period to train on or to test on: {no_split}"
        return Check("history", "stop", figures, says, f"Choose {shorter} or a longer log.")
    label_window = "longest label window" if len(churn.window_classes) > 1 else "label window"
    parts = f"{look_back_days} days of the longest feature window and the {window_days} days of the {label_window}"
    if days < wanted:
        says = (
            f"The log has {days:,} days, fewer than the {parts}: no login has both, and the longest windows "
            "hold whatever the log happens to have."
        )
        return Check("history", "warn", figures, says, f"Take a longer log, or {shorter}.")
    return Check("history", "pass", figures, f"The log has {days:,} days, enough for the {parts}.")


def check_one_visit(rows: pl.DataFrame, churn: Churn, most: float) -> Check:
    """Users who came on one day only, of those whose first login of the log is ripe.

    `rows`: `user_id, login_number, ripe`; for the kind `cancel` only logins with a running subscription.
    """
    users = rows.group_by("user_id").agg(
        logins=pl.col("login_number").max(),
        known=pl.col("ripe").filter(pl.col("login_number") == 1).any(),
    )
    known = users.filter("known")
    once = known.filter(pl.col("logins") == 1).height
    share = once / known.height if known.height else 0.0
    figures = {"users": known.height, "one_visit": once, "share": round(share, 4), "warn_above": most}
    running = " with a running subscription" if churn.kind == "cancel" else ""
    says = (
        f"{once:,} of {known.height:,} users whose first login has a known outcome ({share:.1%}) have no "
        f"later login{running} in the log."
    )
    if share <= most:
        return Check("one_visit", "pass", figures, says)
    return Check(
        "one_visit", "warn", figures,
        f"{says[:-1]}, so the log says little about the rhythm of most users.",
        "Look at the quality by slice, not at the overall AUC, which mostly separates first logins from others; "
        "if the ids are not ids of people (but of guests, devices), correct columns.user_id.",
    )  # fmt: skip
