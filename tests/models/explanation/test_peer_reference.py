"""Reference values of peers: written and read again they are equal, and a row gets its group, or everybody."""

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.explanation.peer_reference import (
    EVERYBODY,
    PeerPlacement,
    PeerReference,
    from_json,
    peer_reference,
)
from models.explanation.peers import peers_of, sums_of_peers

LOGINS = pl.Series([1.0] * 80 + [3.0] * 50)
PAYS = pl.Series([True] * 40 + [False] * 40 + [True] * 10 + [False] * 40)
VALUES = pl.DataFrame(
    {"gap": [float("nan"), *range(129)], "paid": [None] * 130}, schema_overrides={"paid": float}
)


def peers_reference() -> PeerReference:
    peers = peers_of(LOGINS, PAYS)
    weight = np.random.default_rng(1).random((130, 2))
    reference = peer_reference(sums_of_peers(VALUES, peers), peers, VALUES.columns)
    return reference.with_spread(weight, peers, ("rhythm", "social"))


def test_everybody_is_the_last_group_and_what_nobody_knows_has_no_norm() -> None:
    reference = peers_reference()
    assert reference.names == ("1, never paid", "1, pays", "2-5", EVERYBODY)
    assert reference.usual[:, 0] == pytest.approx([58.5, 19, 103.5, 64])
    assert np.isnan(reference.usual[:, 1]).all()
    assert reference.known[:, 0] == pytest.approx([1, 39 / 40, 1, 129 / 130])
    assert (reference.known[:, 1] == 0).all()
    assert reference.spread.shape == (4, 2)


def test_written_and_read_again_they_are_the_same() -> None:
    reference = peers_reference()
    again = from_json(reference.as_json())
    assert (again.names, again.features, again.dimensions) == (
        reference.names,
        reference.features,
        reference.dimensions,
    )
    np.testing.assert_array_equal(again.usual, reference.usual)
    np.testing.assert_array_equal(again.known, reference.known)
    np.testing.assert_array_equal(again.spread, reference.spread)


def test_a_row_is_among_its_band_and_payment_where_they_are_told_apart() -> None:
    reference = peers_reference()
    rows = pl.DataFrame({"number": [1.0, 1.0, 4.0, 30.0, float("nan")], "paid": [5.0, 0.0, 5.0, 5.0, 5.0]})
    assert [reference.names[i] for i in reference.among(rows, "number", "paid").group] == [
        "1, pays", "1, never paid", "2-5", EVERYBODY, EVERYBODY,
    ]  # fmt: skip
    assert [reference.names[i] for i in reference.among(rows.drop("paid"), "number", "paid").group] == [
        EVERYBODY, EVERYBODY, "2-5", EVERYBODY, EVERYBODY,
    ]  # fmt: skip
    unknown = pl.DataFrame({"number": [1.0, 4.0, 1.0], "paid": [float("nan"), float("nan"), None]})
    assert [reference.names[i] for i in reference.among(unknown, "number", "paid").group] == [
        EVERYBODY, "2-5", EVERYBODY,
    ]  # fmt: skip
    assert set(reference.among(rows, "no such feature", "paid").group.tolist()) == {3}


def test_each_row_has_its_own_groups_usual_values() -> None:
    placement = PeerPlacement(peers_reference(), np.array([1, 3, 0]))
    assert placement.usual_of(["gap"])[:, 0] == pytest.approx([19, 64, 58.5])
    assert np.isnan(placement.usual_of(["silence", "gap"])[:, 0]).all()  # without a reference
    assert placement.known_of(["silence", "gap"])[0] == pytest.approx([0, 39 / 40])
    assert placement.of_rows(slice(1, 3)).group.tolist() == [3, 0]
    np.testing.assert_array_equal(placement.spread[1], peers_reference().spread[3])


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({}, "features"),
        ({"features": [], "dimensions": [], "groups": [{"name": "1", "spread": []}]}, "groups.0.usual"),
    ],
)
def test_an_invalid_reference_is_refused(value: dict[str, object], key: str) -> None:
    with pytest.raises(DataError, match=f"reference values of peers: there is no '{key}'"):
        from_json(value)


def test_norms_of_another_shape_are_refused() -> None:
    value = peers_reference().as_json()
    value["features"] = ["gap"]
    with pytest.raises(
        DataError,
        match=r"groups of 2 and 2 numbers, where 1 features and 2 dimensions",
    ):
        from_json(value)
