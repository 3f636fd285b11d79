"""A section `identity` that contradicts itself, or that would leak the future, is refused."""

from typing import Any

import pytest

from features.contract.parse import parse_contract
from features.errors import ContractError

SHOP: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "user", "at": "at"},
    "groups": {"use": ["open"]},
}


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ({"from": "user", "to": "user"}, "both name 'user'"),
        ({"from": "device", "to": "user", "valid_from": "since"}, "identity.path is missing"),
        ({"from": "device", "to": "user", "path": "links.csv"}, "identity.valid_from is missing"),
        (
            {"from": "device", "to": "user", "path": "links.csv", "valid_from": "at", "kinds": ["login"]},
            "identity.kinds is for links in the log",
        ),
        ({"form": "device", "to": "user"}, "Known here: from, to, kinds, path, valid_from, time"),
        ({"to": "user"}, "key identity.from is missing"),
    ],
)
def test_what_cannot_be_is_refused(identity: dict[str, Any], found: str) -> None:
    with pytest.raises(ContractError, match=found):
        parse_contract({**SHOP, "identity": identity}, "shop.yaml")


def test_the_user_may_come_from_the_links_alone() -> None:
    columns = {"at": "at"}
    made = parse_contract(
        {**SHOP, "columns": columns, "identity": {"from": "device", "to": "user"}}, "shop.yaml"
    )
    assert made.raw_columns == {"at": "columns.at", "device": "identity.from", "user": "identity.to"}
