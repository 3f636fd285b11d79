"""Every row belongs to one band of login numbers, and its user is known or not."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from models.segments import segments


def test_segments_by_hand() -> None:
    rows = pl.DataFrame({"user_id": list("abcde"), "login_number": [1, 2, 5, 6, 21]})
    found = {name: mask.to_list() for name, mask in segments(rows, pl.Series(["a", "a", "e"])).items()}
    assert found == {
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
    bands = [
        mask for name, mask in segments(rows, pl.Series(["a"])).items() if name.startswith("login_number")
    ]
    assert sum(mask.cast(int) for mask in bands).to_list() == [1] * len(numbers)  # type: ignore[union-attr]
