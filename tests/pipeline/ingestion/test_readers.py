"""Every line of a file comes out once, as it was written."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.contract.model import Contract
from features.contract.parse import parse_contract
from features.errors import ContractError
from pipeline.errors import InputError
from pipeline.ingestion.csv_records import Layout, cut_records
from pipeline.ingestion.readers import read_log

Row = tuple[Any, ...]


def contract(form: str = "csv", **changes: Any) -> Contract:
    raw = {"format": form, "columns": {"user_id": "user", "at": "at"}, "groups": {"activity": ["event"]}}
    return parse_contract({**raw, **changes}, "shop.yaml")


def write(path: Path, data: bytes) -> Path:
    """`data` at `path`, compressed as its name says."""
    packed = {".gz": gzip.compress, ".zst": lambda raw: pa.compress(raw, "zstd", asbytes=True)}
    path.write_bytes(packed.get(path.suffix, bytes)(data))
    return path


def read(files: Path | Iterable[Path], shop: Contract, rows: int = 1000) -> tuple[list[Row], list[Row]]:
    """(line, user, at) of the rows, and (line, reason, text) of the broken lines."""
    paths = [files] if isinstance(files, Path) else files
    good, broken = [], []
    for chunk in read_log(paths, shop, rows):
        good += chunk.rows.select("@line", "user", "at").rows()
        broken += chunk.broken.select("line", "reason", "text").rows()
    return good, broken


def test_plain_and_quoted_fields_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    text = (
        '\ufeffuser,at,note\r\nann,1,plain\r\n"b,ob",2,"say ""hi"""\r\n\r\ncid,3,"two\r\nlines"\r\ndan,4,\r\n'
    )
    good, broken = read(write(tmp_path / "log.csv", text.encode()), contract())
    assert good == [(2, "ann", "1"), (3, "b,ob", "2"), (5, "cid", "3"), (7, "dan", "4")]
    assert broken == []


def test_lines_that_are_no_record_keep_their_text(tmp_path: Path) -> None:
    lines = ["user,at,note", "ann,1", "bob,2,x,y", 'cid,3,5" pipe', '"dan"x,4,y', "eve,5,z"]
    good, broken = read(write(tmp_path / "log.csv", "\n".join(lines).encode()), contract())
    assert good == [(4, "cid", "3"), (6, "eve", "5")]
    assert sorted(broken) == [
        (2, "wrong_number_of_fields", "ann,1"),
        (3, "wrong_number_of_fields", "bob,2,x,y"),
        (5, "unreadable_line", '"dan"x,4,y'),
    ]


@pytest.mark.parametrize("rows", [2, 3, 7, 5000])
def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path: Path, rows: int) -> None:
    lines = [f"u{i},{i},x" for i in range(3000)]
    lines[4] = 'u4,4,"open'
    lines[1500] = 'u1500,1500,"two'
    lines[1501] = 'lines",x'
    good, broken = read(
        write(tmp_path / "log.csv", "\n".join(["user,at,note", *lines]).encode()), contract(), rows
    )
    assert len(good) == 3000 - 3
    assert sorted(broken) == [
        (6, "unreadable_line", 'u4,4,"open'),
        (1502, "unreadable_line", 'u1500,1500,"two'),
        (1503, "wrong_number_of_fields", 'lines",x'),
    ]


CELLS = st.text(st.sampled_from('ab ,"\n'), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=30), st.integers(1, 9))
def test_quoted_records_survive_any_cut_into_chunks(cells: list[tuple[str, str, str]], rows: int) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in cells]
    lines = "".join(quoted).splitlines(keepends=True)
    layout = Layout(",", ("a", "b", "c"))
    left: list[str] = []
    texts: list[str] = []
    for start in [*range(0, len(lines), rows), None]:
        new = [] if start is None else lines[start : start + rows]
        records, left = cut_records([*left, *new], layout, final=start is None)
        texts += records["@text"].to_list()
    assert texts == [text.removesuffix("\n") for text in quoted]
    assert left == []


TABLE = pl.DataFrame(
    {"user": ["ann", "bob", "ann"], "at": ["2024-01-01", "2024-01-02", "x"], "note": ["é", None, "z"]}
)


def encoded(form: str, path: Path) -> bytes:
    if form == "csv":
        return TABLE.write_csv().encode()
    if form == "jsonl":
        return "".join(json.dumps(row) + "\n" for row in TABLE.rows(named=True)).encode()
    TABLE.write_parquet(path)
    return path.read_bytes()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_every_format_and_compression_gives_the_same_rows(tmp_path: Path, form: str, ending: str) -> None:
    path = write(tmp_path / f"log.{form}{ending}", encoded(form, tmp_path / "aside"))
    asking = {"user_id": "user", "at": "at", "session": "note"}
    chunks = list(read_log([path], contract(form, columns=asking), 2))
    assert pl.concat([chunk.rows.select(TABLE.columns) for chunk in chunks]).equals(TABLE, null_equal=True)
    assert [chunk.rows.height for chunk in chunks] == [2, 1]
    assert sum(chunk.broken.height for chunk in chunks) == 0


def test_json_lines_keep_numbers_as_written_and_may_lack_keys(tmp_path: Path) -> None:
    lines = [
        '{"user": 17850, "at": 1.50}',
        '{"at": true, "more": [1]}',
        '{"user": "x"',
        "[1]",
        "",
        '{"user": "y"}',
    ]
    good, broken = read(write(tmp_path / "log.jsonl", "\n".join(lines).encode()), contract("jsonl"), 2)
    assert good == [(1, "17850", "1.50"), (2, None, "true"), (6, "y", None)]
    assert broken == [(3, "unreadable_line", '{"user": "x"'), (4, "unreadable_line", "[1]")]


def test_fixed_widths_are_cut_and_trimmed(tmp_path: Path) -> None:
    text = " id    date    cds\r\n 00001 19970101  1\r\n 00002 1997\r\n 00003\r\n"
    shop = contract(csv={"fixed_width": {"user": [1, 6], "at": [7, 15], "cds": [15, 18]}})
    good, broken = read(write(tmp_path / "log.txt", text.encode()), shop)
    assert good == [(2, "00001", "19970101")]
    assert broken == [
        (3, "wrong_number_of_fields", " 00002 1997"),
        (4, "wrong_number_of_fields", " 00003"),
    ]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize("rows", [1, 10])
def test_a_file_without_header_has_numbered_columns(tmp_path: Path, ending: str, rows: int) -> None:
    shop = contract(
        csv={"header": False, "separator": ";"}, columns={"user_id": "column_1", "at": "column_2"}
    )
    path = write(tmp_path / f"log.csv{ending}", b'\nann;"1"\nbob;"2\n3"\n')
    chunks = pl.concat([chunk.rows for chunk in read_log([path], shop, rows)])
    assert chunks.select("@line", "column_1", "column_2").rows() == [(2, "ann", "1"), (3, "bob", "2\n3")]


def test_bytes_where_the_contract_wants_a_text_are_read_as_utf_8(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {"user": ["jörg".encode(), b"j\xf6rg", None], "at": [b"1"] * 3, "raw": [b"\xf6"] * 3}
    )
    table.write_parquet(tmp_path / "log.parquet")
    assert read(tmp_path / "log.parquet", contract("parquet"))[0] == [
        (1, "jörg", "1"),
        (2, "j\ufffdrg", "1"),
        (3, None, "1"),
    ]


def test_bytes_that_are_no_text_of_the_encoding_do_not_stop_the_run(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", b"user,at\nj\xf6rg,1\nann,2\n")
    assert read(path, contract()) == ([(2, "j\ufffdrg", "1"), (3, "ann", "2")], [])
    assert read(path, contract(csv={"encoding": "latin-1"})) == ([(2, "jörg", "1"), (3, "ann", "2")], [])


@pytest.mark.parametrize(
    ("form", "name", "data"),
    [
        ("parquet", "log.parquet", b"PAR1 but no more"),
        ("csv", "log.csv.gz", gzip.compress(b"user,at\n" + b"a,1\n" * 9999, mtime=0)[:-20]),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, form: str, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}: cannot be read as {form}"):
        read(tmp_path / name, contract(form))


def test_files_may_have_more_columns_and_another_order_but_not_fewer(tmp_path: Path) -> None:
    first = write(tmp_path / "1.csv", b"user,at\nann,1\n")
    turned = write(tmp_path / "2.csv", b"at,new,user\n2,x,bob\n")
    assert read([first, turned], contract())[0] == [(2, "ann", "1"), (2, "bob", "2")]
    other = write(tmp_path / "3.csv", b"user,when\nann,1\n")
    with pytest.raises(ContractError, match=r"columns\.at asks for 'at', which is no column of .*3\.csv"):
        read([first, other], contract())
    twice = write(tmp_path / "4.csv", b"user,at,at\n1,ann,2\n")
    with pytest.raises(InputError, match=r"4\.csv:1: two columns are named 'at'"):
        read(twice, contract())


def test_values_in_the_names_of_folders_are_columns_where_the_file_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "at=2024-03-01%2010:00" / "user=__HIVE_DEFAULT_PARTITION__"
    folder.mkdir(parents=True)
    only_user = write(folder / "1.csv", b"user\nann\n")
    neither = write(folder / "2.csv", b"x\n1\n")
    good, _ = read([only_user, neither], contract())
    assert good == [(2, "ann", "2024-03-01 10:00"), (2, None, "2024-03-01 10:00")]


def test_lines_before_the_header_are_skipped_where_the_contract_says_so(tmp_path: Path) -> None:
    titled = write(tmp_path / "1.csv", b"Report\n\n# of March\nuser,at\nann,1\n")
    good, _ = read(titled, contract(csv={"skip_lines": 1, "comment": "#"}))
    assert good == [(5, "ann", "1")]


@pytest.mark.parametrize(
    ("form", "data"), [("csv", b"client,at\nann,1\n"), ("jsonl", b'{"at": 1, "client": 2}\n')]
)
def test_a_column_that_no_line_has_is_refused(tmp_path: Path, form: str, data: bytes) -> None:
    with pytest.raises(
        ContractError, match=r"shop\.yaml: columns\.user_id asks for 'user'.*\nIts columns: .*client"
    ):
        read(write(tmp_path / "log", data), contract(form))
