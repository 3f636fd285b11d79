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
    says = (
        f"{returned:,} logins with a known outcome were followed by another, and {churned:,} were the last."
    )
    if verdict == "stop":
        says = f"{says[:-1]}; training needs at least {stop_rows:,} of each."
    elif verdict == "warn":
        says = (
            f"{says[:-1]}; with fewer than {warn_rows:,} of a class, all metrics of the model are uncertain."
        )
    figures = {"returned": returned, "churned": churned, "warn_below": warn_rows, "stop_below": stop_rows}
    advice = "Take a longer log, a shorter label.horizon_days or a weaker presence in the contract."
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
    parts = (
        f"{look_back_days} days of the longest feature window and the {window_days} days of the label window"
    )
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
        f"{says[:-1]}: for most users the first login is the last, so the log says little about their rhythm.",
        "Look at the quality by slice, not at the overall AUC, which mostly separates first logins from others; "
        "if the ids are not ids of people (but of guests, devices), correct columns.user_id.",
    )  # fmt: skip
