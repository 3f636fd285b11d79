"""What a profile says of a user of whom too little is known."""

import polars as pl

from models.learning.evidence import ENOUGH, THIN, Evidence, ThinGroup
from pipeline.explanation.evidence import evidence_columns

RATES = dict.fromkeys(("1", "2-5", "6-20", "21+"), 0.1)


def test_a_thin_row_says_so_in_words_with_the_share_and_its_interval() -> None:
    evidence = Evidence(
        (ThinGroup(1, 4, 300, 0.38, 0.35, 0.41),), dict.fromkeys(("1", "2-5", "6-20", "21+"), 0.1)
    )
    rows = pl.DataFrame({"login_number": [1, 1, 2, 1], "events_life": [4.0, 5.0, 4.0, float("nan")]})
    assert evidence_columns(rows, evidence).rows() == [
        (
            THIN,
            0.38,
            "little is known yet, after 1 visit and 4 actions: of such users, 38% (35% to 41%) did not come back "
            "in time",
        ),
        (ENOUGH, None, None),
        (ENOUGH, None, None),
        (ENOUGH, None, None),
    ]
    assert evidence_columns(rows.head(0), evidence).height == 0
    assert evidence.rule == "too little evidence: login 1 with at most 4 events"


def test_a_log_without_events_tells_the_login_alone() -> None:
    evidence = Evidence((ThinGroup(1, None, 300, 0.38, 0.35, 0.41),), RATES)
    columns = evidence_columns(pl.DataFrame({"login_number": [1, 2]}), evidence)
    share = "of such users, 38% (35% to 41%) did not come back in time"
    assert columns["evidence_text"].to_list() == [f"little is known yet, after 1 visit: {share}", None]
    assert columns["evidence"].to_list() == [THIN, ENOUGH]


def test_without_a_thin_group_every_row_has_enough() -> None:
    columns = evidence_columns(pl.DataFrame({"login_number": [1, 2]}), Evidence((), RATES))
    assert columns.rows() == [(ENOUGH, None, None)] * 2


def test_a_silent_user_has_enough_evidence_since_the_rule_is_that_of_a_login() -> None:
    evidence = Evidence((ThinGroup(1, None, 300, 0.38, 0.35, 0.41),), RATES)
    columns = evidence_columns(pl.DataFrame({"login_number": [1, 1], "silent_days": [0.0, 1.0]}), evidence)
    assert columns["evidence"].to_list() == [THIN, ENOUGH]
