"""Every row belongs to one band of login numbers, and its user is known or not."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.metrics.slices import by_column, by_tenure, slices


def test_segments_by_hand() -> None:
    rows = pl.DataFrame({"user_id": list("abcde"), "login_number": [1, 2, 5, 6, 21]})
    masks = {name: mask.to_list() for name, mask in slices(rows, pl.Series(["a", "a", "e"])).items()}
    assert masks == {
        "login_number 1": [True, False, False, False, False],
        "login_number 2-5": [False, True, True, False, False],
        "login_number 6-20": [False, False, False, True, False],
        "login_number 21+": [False, False, False, False, True],
        "user seen in training": [True, False, False, False, True],
        "user unseen in training": [False, True, True, True, False],
    }


@given(st.lists(st.integers(1, 500), min_size=1))
def test_bands_share_out_all_rows(numbers: list[int]) -> None:
    rows = pl.DataFrame({"user_id": ["a"] * len(numbers), "login_number": numbers})
    bands = [mask for name, mask in slices(rows, pl.Series(["a"])).items() if name.startswith("login_number")]
    assert sum(mask.cast(int) for mask in bands).to_list() == [1] * len(numbers)  # type: ignore[union-attr]


def test_tenure_bands_by_hand() -> None:
    masks = by_tenure(pl.Series("tenure_days", [0.0, 1.0, 7.0, 8.0, 366.0, 5000.0]))
    assert {name: mask.sum() for name, mask in masks.items()} == {
        "tenure_days 0": 1, "tenure_days 1-7": 2, "tenure_days 8-30": 1, "tenure_days 31-90": 0,
        "tenure_days 91-365": 0, "tenure_days 366+": 2,
    }  # fmt: skip


def test_text_has_a_part_for_each_frequent_value_and_numbers_have_quarters() -> None:
    countries = pl.Series("country", ["DE"] * 3 + ["FR"] * 2 + [None])
    assert {name: mask.sum() for name, mask in by_column(countries).items()} == {
        "country DE": 3, "country FR": 2, "country unknown": 1}  # fmt: skip
    cities = pl.Series("city", [f"c{n:02d}" for n in range(30)])
    assert by_column(cities)["city other"].sum() == 10
    levels = pl.Series("level", [*range(1, 21), None])
    assert {name: mask.sum() for name, mask in by_column(levels).items()} == {
        "level 1 to 5": 5, "level 6 to 10": 5, "level 11 to 15": 5, "level 16 to 20": 5, "level unknown": 1,
    }  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.integers(-5, 30)), min_size=1))
def test_parts_by_a_column_share_out_all_rows(values: list[int | None]) -> None:
    parts = by_column(pl.Series("level", values, dtype=pl.Float64))
    assert sum(mask.cast(int) for mask in parts.values()).to_list() == [1] * len(values)  # type: ignore[union-attr]
