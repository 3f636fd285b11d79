"""The reference of contracts is that of the models: every key, each with its meaning and an example that parses."""

from typing import Any

import pytest
import yaml

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.contract.quantities import Quantity
from pipeline.reporting.contract_examples import EXAMPLES
from pipeline.reporting.contract_page import contract_page, keys_of
from tests.support.paths import ROOT

KINDS = [
    "level_up", "app_open", "purchase", "refund", "open", "sign_up", "profile_filled", "first_order", "quest_done",
    "export_pdf", "subscription_cancelled", "ticket_opened", "ticket_answered", "thanks", "quest_failed", "identify",
]  # fmt: skip
LOG: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "user", "at": "at", "kind": "kind"},
    "groups": {"things": KINDS},
}
BESIDE: dict[str, dict[str, Any]] = {
    "columns.amount": {"currency": {"fixed": "EUR"}},
    "columns.currency": {"currency": {"reporting": "EUR"}},
    "derive": {"columns": {"user_id": "CustomerID", "at": "at"}, "currency": {"fixed": "EUR"}},
    "duplicates": {"columns": {"user_id": "CustomerID", "at": "event.time", "kind": "event_name"}},
    "groups": {"names": {}},
    "meaning.subscription_start": {"groups": {"trade": ["subscription_paid"]}},
    "meaning.renewal_days": {
        "groups": {"trade": ["monthly_paid", "yearly_paid"]},
        "meaning": {"subscription_start": ["monthly_paid", "yearly_paid"]},
    },
    "meaning.plans": {
        "users": {"path": "u.csv", "columns": {"user_id": "id", "plan": "p", "valid_from": "v"}}
    },
    "meaning.limit": {
        "users": {"path": "u.csv", "columns": {"user_id": "id", "plan": "p", "valid_from": "v"}}
    },
    "numbers.thousands": {"numbers": {"decimal": ","}},
    "identity.path": {"identity": {"valid_from": "linked_at"}},
    "identity.valid_from": {"identity": {"path": "links.csv"}},
    "identity.time": {"identity": {"path": "links.csv", "valid_from": "linked_at"}},
}
"""What the contract of an example needs beside it."""
SECTIONS: dict[str, dict[str, Any]] = {
    "identity": {"from": "visitor", "to": "user"},
    "users": {"path": "u.csv", "columns": {"user_id": "id", "valid_from": "since", "signed_up_at": "joined"}},
}


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = one | other
    for key in one.keys() & other.keys() - {"groups"}:
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = merged(one[key], other[key])
    return both


def test_every_key_has_a_meaning_and_an_example_and_no_other_has() -> None:
    rows = [*keys_of(Contract), *keys_of(Quantity, "quantities.NAME.")]
    assert {key for key, _, _ in rows} == set(EXAMPLES)
    assert [key for key, _, meaning in rows if not meaning] == []


@pytest.mark.parametrize("key", EXAMPLES)
def test_each_example_belongs_to_a_contract(key: str) -> None:
    section, _, name = key.partition(".")
    if name.startswith("NAME."):
        of_key = yaml.safe_load(f"{name.removeprefix('NAME.')}: {EXAMPLES[key]}")
        beside = {} if of_key.keys() & {"column", "sql"} else {"column": "clicks"}
        parse_contract(LOG | {"quantities": {"clicks": of_key | beside}}, "example.yaml")
        return
    value = yaml.safe_load(f"{name or section}: {EXAMPLES[key]}")
    example = {section: merged(SECTIONS.get(section, {}), value)} if name else value
    raw = merged(merged(LOG, BESIDE.get(key, {})), example)
    if key in ("users.columns", "users.constant"):
        raw["users"] = merged(SECTIONS["users"], raw["users"])
    assert section in parse_contract(raw, "example.yaml").model_fields_set


def test_the_page_is_that_of_the_models() -> None:
    assert contract_page() == (ROOT / "docs/contract.md").read_text("utf-8"), "run: make docs"


def test_the_page_says_what_a_reserved_group_feeds() -> None:
    lines = contract_page().splitlines()
    assert any(
        line.startswith("| `support` | satisfaction | `UNHAPPY` |") and "support_30d" in line
        for line in lines
    )
    assert any(line.startswith("| `onboarding` | `ONBOARDING_STALLS` | `onboarding_step`") for line in lines)
