"""A contract reads nested exports by paths, from every format, and is told about each path that leads nowhere."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError
from features.events.extraction import extract_events, plan_events
from pipeline.ingestion.readers import read_log

ROWS: list[dict[str, Any]] = [
    {
        "at": f"2024-01-0{day} 10:00:00",
        "who": {"id": f"u{day}", "plan.name": "pro"},
        "params": [{"key": "session", "value": {"number": day}}, {"key": "page", "value": {"number": None}}],
        "items": [{"price": 1.5 * day, "colour": "red"}],
        "app.version": f"v{day}",
    }
    for day in (1, 2, 3)
]
FORMATS = ("jsonl", "json array", "parquet", "parquet of texts", "csv of texts")


def contract(form: str = "jsonl", **changes: Any) -> Contract:
    raw = {
        "format": form,
        "columns": {
            "user_id": "who.id",
            "at": "at",
            "session": "params[session].number",
            "city": "app.version",
        },
        "derive": {
            "amount": "items[0].price * 2",
            "kind": "CASE WHEN items[0].colour = 'red' THEN 'buy' END",
        },
        "currency": {"fixed": "EUR"},
        "groups": {"trade": ["buy"]},
    }
    return parse_contract({**raw, **changes}, "shop.yaml")


def written(folder: Path, rows: list[dict[str, Any]], form: str) -> tuple[Path, str]:
    """A log of `rows`, and the format that its contract says."""
    file = folder / "log"
    texts = [
        {key: json.dumps(one) if isinstance(one, dict | list) else one for key, one in row.items()}
        for row in rows
    ]
    if form == "jsonl":
        file.write_text("\n".join(json.dumps(row) for row in rows))
    elif form == "json array":
        file.write_text(json.dumps(rows, indent=1))
    elif form == "parquet":
        pl.DataFrame(rows).write_parquet(file)
    elif form == "parquet of texts":
        pl.DataFrame(texts).write_parquet(file)
    else:
        pl.DataFrame(texts).write_csv(file)
    return file, "jsonl" if form == "json array" else form.split(maxsplit=1)[0]


def events(file: Path, shop: Contract, rows: int = 2) -> pl.DataFrame:
    """The events of a log, without those that the pipeline rejects."""
    made = []
    for chunk in read_log([file], shop, rows):
        made.append(extract_events(plan_events(shop, chunk.rows.schema), chunk.rows, 0).events)
    return pl.concat(made)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_values_at_the_paths(tmp_path: Path, form: str) -> None:
    file, stored_as = written(tmp_path, ROWS, form)
    found = events(file, contract(stored_as))
    assert found.select("user_id", "session", "amount", "kind", "city").rows() == [
        ("u1", "1", 3.0, "buy", "v1"),
        ("u2", "2", 6.0, "buy", "v2"),
        ("u3", "3", 9.0, "buy", "v3"),
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_a_row_without_the_path_has_no_value(tmp_path: Path, form: str) -> None:
    first = {**ROWS[0], "params": [], "items": []}
    file, stored_as = written(tmp_path, [first, *ROWS[1:]], form)
    found = events(file, contract(stored_as), rows=1)
    assert found.select("session", "amount", "kind").rows() == [
        (None, None, "(none)"), ("2", 6.0, "buy"), ("3", 9.0, "buy"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_all_paths_that_no_row_has_are_named_at_once_with_those_near_them(tmp_path: Path, form: str) -> None:
    file, stored_as = written(tmp_path, ROWS, form)
    wrong = {"user_id": "who.idd", "at": "at", "session": "params[sesion].number"}
    with pytest.raises(ContractError) as error:
        list(read_log([file], contract(stored_as, columns=wrong), 2))
    said = str(error.value)
    assert (
        "shop.yaml: columns.user_id asks for 'who.idd', a path that no row of the log has.\nNear it: who.id"
        in said
    )
    assert "columns.session asks for 'params[sesion].number'" in said
    assert "params[session].number" in said


@pytest.mark.parametrize("form", ["jsonl", "csv of texts"])
def test_several_values_where_one_is_needed_are_refused_with_a_path_to_one(tmp_path: Path, form: str) -> None:
    rows = [{**row, "who": {"id": [row["who"]["id"]]}} for row in ROWS]
    file, stored_as = written(tmp_path, rows, form)
    with pytest.raises(
        ContractError, match=r'which holds several values in every row, such as \["u1"\].*\n.*who\.id\[0\]'
    ):
        list(read_log([file], contract(stored_as), 2))


def test_a_list_of_a_parquet_file_where_one_value_is_needed_is_refused(tmp_path: Path) -> None:
    file, _ = written(tmp_path, ROWS, "parquet")
    shop = contract("parquet", columns={"user_id": "who.id", "at": "at", "session": "params"})
    with pytest.raises(
        ContractError, match=r"columns\.session asks for 'params', which holds List.*\n.*items\[0\]"
    ):
        events(file, shop)


def test_exclude_and_duplicates_take_paths_too(tmp_path: Path) -> None:
    file, _ = written(tmp_path, [*ROWS, ROWS[2]], "jsonl")
    shop = contract(exclude="who.id = 'u1'", duplicates=["who.id", "params[session].number"])
    found = events(file, shop, rows=10)
    assert found["user_id"].to_list() == ["u2", "u3", "u3"]
    assert found["@same"].n_unique() == 2


def test_files_whose_structs_differ_are_one_log(tmp_path: Path) -> None:
    for name, row in (("a", {**ROWS[0], "who": {"plan": "x"}}), ("b", ROWS[1])):
        pl.DataFrame([row]).write_parquet(tmp_path / name)
    chunks = list(read_log([tmp_path / "a", tmp_path / "b"], contract("parquet"), 10))
    assert [chunk.rows["who.id"].to_list() for chunk in chunks] == [[None], ["u2"]]
