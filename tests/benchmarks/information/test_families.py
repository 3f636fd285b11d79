"""Candidate columns of a day use that day and earlier ones only; what they add is measured paired."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.information.__main__ import Judged, gain
from benchmarks.information.families import FAMILIES
from benchmarks.information.material import KEYS, Material
from models.learning.split import Period, TimeSplit

START = date(2024, 3, 1)
DAYS = 60
MEASURES = ("events", "seconds", "revenue", "kind_a", "kind_b")
_PERIOD = Period(START, START)


def material(users: int = 12, seed: int = 3) -> Material:
    rng = np.random.default_rng(seed)
    everyone = [(f"u{user}", START + timedelta(days=day)) for user in range(users) for day in range(DAYS)]
    came = [one for one in everyone if rng.random() < 0.4]
    days = pl.DataFrame(came, schema=["user_id", "day"], orient="row").with_columns(
        logins=pl.lit(1, pl.Int64),
        gap_days=pl.col("day").diff().dt.total_days().over("user_id").fill_null(0),
        **{name: pl.Series(rng.integers(0, 50, len(came))) for name in MEASURES},
    )  # fmt: skip
    events = pl.DataFrame(
        {
            "user_id": [user for user, _ in came for _ in range(3)],
            "day": [day for _, day in came for _ in range(3)],
            "hour": rng.integers(0, 24, 3 * len(came)),
            "kind": rng.choice(["a", "b"], 3 * len(came)),
            "counterpart": [f"u{one}" for one in rng.integers(0, users, 3 * len(came))],
        }
    ).with_columns(
        at=pl.col("day").cast(pl.Datetime) + pl.duration(hours="hour"), session=pl.int_range(pl.len()) // 2
    )
    split = TimeSplit(_PERIOD, _PERIOD, ())
    return Material("made up", pl.DataFrame(), (), days, events.sort("user_id", "at"), split, 1)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in ("noise", "kinds in order")])
def test_no_column_knows_a_later_day(name: str) -> None:
    whole = material()
    cut = START + timedelta(days=40)
    before = pl.col("day") <= cut
    early = replace(whole, days=whole.days.filter(before), events=whole.events.filter(before))
    made, known = FAMILIES[name](early), FAMILIES[name](whole)
    assert made is not None
    assert known is not None
    expected = known.filter(before).sort(KEYS)
    found = made.sort(KEYS)
    assert found.height
    for column in found.columns[2:]:
        a, b = (frame[column].cast(pl.Float64).fill_null(-1).to_numpy() for frame in (found, expected))
        np.testing.assert_allclose(a, b, err_msg=column)


def test_gains_are_paired_and_in_thousandths() -> None:
    rng = np.random.default_rng(1)
    churned = (rng.random(2000) < 0.3).astype(float)
    users = np.arange(2000) // 2
    worse = Judged(users, churned, rng.normal(size=2000) + 0.5 * churned)
    better = Judged(users, churned, worse.own + 0.5 * churned)
    gained = gain([worse], [better])
    assert 0 < gained["auc_low"] < gained["auc"] < gained["auc_high"]
    assert gain([worse], [worse]) == dict.fromkeys(gained, 0.0)
