"""Whether there is enough evidence for a user's probability: the columns of a profile, and their text.

Promise: the text gives the group's share of churn with its interval, and nothing else of the model.
"""

import polars as pl

from models.learning.evidence import ENOUGH, EVENTS, THIN, Evidence, ThinGroup

EVIDENCE_COLUMNS = ("evidence", "evidence_rate", "evidence_text")


def evidence_columns(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """`EVIDENCE_COLUMNS` of each of `rows`: "enough" or "thin"; a thin row has the group's share and a text.

    `rows`: `login_number`, and `events_life` if the log has it. If they have `silent_days`, only rows of the day of a
    login can be thin: the rule is that of the login model.
    """
    group = evidence.group_of(rows)
    if "silent_days" in rows.columns:
        group = rows.select(pl.when(pl.col("silent_days") == 0).then(group)).to_series()
    events = pl.col(EVENTS).fill_nan(None) if EVENTS in rows.columns else pl.lit(None, pl.Float64)
    text = pl.lit(None, pl.String)
    for number, thin in enumerate(evidence.thin):
        text = pl.when(group == number).then(_words(thin, events)).otherwise(text)
    return rows.with_columns(
        pl.when(group.is_null()).then(pl.lit(ENOUGH)).otherwise(pl.lit(THIN)).alias("evidence"),
        evidence.rate_of(group).alias("evidence_rate"),
        text.alias("evidence_text"),
    ).select(EVIDENCE_COLUMNS)


def _words(group: ThinGroup, events: pl.Expr) -> pl.Expr:
    """ "little is known yet, after 2 visits and 4 actions: of such users, 39% (36% to 41%) did not come …"."""
    number = events.cast(pl.Int64)
    actions = pl.when(number == 1).then(pl.lit("action")).otherwise(pl.lit("actions"))
    so_far = pl.format(" and {} {}", number, actions).fill_null("")
    visits = "1 visit" if group.login_number == 1 else f"{group.login_number} visits"
    share = f"{group.rate:.0%} ({group.low:.0%} to {group.high:.0%})"
    of_such = f": of such users, {share} did not come back in time"
    return pl.concat_str(pl.lit(f"little is known yet, after {visits}"), so_far, pl.lit(of_such))
