"""A path is cut into its steps, also within SQL; a name that only looks like one stays a name."""

import pytest

from features.contract.paths import path_of, with_quoted_paths


@pytest.mark.parametrize("name", ["user", "Amount (EUR)", "ends.", ".begins", "two..dots", "x[]", "a]b", ""])
def test_a_plain_name_is_no_path(name: str) -> None:
    assert path_of(name) is None


def test_a_step_may_be_a_longer_key_with_a_dot_in_it() -> None:
    path = path_of("items[0].unit.price")
    assert path is not None
    assert path.looked_up == (None, "0", None, None)
    assert path.keys[0] == (("items[0].unit.price", 4), ("items[0].unit", 3), ("items[0]", 2), ("items", 1))
    assert path.keys[1] == (("0", 2),)
    assert path.keys[2] == (("unit.price", 4), ("unit", 3))


@pytest.mark.parametrize(
    ("sql", "quoted"),
    [
        ("geo.country", '"geo.country"'),
        ('"geo"."country"', '"geo.country"'),
        ('"geo.country"', '"geo.country"'),
        ("COALESCE(a.b, 'x.y') || \"it's\" || c.d", 'COALESCE("a.b", \'x.y\') || "it\'s" || "c.d"'),
        ("items[0].price * 2.5", '"items[0].price" * 2.5'),
        ("properties.$os = 'a[0]'", "\"properties.$os\" = 'a[0]'"),
        ("params[ga session].int_value", '"params[ga session].int_value"'),
        ("CASE WHEN Quantity < 0 THEN 1.5 END", "CASE WHEN Quantity < 0 THEN 1.5 END"),
        ("ARRAY[1, 2]", "ARRAY[1, 2]"),
    ],
)
def test_paths_in_sql_are_names_and_nothing_else_changes(sql: str, quoted: str) -> None:
    assert with_quoted_paths(sql) == quoted
