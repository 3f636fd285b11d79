"""Abstention: where a model says nothing that the group's share does not, the group's share is said."""

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.learning.evidence import (
    ENOUGH,
    THIN,
    Evidence,
    ThinGroup,
    evaluate_evidence,
    fit_evidence,
    from_json,
)
from models.metrics.bootstrap import Bootstrap
from models.metrics.paired import log_loss_gain
from models.rows import labels
from tests.support.rows import day

BOOTSTRAP = Bootstrap(100, 3)


def logins(*, knows_from: int, rows: int = 8_000, counted: bool = True, seed: int = 2) -> pl.DataFrame:
    """First to fourth logins whose probability tells something from `knows_from` events on, else nothing."""
    random = np.random.default_rng(seed)
    events = random.integers(1, 60, rows).astype(np.float32)
    true = np.where(random.random(rows) < 0.5, 0.15, 0.6)
    frame = pl.DataFrame(
        {
            "user_id": [f"u{i}" for i in range(rows)],
            "login_day": [day(0)] * rows,
            "login_number": random.integers(1, 5, rows),
            "churned": random.random(rows) < true,
            "probability": np.where(events >= knows_from, true, 0.375),
            "events_life": events,
        }
    )
    return frame if counted else frame.drop("events_life")


def test_the_rule_finds_where_the_model_knows_nothing() -> None:
    rows = logins(knows_from=17)
    found = fit_evidence(rows, rows)
    assert [(group.login_number, group.most_events) for group in found.thin] == [(1, 16), (2, 16), (3, 16)]
    told = found.told(rows)
    few = (pl.col("events_life") <= 16) & (pl.col("login_number") <= 3)
    assert (told["evidence"] == THIN).equals(rows.select(few).to_series())


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
    found = fit_evidence(rows, rows)
    assert [(group.login_number, group.most_events) for group in found.thin] == [
        (1, None),
        (2, None),
        (3, None),
    ]
    first = found.told(rows.filter(pl.col("login_number") == 1)).row(0, named=True)
    assert first["evidence_text"].startswith("too little to go by: login 1: of such logins 3")


def test_few_rows_prove_nothing_and_keep_the_model_s_number() -> None:
    rows = logins(knows_from=100).head(150)
    assert fit_evidence(rows, rows).thin == ()


def blurred(rows: pl.DataFrame, weak: float, noise: float = 0.6) -> pl.DataFrame:
    """`rows` with probabilities that tell `weak` of the truth, and noise on top, in log-odds."""
    random = np.random.default_rng(5)
    mean = np.full(rows.height, np.log(0.375 / 0.625))
    truth = np.log(rows["probability"] / (1 - rows["probability"])).to_numpy()
    said = mean + weak * (truth - mean) + noise * random.normal(size=rows.height)
    return rows.with_columns(probability=1 / (1 + np.exp(-said)))


def test_a_gain_that_few_rows_cannot_prove_is_no_lack_of_evidence() -> None:
    many, later = (blurred(logins(knows_from=0, rows=30_000, seed=seed), 0.5) for seed in (3, 4))
    few = many.head(1_200)  # 300 of each login number: a true gain, and its interval reaches 0
    first = few.filter(pl.col("login_number") == 1)
    churned = labels(first)
    share = np.full(first.height, churned.mean())
    gain = log_loss_gain(first["user_id"], churned, first["probability"].to_numpy(), share, BOOTSTRAP)
    assert gain["low"] <= 0 < gain["high"]
    found = fit_evidence(few, few)
    assert found.thin == ()
    assert evaluate_evidence(later, found, BOOTSTRAP)["holds"]


def test_enough_rows_show_that_there_is_too_little_to_go_by() -> None:
    rows = blurred(logins(knows_from=0, rows=30_000), 0.0, noise=0.2)
    assert [group.login_number for group in fit_evidence(rows, rows).thin] == [1, 2, 3]


def test_a_thin_row_says_so_in_words_with_the_share_and_its_interval() -> None:
    evidence = Evidence(
        (ThinGroup(1, 4, 300, 0.38, 0.35, 0.41),), dict.fromkeys(("1", "2-5", "6-20", "21+"), 0.1)
    )
    rows = pl.DataFrame({"login_number": [1, 1, 2, 1], "events_life": [4.0, 5.0, 4.0, float("nan")]})
    assert evidence.told(rows).rows() == [
        (
            THIN,
            0.38,
            "too little to go by: login 1, 4 events so far: of such logins 38% were the last (35% to 41%)",
        ),
        (ENOUGH, None, None),
        (ENOUGH, None, None),
        (ENOUGH, None, None),
    ]
    assert evidence.told(rows.head(0)).height == 0
    assert evidence.rule == "too little evidence: login 1 with at most 4 events"


def test_the_rule_is_judged_on_later_rows() -> None:
    earlier, later = logins(knows_from=17), logins(knows_from=17, seed=9)
    found = evaluate_evidence(later, fit_evidence(earlier, earlier), BOOTSTRAP)
    assert found["holds"]
    assert found["thin"]["rows"] + found["enough"]["rows"] == later.height
    assert found["thin"]["gain"]["low"] <= 0 < found["enough"]["gain"]["low"]
    wrong = Evidence((ThinGroup(4, None, 1, 0.38, 0.3, 0.4),), fit_evidence(earlier, earlier).rates)
    assert not evaluate_evidence(later.filter(pl.col("events_life") >= 17), wrong, BOOTSTRAP)["holds"]


def test_json_gives_back_the_same_or_is_refused() -> None:
    rows = logins(knows_from=17)
    found = fit_evidence(rows, rows)
    assert from_json(found.as_json()) == found
    with pytest.raises(DataError, match="outside 0 and 1"):
        from_json(found.as_json() | {"rates": dict.fromkeys(("1", "2-5", "6-20", "21+"), 1.5)})
