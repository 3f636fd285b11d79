"""First contracts of the public logs: the check passes, and they say what data/contracts says of them."""

from pathlib import Path

import pytest
import yaml

from features.contract.parse import parse_contract
from pipeline.first_contract.check import check_contract
from pipeline.first_contract.draft import draft_of
from pipeline.first_contract.sample import sample_of
from pipeline.log.contract_file import load_contract
from tests.real.public import public_log
from tests.support.paths import ROOT

LOGS = {
    "online_retail": "online_retail/online_retail.csv.gz",
    "cdnow": "cdnow/CDNOW_master.txt.gz",
    "rails_git": "rails_git/events.csv.gz",
}


@pytest.mark.parametrize("name", LOGS)
def test_a_first_contract_says_what_ours_says(name: str, tmp_path: Path) -> None:
    log = str(public_log(LOGS[name]))
    text = draft_of(sample_of(log))
    (tmp_path / "first.yaml").write_text(text, "utf-8")
    assert check_contract(tmp_path / "first.yaml", log).faults == ()
    first, ours = (
        parse_contract(yaml.safe_load(text), name),
        load_contract(ROOT / "data/contracts" / f"{name}.yaml"),
    )
    assert (first.columns, first.currency, first.duplicates) == (ours.columns, ours.currency, ours.duplicates)
    assert (first.time, first.derive, first.meaning.kinds) == (ours.time, ours.derive, ours.meaning.kinds)
    assert set(first.kind_groups) == set(ours.kind_groups)
