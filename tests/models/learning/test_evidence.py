"""Abstention: if the model is no better than the group's share, the group's share is used."""

import polars as pl
import pytest

from models.errors import DataError
from models.learning.evidence import Evidence, ThinGroup, fit_evidence, from_json
from models.metrics.bootstrap import Bootstrap
from tests.support.evidence_rows import blurred, logins

BOOTSTRAP = Bootstrap(100, 3)


def test_the_rule_finds_where_the_model_knows_nothing() -> None:
    rows = logins(knows_from=17)
    evidence = fit_evidence(rows, rows)
    assert [(group.login_number, group.most_events) for group in evidence.thin] == [(1, 16), (2, 16), (3, 16)]
    few = (pl.col("events_life") <= 16) & (pl.col("login_number") <= 3)
    assert evidence.group_of(rows).is_not_null().equals(rows.select(few).to_series())


def test_where_the_model_always_knows_nothing_is_held_back() -> None:
    rows = logins(knows_from=0)
    assert fit_evidence(rows, rows).thin == ()
    assert fit_evidence(rows, rows).rule == "every row has enough evidence"


def test_more_logins_or_more_events_never_turn_enough_into_too_little() -> None:
    for seed in range(6):
        rows = logins(knows_from=9, rows=4_000, seed=seed)
        bounds = [group.most_events or 0 for group in fit_evidence(rows, rows).thin]
        assert bounds == sorted(bounds, reverse=True)


def test_a_log_without_events_is_judged_by_logins_alone() -> None:
    rows = logins(knows_from=100, counted=False)
    evidence = fit_evidence(rows, rows)
    assert [(group.login_number, group.most_events) for group in evidence.thin] == [
        (1, None),
        (2, None),
        (3, None),
    ]
    assert evidence.group_of(rows).equals((rows["login_number"] - 1).replace(3, None), check_names=False)
    assert evidence.rate_of(pl.Series([1, None])).to_list() == [evidence.thin[1].rate, None]


def test_few_rows_prove_nothing_and_keep_the_model_s_number() -> None:
    rows = logins(knows_from=100).head(150)
    assert fit_evidence(rows, rows).thin == ()


def test_enough_rows_show_that_there_is_too_little_to_go_by() -> None:
    rows = blurred(logins(knows_from=0, rows=30_000), 0.0, noise=0.2)
    assert [group.login_number for group in fit_evidence(rows, rows).thin] == [1, 2, 3]


def test_json_gives_back_the_same_or_is_refused() -> None:
    rows = logins(knows_from=17)
    evidence = fit_evidence(rows, rows)
    assert from_json(evidence.as_json()) == evidence
    with pytest.raises(DataError, match="outside 0 and 1"):
        from_json(evidence.as_json() | {"rates": dict.fromkeys(("1", "2-5", "6-20", "21+"), 1.5)})


def test_the_rule_in_words() -> None:
    rates = dict.fromkeys(("1", "2-5", "6-20", "21+"), 0.1)
    thin = (ThinGroup(1, 4, 300, 0.38, 0.35, 0.41), ThinGroup(2, None, 300, 0.38, 0.35, 0.41))
    assert Evidence(thin, rates).rule == "too little evidence: login 1 with at most 4 events; login 2"
