"""Peers share a band of login numbers and whether they pay; a handful is no group of its own."""

import numpy as np
import polars as pl
import pytest

from models.explanation.peers import (
    Peers,
    divided,
    peers_of,
    percentile_among_peers,
    spread_of_peers,
    standardised,
    sums_of_peers,
    usual_of_peers,
)


def test_bands_are_parted_by_payment_where_each_part_is_large_enough() -> None:
    login_number = pl.Series([1] * 70 + [3] * 50)
    pays = pl.Series([True] * 30 + [False] * 40 + [True] * 10 + [False] * 40)
    peers = peers_of(login_number, pays)
    assert peers.names == ("1, never paid", "1, pays", "2-5")
    assert np.bincount(peers.group).tolist() == [40, 30, 50]
    assert peers_of(login_number).names == ("1", "2-5")


def test_what_is_usual_leaves_out_what_is_missing() -> None:
    values = pl.DataFrame({"a": [1.0, 3.0, float("nan"), 5.0], "b": [None, None, None, 2.0]})
    usual = usual_of_peers(values, Peers(("x", "y"), np.array([0, 0, 0, 1])))
    assert usual[:, 0].tolist() == [2.0, 5.0]
    assert np.isnan(usual[0, 1])
    assert usual[1, 1] == 2.0


def test_those_of_a_band_share_its_spread_whoever_pays() -> None:
    values = np.array([[0.0], [0.001], [5.0], [7.0]])
    peers = Peers(("1, never paid", "1, pays"), np.array([0, 0, 1, 1]))
    spread = float(values.std())
    assert standardised(values, peers)[:, 0] == pytest.approx(np.array([-0.0005, 0.0005, -1, 1]) / spread)


def test_what_is_usual_of_parts_adds_up_to_that_of_the_whole() -> None:
    values = pl.DataFrame({"a": [1.0, 3.0, float("nan"), 5.0], "b": [None, 4.0, 2.0, None]})
    peers = Peers(("x", "y"), np.array([0, 1, 0, 1]))
    parts = [sums_of_peers(values[i : i + 2], peers.of_rows(slice(i, i + 2))) for i in (0, 2)]
    assert (parts[0] + parts[1]).mean.tolist() == usual_of_peers(values, peers).tolist() == [[1, 2], [4, 4]]


def test_standing_and_standard_scores_are_among_peers_only() -> None:
    values = np.array([[1.0], [2.0], [3.0], [100.0], [100.0]])
    peers = Peers(("x", "y"), np.array([0, 0, 0, 1, 1]))
    assert percentile_among_peers(values, peers)[:, 0] == pytest.approx([100 / 6, 50, 500 / 6, 50, 50])
    assert standardised(values, peers)[:, 0] == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5), 0, 0])
    assert spread_of_peers(values, peers)[:, 0] == pytest.approx([np.sqrt(2 / 3), 0])


def test_a_group_is_divided_by_values_that_enough_rows_have() -> None:
    peers = Peers(("1", "2-5"), np.array([0] * 8 + [1] * 4))
    play = pl.Series(
        ["quests"] * 3 + ["trade"] * 3 + ["chats", None] + ["quests"] * 2 + [None] * 2, dtype=pl.String
    )
    parts = divided(peers, play, 3)
    assert parts.names == ("1", "1, quests", "1, trade", "2-5")
    assert parts.group.tolist() == [1, 1, 1, 2, 2, 2, 0, 0, 3, 3, 3, 3]
