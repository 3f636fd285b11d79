"""What ingest leaves out reaches the facts of the log, by reason and day; a wrong contract is refused."""

from pathlib import Path
from typing import Any

import pytest

from features.errors import ContractError
from pipeline.errors import InputError
from pipeline.log.facts import read_facts
from tests.pipeline.stages.test_ingest import ingest

HEADER = "id,user,at,kind,amount"


def left_out(root: Path) -> dict[str, Any]:
    return {str(one["reason"]): one for one in read_facts(root / "events/log.json").left_out}


def test_each_reason_is_counted_by_the_day_of_the_lines_beside(tmp_path: Path) -> None:
    lines = [HEADER]
    for day in (1, 2, 3):
        lines += [f"{day}{i},ann,2024-01-0{day} 10:0{i},buy,1,5"[: -2 if day < 3 else None] for i in range(3)]
    lines += ["9,guest,2024-01-03 11:00,buy,1", "8,bob,soon,buy,1", "7,bob,2024-01-03 12:00,walk,x"]
    ingest(tmp_path, "\n".join(lines) + "\n", contract={"numbers": {"decimal": "."}})
    found = left_out(tmp_path)
    assert set(found) == {
        "wrong_number_of_fields", "missing_user", "unreadable_time", "unreadable_amount", "kind_without_group",
    }  # fmt: skip
    assert (found["missing_user"]["names"], found["missing_user"]["of"]) == ({"guest": 1}, 12)
    assert found["wrong_number_of_fields"]["lost"] == 3
    assert found["unreadable_time"]["by_day"]["2024-01-03"] == [
        1,
        5,
    ]  # of two lines cut short the nearest event is of the day before
    assert found["unreadable_amount"]["by_day"] == {
        "2024-01-01": [0, 3], "2024-01-02": [0, 3], "2024-01-03": [1, 1],
    }  # fmt: skip
    assert found["kind_without_group"]["names"] == {"walk": 1}


def test_ids_that_may_name_nobody_and_an_outsized_one_are_said_unless_trusted(tmp_path: Path) -> None:
    lines = [f"{i},u{i % 60},2024-01-01,buy,1" for i in range(60)] + ["x,0,2024-01-01,buy,1"] * 2
    lines += [f"k{i},kiosk,2024-01-01,buy,1" for i in range(400)]
    text = "\n".join([HEADER, *lines]) + "\n"
    ingest(tmp_path, text)
    assert left_out(tmp_path)["doubtful_id"]["names"] == {"kiosk": 400, "0": 2}
    ingest(tmp_path, text, contract={"trusted_ids": ["0", "kiosk"]})
    assert left_out(tmp_path) == {}


def test_lines_that_link_two_ids_are_said_unless_the_contract_links_them(tmp_path: Path) -> None:
    text = "member,visitor,at\n,v,2024-01-01\nann,v,2024-01-02\nann,ann,2024-01-03\n"
    one_kind = {"columns": {"at": "at"}, "groups": {"use": ["open"]}}
    ingest(tmp_path, text, contract={**one_kind, "derive": {"user_id": "COALESCE(member, visitor)"}})
    found = left_out(tmp_path)["unlinked_id"]
    assert (found["lost"], found["of"], found["names"]) == (1, 3, {"visitor → member": 1})
    report = ingest(tmp_path, text, contract={**one_kind, "identity": {"from": "visitor", "to": "member"}})
    assert left_out(tmp_path) == {}
    assert report["identity"] == {"links": 1, "given": 0, "anonymous": 1, "visitors": 1}


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    ingest(tmp_path, f"{HEADER}\n1,ann,2024-01-01,b\ufffdy,1\n2,ann,2024-01-01,buy,1\n")
    assert left_out(tmp_path)["lost_characters"]["lost"] == 1


def test_lines_without_a_user_may_belong_to_the_log(tmp_path: Path) -> None:
    text = f"{HEADER}\n1,ann,2024-01-01,buy,1\n2,,2024-01-01,buy,1\n"
    report = ingest(tmp_path, text, contract={"users_may_be_missing": True})
    assert report["quarantined"]["reasons"] == {"missing_user": 1}
    assert left_out(tmp_path) == {}


def test_excluded_lines_have_their_own_count_and_are_no_reason(tmp_path: Path) -> None:
    text = f"{HEADER}\n1,ann,2024-01-01,buy,1\n2,bob,2024-01-01,buy,1\n"
    report = ingest(tmp_path, text, contract={"exclude": "\"user\" = 'bob'"})
    assert (report["lines"], report["kept"], report["excluded"], report["quarantined"]["total"]) == (
        2,
        1,
        1,
        0,
    )
    assert left_out(tmp_path) == {}
    with pytest.raises(InputError, match=r"all 2 lines are left out by exclude"):
        ingest(tmp_path, text, contract={"exclude": "kind = 'buy'"})


def test_a_log_of_another_unit_is_refused_and_a_mixed_one_read_by_magnitude(tmp_path: Path) -> None:
    contract = {"time": {"format": "epoch_ms"}}
    seconds = [f"{i},ann,{1709287200 + i},buy,1" for i in range(20)]
    with pytest.raises(
        ContractError, match=r"'epoch_ms', and 20 of 20 lines count another unit.*\n.*or epoch"
    ):
        ingest(tmp_path, "\n".join([HEADER, *seconds]) + "\n", contract=contract)
    mixed = [f"{i},ann,{1709287200 + i}{'000' * (i % 2)},buy,1" for i in range(20)]
    report = ingest(tmp_path, "\n".join([HEADER, *mixed]) + "\n", contract=contract)
    assert (report["kept"], report["log_start"], report["clock"]["other_epoch_unit"]) == (
        20,
        "2024-03-01",
        10,
    )


@pytest.mark.parametrize("order", [1, -1])
def test_the_earliest_copy_is_kept_whatever_the_order_of_the_lines(tmp_path: Path, order: int) -> None:
    lines = ["1,ann,2024-01-01 10:00,buy,1", "1,ann,2024-01-03 10:00,buy,2", ",ann,2024-01-02,buy,3"]
    ingest(tmp_path, "\n".join([HEADER, *lines[::order]]) + "\n", contract={"duplicates": "event_id"})
    assert read_facts(tmp_path / "events/log.json").log_end.isoformat() == "2024-01-02"


def test_lines_with_equal_values_of_named_columns_are_copies(tmp_path: Path) -> None:
    lines = [
        "1,ann,2024-01-01,buy,1",
        "2,ann,2024-01-01,buy,9",
        "3,ann,2024-01-02,buy,1",
        "4,bob,2024-01-01,buy,1",
    ]
    report = ingest(
        tmp_path, "\n".join([HEADER, *lines]) + "\n", contract={"duplicates": ["user", "at", "kind"]}
    )
    assert (report["kept"], report["duplicates"]) == (3, 1)
    with pytest.raises(ContractError, match=r"duplicates asks for 'when', which is no column"):
        ingest(tmp_path, "\n".join([HEADER, *lines]) + "\n", contract={"duplicates": ["when"]})
