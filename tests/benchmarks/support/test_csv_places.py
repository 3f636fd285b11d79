"""Lines of CSV that are lost, doubled or changed by a cutter are seen."""

import pytest

from benchmarks.support.csv_places import Found, Row, each_line_in_one_place

TEXT = 'a,1\n\nb\n"c\nd",2\r\ne,3\n'
ROWS: list[Row] = [["a", "1"], ["c\nd", "2"], ["e", "3"]]


@pytest.mark.parametrize(
    ("rows", "rejected", "holds"),
    [
        (ROWS, ["b"], True),
        (ROWS, ["\nb\r\n"], True),
        (ROWS, [], False),
        (ROWS, [""], False),
        (ROWS, ["b", "b"], False),
        (ROWS[:2], ["b"], False),
        ([*ROWS, ["e", "3"]], ["b"], False),
        ([["a", "1"], ["b", None], *ROWS[1:]], [], False),
        ([["a", "1"], ["e", "3"]], ["b", '"c\nd",2'], True),
        ([["a", "1"], ["e", "3"]], ["b", '"c', 'd",2'], True),
        ([["a", "1"], ["c\nd", None], ["e", "3"]], ["b"], False),
    ],
)
def test_each_line_ends_in_one_place_or_not(rows: list[Row], rejected: list[str], holds: bool) -> None:  # noqa: FBT001
    assert each_line_in_one_place(TEXT, Found(rows, rejected), ",") is holds


def test_lines_may_end_with_cr_and_fields_may_keep_their_quotes() -> None:
    assert each_line_in_one_place("a,1\rb,2\r", Found([["a", "1"], ["b", "2"]], []), ",")
    assert each_line_in_one_place('a,"1\n', Found([["a", '"1']], []), ",")


def test_null_is_an_empty_field_and_order_counts_among_rows_alone() -> None:
    one, other = Found([["a", ""]], ["x", "y\n"]), Found([["a", None]], ["y", "x"])
    assert one.same_rows(other)
    assert one.same_rejected(other)
    assert not Found([["a"], ["b"]], []).same_rows(Found([["b"], ["a"]], []))
    assert not one.same_rejected(Found([], ["x"]))
