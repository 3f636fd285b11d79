"""Leaves in tables and leaves too deep for a table give equal values, and no table exceeds its bound."""

import lightgbm as lgb
import numpy as np
import pytest

from models.explanation import leaf_tables as module
from models.explanation.contributions import check_contributions
from models.explanation.leaf_tables import TABLE_NODES, leaf_tables
from tests.models.explanation.test_contributions import booster, table


def columns(rows: int) -> list[np.ndarray]:
    return [column.to_numpy().astype(float) for column in table(rows, 3).get_columns()]


@pytest.mark.parametrize("leaves", [2, 8, 31, 200])
def test_each_leaf_is_in_one_group_and_no_table_has_more_columns_than_its_nodes_have_answers(
    leaves: int,
) -> None:
    model = booster(leaves, rounds=5)
    groups = leaf_tables(model).groups
    trees = model.dump_model()["tree_info"]
    assert sum(len(group.paths) for group in groups) == sum(tree["num_leaves"] for tree in trees)
    for group in groups:
        assert (group.table is None) == (len(group.nodes) > TABLE_NODES)
        for values in (group.table or {}).values():
            assert values.shape == (2 ** len(group.nodes),)
    assert any(group.table is None for group in groups) == (leaves >= 31)


@pytest.mark.parametrize("nodes", [0, 1, 3])
def test_without_tables_the_values_are_the_same(nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model, rows = booster(15, rounds=10), columns(500)
    looked_up = leaf_tables(model).contributions(rows)
    monkeypatch.setattr(module, "TABLE_NODES", nodes)
    tables = leaf_tables(model)
    assert any(group.table is None for group in tables.groups)
    assert np.allclose(tables.contributions(rows), looked_up, atol=1e-6)


def test_a_tree_of_one_leaf_among_others_gives_nothing() -> None:
    frame = table(500, 1)
    data = lgb.Dataset(frame.to_numpy(), np.arange(500) % 3 == 0, feature_name=frame.columns)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    model = lgb.train(settings, data, 3, init_model=booster(least=2_000, rounds=1))
    assert [tree["num_leaves"] == 1 for tree in model.dump_model()["tree_info"]] == [
        True,
        False,
        False,
        False,
    ]
    assert check_contributions(model, table(50, 2)) < 1e-4
