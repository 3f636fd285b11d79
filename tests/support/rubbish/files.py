"""Writes rows as files of a log: CSV, JSON lines or an array, Parquet; packed, cut off or with flipped bits."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_ENCODINGS = ("utf-8",) * 6 + (
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp1252",
    "cp037",
)
_LONG = 100_000
_ZONES = (None, "UTC", "+05:30", "-00:00", "+23:59", "Europe/Berlin", "Nowhere/Land", "")
_UNITS = ("s", "ms", "us", "ns")


def log_bytes(random: Random, stored_as: str, names: list[str], rows: list[list[str]]) -> bytes:
    """One file of a log in the contract's format; sometimes in another."""
    if random.random() < 0.03:
        stored_as = random.choice(("csv", "jsonl", "parquet"))
    make = {"csv": _csv, "jsonl": _json, "parquet": parquet}[stored_as]
    raw = make(random, names, rows)
    if random.random() < 0.3:
        raw = damaged(random, raw)
    return _packed(random, raw)


def damaged(random: Random, raw: bytes) -> bytes:
    """`raw` with some bytes changed, cut out, doubled or put in."""
    content = bytearray(raw)
    for _ in range(random.choice((1, 1, 3, 20))):
        if not content:
            break
        at = random.randrange(len(content))
        what = random.randrange(6)
        if what <= 1:
            content[at] ^= 1 << random.randrange(8)
        elif what == 2:
            content[at] = random.choice((0, 0xFF, 0xC3, 0xED, 0x22, 0x0A, 0x0D, 0x1A))
        elif what == 3:
            del content[at : at + random.choice((1, 4, 100, 10**9))]
        elif what == 4:
            content[at:at] = content[at : at + random.choice((1, 10, 200))]
        else:
            content[at:at] = random.randbytes(random.choice((1, 8, 100)))
    return bytes(content)


def _packed(random: Random, raw: bytes) -> bytes:
    way = random.randrange(20)
    if way == 0:
        return gzip.compress(raw, mtime=0)
    if way == 1:
        return bz2.compress(raw)
    if way == 2:
        return lzma.compress(raw)
    if way == 3:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(random.choice((0, 1, 1, 1, 2))):
                archive.writestr(zipfile.ZipInfo(f"log{number}"), raw)
        raw = buffer.getvalue()
        return damaged(random, raw) if random.random() < 0.3 else raw
    if way == 4:
        return damaged(random, gzip.compress(raw, mtime=0))
    return raw


def _csv(random: Random, names: list[str], rows: list[list[str]]) -> bytes:
    separator = random.choice((",",) * 6 + (";", "\t"))
    end = random.choice(("\n",) * 4 + ("\r\n", "\r"))
    lines = [separator.join(_field(random, cell, separator) for cell in row) for row in (names, *rows)]
    if random.random() < 0.1:
        lines.insert(
            random.randrange(len(lines) + 1),
            random.choice(("", '"', "\0" * _LONG, "x" * _LONG, '"\n' * 1500, ",,")),
        )
    return end.join(lines).encode(random.choice(_ENCODINGS), random.choice(("replace", "ignore")))


def _field(random: Random, cell: str, separator: str) -> str:
    needs = any(mark in cell for mark in ('"', separator, "\n", "\r"))
    if needs and random.random() < 0.8:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _json(random: Random, names: list[str], rows: list[list[str]]) -> bytes:
    texts = []
    for row in rows:
        value: Any = dict(zip(names, (_json_value(random, cell) for cell in row), strict=True))
        if random.random() < 0.03:
            value = random.choice((1, None, [], "x", [value], {"a": value}, {}))
        text = json.dumps(value, ensure_ascii=random.random() < 0.5)
        if random.random() < 0.03:
            text = random.choice(
                ('{"customer": "\\ud800"}', "[" * 3000, '{"a":' * 3000, "{", '{"customer": NaN}', "\0", text[:-1],
                 text + text, '{"customer": "' + "x" * _LONG, '{"a": 1' + "0" * 5000 + "}")
            )  # fmt: skip
        texts.append(text)
    joined = "\n".join(texts)
    if random.random() < 0.3:
        joined = (
            "["
            + random.choice((",", ",\n", "\n,\n")).join(texts)
            + random.choice(("]", "]", "", ",]", "]]", "],1"))
        )
    encoding, lone = (
        random.choice(_ENCODINGS),
        random.random() < 0.1,
    )  # lone surrogates: UTF alone can pass them on
    return joined.encode(encoding, "surrogatepass" if lone and encoding.startswith("utf") else "replace")


def _json_value(random: Random, cell: str) -> Any:
    if random.random() > 0.05:
        return cell
    return random.choice(
        (None, True, 1, -0.0, 1e308, 2**70, [], {}, [cell], {"a": cell}, float("nan"), "\ud800x", "\0")
    )


def parquet(random: Random, names: list[str], rows: list[list[str]]) -> bytes:
    """A Parquet file, often with types and values that a time, an id or an amount hardly has."""
    odd = random.choice((0.0, 0.1, 0.3))
    columns = []
    for number in range(len(names)):
        cells = [row[number] for row in rows]
        columns.append(_odd_column(random, cells) if random.random() < odd else pa.array(cells, pa.string()))
    options: dict[str, Any] = {
        "compression": random.choice(("snappy", "zstd", "none", "gzip")),
        "row_group_size": random.choice((5, 1000)),
        "use_dictionary": random.random() < 0.5,
        "data_page_version": random.choice(("1.0", "2.0")),
        "store_schema": random.random() < 0.8,
    }
    try:
        return _written(pa.table(columns, names=names), options)
    except (
        pa.ArrowException
    ):  # Parquet cannot hold every value of Arrow, such as seconds beyond its milliseconds
        plain = [pa.array([row[number] for row in rows], pa.string()) for number in range(len(names))]
        return _written(pa.table(plain, names=names), options)


def _written(table: pa.Table, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def _odd_column(random: Random, cells: list[str]) -> pa.Array:
    whole = pa.array([None if random.random() < 0.1 else _whole(random) for _ in cells], pa.int64())
    unit, zone, small = random.choice(_UNITS), random.choice(_ZONES), whole.cast(pa.int32(), safe=False)
    tens = pc.divide(whole, pa.scalar(10**10))
    makers: tuple[Callable[[], pa.Array], ...] = (
        lambda: whole.cast(pa.timestamp(unit, zone), safe=False),
        lambda: whole.cast(pa.duration(unit)),
        lambda: whole.view(random.choice((pa.time64("us"), pa.time64("ns"), pa.date64()))),
        lambda: small.view(random.choice((pa.date32(), pa.time32("ms"), pa.float32(), pa.uint32()))),
        lambda: whole.view(random.choice((pa.uint64(), pa.float64()))),
        lambda: pa.array(cells).dictionary_encode(),
        lambda: _not_utf8(random, cells, random.choice((pa.string(), pa.large_string()))),
        lambda: _not_utf8(random, cells, pa.string()).dictionary_encode(),
        lambda: pa.array([random.randbytes(8) for _ in cells], random.choice((pa.binary(), pa.binary(8)))),
        lambda: pa.array([[cell, None] for cell in cells], pa.list_(pa.string())),
        lambda: pa.array([[one] for one in small.to_pylist()], pa.list_(pa.int32())).cast(
            pa.list_(pa.date32())
        ),
        lambda: pa.array(
            [{"a": cell, "b": 1} for cell in cells], pa.struct({"a": pa.string(), "b": pa.int8()})
        ),
        lambda: pa.array([[("a", cell)] for cell in cells], pa.map_(pa.string(), pa.string())),
        lambda: pa.nulls(len(cells)),
        lambda: tens.cast(random.choice((pa.decimal128(38, 10), pa.decimal256(70, 3)))),
        lambda: pc.greater(whole, 0),
    )
    try:
        return random.choice(makers)()
    except pa.ArrowException:
        return pa.array(cells, pa.string())


def _whole(random: Random) -> int:
    return random.choice(
        (
            0,
            -1,
            1,
            2**63 - 1,
            -(2**63),
            2**53 + 1,
            random.getrandbits(62),
            1_704_067_200_000_000,
            1_704_067_200,
        )
    )


def _not_utf8(random: Random, cells: list[str], kind: pa.DataType) -> pa.Array:
    raw = [
        random.choice((b"\xff", b"\xed\xa0\x80", b"c\xc3", b"\x80\x80"))
        if random.random() < 0.2
        else cell.encode()
        for cell in cells
    ]
    as_bytes = pa.array(raw, pa.large_binary() if kind == pa.large_string() else pa.binary())
    return pa.Array.from_buffers(kind, len(raw), as_bytes.buffers())


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
