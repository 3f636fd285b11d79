"""Links of a table: read whole or refused, and lines of a visitor become the user's."""

from pathlib import Path
from typing import Any

import pytest

from features.contract.parse import parse_contract
from pipeline.errors import InputError
from pipeline.ingestion.identities import links_in_table
from pipeline.storage.datasets import ANONYMOUS, EVENTS
from pipeline.storage.frames import read_buckets
from tests.support.stage_runs import run_here
from tests.support.tiny import CONTRACT, project, visits

IDENTITY = {"path": "links.csv", "from": "visitor", "to": "member", "valid_from": "since"}


def shop(folder: Path, links: str, **contract: Any) -> dict[str, Any]:
    (folder / "links.csv").write_text(links, "utf-8")
    return {**CONTRACT, "identity": {**IDENTITY, "path": str(folder / "links.csv")}, **contract}


def test_a_table_gives_the_lines_of_a_visitor_to_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = shop(tmp_path, "visitor,member,since\nc1,ann,2024-01-20\nc2,ann,2024-02-01\n")
    folder = project(tmp_path, visits(20, 60), contract)
    run_here(folder, monkeypatch, "rates", "external", "ingest")
    events = read_buckets(folder / EVENTS.path).sort("at")
    ann = events.filter(events["user_id"] == "ann")
    before = events.filter(events["user_id"].is_in(["c1", "c2"]))
    assert str(ann["at"][0].date()) >= "2024-01-20"
    assert ann.height + before.height == visits(20, 60)["customer"].is_in(["c1", "c2"]).sum()
    assert set(read_buckets(folder / ANONYMOUS.path)["user_id"]) == set(before["user_id"])


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ("visitor,member\nc1,ann\n", "has no column 'since'"),
        ("visitor,member,since\nc1,,2024-01-20\n", "row 1: member = None names nobody"),
        ("visitor,member,since\nc1,ann,soon\n", "row 1: since = 'soon' is no time"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, links: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        links_in_table(parse_contract(shop(tmp_path, links), "shop.yaml"))
