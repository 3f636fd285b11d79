"""The columns by which test rows are sliced."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import InputError
from pipeline.evaluation.slice_columns import columns_of
from pipeline.storage.frames import write_buckets
from tests.support.model_rows import FEATURES, lay_out
from tests.support.rows import day


def test_a_column_that_is_nowhere_is_refused_and_one_the_log_lacks_is_named(tmp_path: Path) -> None:
    rows = lay_out(tmp_path)
    test = rows.filter("ripe").head(60)
    columns, absent = columns_of(
        test, rows, FEATURES.values(), tmp_path / "data/activity", ["country", "city", "login_share_30d"]
    )
    assert [column.name for column in columns] == ["country", "login_share_30d"]
    assert absent == ["city"]
    with pytest.raises(InputError, match=r"evaluate\.by names 'contry', which is not a column"):
        columns_of(test, rows, FEATURES.values(), tmp_path / "data/activity", ["contry"])


def test_a_state_is_taken_as_last_known_at_the_login(tmp_path: Path) -> None:
    user_days = pl.DataFrame({"user_id": ["ann"] * 4, "day": [day(n) for n in (1, 2, 3, 9)],
                              "country": [None, "DE", None, "FR"]})  # fmt: skip
    write_buckets([user_days], tmp_path)
    test = pl.DataFrame({"user_id": ["ann"] * 3, "login_day": [day(1), day(3), day(9)], "feature": [0.0] * 3})
    (countries,), _ = columns_of(test, test, (), tmp_path, ["country"])
    assert countries.to_list() == [None, "DE", "FR"]
