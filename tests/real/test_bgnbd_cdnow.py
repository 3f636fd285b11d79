"""BG/NBD on the record shop, cut at 39 weeks, has the parameters that the package lifetimes finds."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.labels.sequence import day_number
from models.value.bgnbd import Purchases, fit_bgnbd, purchases_of_users
from tests.real.public import public_log


def purchase_days(log: Path) -> pl.DataFrame:
    lines = pl.read_csv(log, has_header=False, new_columns=["line"], separator="\t", quote_char=None)
    return (
        lines.select(pl.col("line").str.extract_groups(r"^\s*(?<user_id>\d+)\s+(?<day>\d{8})"))
        .unnest("line")
        .drop_nulls()
        .select("user_id", pl.col("day").str.to_date("%Y%m%d").alias("login_day"))
        .unique()
        .sort("user_id", "login_day")
    )


def test_the_parameters_are_those_of_lifetimes() -> None:
    end = date(1997, 9, 30)
    days = purchase_days(public_log("cdnow/CDNOW_master.txt.gz")).filter(pl.col("login_day") <= end)
    known = purchases_of_users(days, day_number(end))
    assert len(known.repeats) == 23_570
    found = fit_bgnbd(Purchases(known.repeats, known.last / 7, known.observed / 7))
    assert (found.r, found.alpha) == pytest.approx((0.252, 4.789), abs=0.001)
    assert (found.a, found.b) == pytest.approx((0.723, 2.161), abs=0.001)
