"""Checks of login rows before training: is there enough data, and is it sound?

Each gives pass, warn or stop, its figures and one sentence. Stop means that training makes no sense.
"""

from datetime import date

import polars as pl

from models.checks.check import Check, Verdict


def check_classes(rows: pl.DataFrame, warn_rows: int, stop_rows: int) -> Check:
    """Ripe rows of each class in `rows` (`churned`, null when unripe)."""
    churned = int(rows["churned"].sum())
    returned = rows["churned"].count() - churned
    least = min(churned, returned)
    verdict: Verdict = "stop" if least < stop_rows else "warn" if least < warn_rows else "pass"
    says = f"{returned:,} ripe logins were followed by another and {churned:,} were the last."
    if verdict == "stop":
        says = f"{says[:-1]}; both are needed, at least {stop_rows:,} of each to train at all."
    elif verdict == "warn":
        says = f"{says[:-1]}; below {warn_rows:,} of a class every figure of the model is uncertain."
    figures = {"returned": returned, "churned": churned, "warn_below": warn_rows, "stop_below": stop_rows}
    advice = "Take a longer log or a shorter label.horizon_days, or ask less of a login in the contract's presence."
    return Check("classes", verdict, figures, says, "" if verdict == "pass" else advice)


def check_history(
    log_start: date, log_end: date, window_days: int, look_back_days: int, no_split: str | None
) -> Check:
    """Whether the log is as long as the longest look-back of a feature and one label window (lead + horizon).

    `no_split`: why the rows cannot be split into training and test period; None when they can.
    """
    days = (log_end - log_start).days + 1
    wanted = look_back_days + window_days
    figures = {
        "log_days": days,
        "look_back_days": look_back_days,
        "window_days": window_days,
        "warn_below": wanted,
    }
    if no_split is not None:
        says = f"The {days:,} days of the log leave no period to train on or to test on: {no_split}"
        return Check("history", "stop", figures, says, "Choose a shorter label.horizon_days or a longer log.")
    parts = f"{look_back_days} days that features look back and {window_days} of the label's window"
    if days < wanted:
        says = (
            f"The log has {days:,} days, fewer than the {parts}: no login has both, and the longest windows "
            "hold whatever the log happens to have."
        )
        return Check("history", "warn", figures, says, "Take a longer log, or a shorter label.horizon_days.")
    return Check("history", "pass", figures, f"The log has {days:,} days, enough for the {parts}.")


def check_one_visit(rows: pl.DataFrame, most: float) -> Check:
    """Users who came on one day only, of those whose first login of the log is ripe.

    `rows`: `user_id, login_number, ripe`.
    """
    users = rows.group_by("user_id").agg(
        logins=pl.col("login_number").max(),
        known=pl.col("ripe").filter(pl.col("login_number") == 1).any(),
    )
    known = users.filter("known")
    once = known.filter(pl.col("logins") == 1).height
    share = once / known.height if known.height else 0.0
    figures = {"users": known.height, "one_visit": once, "share": round(share, 4), "warn_above": most}
    says = f"{once:,} of {known.height:,} users ({share:.1%}) logged in on one day only."
    if share <= most:
        return Check("one_visit", "pass", figures, says)
    return Check(
        "one_visit", "warn", figures,
        f"{says[:-1]}: most first logins are the last, and of most users there is no rhythm to learn from.",
        "Judge the model by its segments, not by its overall AUC, which mostly tells first logins from others; "
        "if the ids are not of people (guests, devices), name the right columns.user_id.",
    )  # fmt: skip
