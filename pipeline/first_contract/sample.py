"""The first lines of a log as a frame of all its columns, before anybody has said what they mean.

Promise: at most MOST_LINES are read, from several files of the log if it has them; nested values are columns named by
their paths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.events.asked import Asked, utf_8, values_of
from features.events.fields import FILE, LINE, TEXT
from features.events.nested_values import as_text, leaves_of
from pipeline.first_contract.text_form import Form, form_of
from pipeline.ingestion.column_names import usable
from pipeline.ingestion.files import log_files
from pipeline.ingestion.json_records import chunks_of_texts, object_of
from pipeline.ingestion.opening import text_of
from pipeline.ingestion.readers import folder_values, raw_chunks, refused_if_damaged

MOST_LINES = 50_000
_MOST_FILES = 10
_MOST_COLUMNS = 300
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines of a log. `rows`: their columns; `whole`: they are all lines; `copies`: the share that is there twice."""

    path: str
    files: int
    form: Form
    rows: pl.DataFrame
    broken: int
    whole: bool
    copies: float


def sample_of(path: str, files: str = "*") -> Sample:
    """The sample of the log at `path`. Raises InputError when there is no file, or it is no log."""
    found = log_files(path, files, "the path of the log")
    form = form_of(found[0])
    chosen = found if len(found) <= _MOST_FILES else found[:: -(-len(found) // _MOST_FILES)]
    most = MOST_LINES // len(chosen)
    frames, broken, whole = [], 0, len(chosen) == len(found)
    for file in chosen:
        rows, wrong, all_read = (
            _objects(file, form, most) if form.format == "jsonl" else _lines(file, form, most)
        )
        beside = [pl.lit(value, pl.String).alias(name) for name, value in folder_values(file).items()]
        frames.append(rows.with_columns(one for one in beside if one.meta.output_name() not in rows.columns))
        broken += wrong
        whole = whole and all_read
    rows = _one_table(frames)
    copies = int(rows.is_duplicated().sum()) / 2 / rows.height if rows.height and rows.width else 0.0
    return Sample(path, len(found), form, rows, broken, whole, copies)


def _one_table(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all `frames`; as text, where their types differ too much."""
    try:
        return pl.concat(frames, how="diagonal_relaxed")
    except pl.exceptions.PolarsError:
        texts = [frame.select(pl.all().cast(pl.String, strict=False)) for frame in frames]
        return pl.concat(texts, how="diagonal")


def _provisional(form: Form) -> Contract:
    return Contract(name="the first contract", format=form.format, csv=form.csv, groups={})


def _lines(file: Path, form: Form, most: int) -> tuple[pl.DataFrame, int, bool]:
    """The first lines of CSV or Parquet, the number of those that are broken, and whether these are all."""
    contract = _provisional(form)
    chunks = list(islice((chunk for _, chunk in raw_chunks([file], contract, most, Asked(contract))), 2))
    if not chunks:
        return pl.DataFrame(), 0, True
    rows = chunks[0].rows.drop(FILE, LINE, TEXT, strict=False)
    return _unnested(rows), chunks[0].broken.height, len(chunks) == 1


def _unnested(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with a column for each path in place of a nested column, or of one of JSON texts."""
    columns: list[pl.Series] = []
    for column in rows:
        if column.dtype.is_nested() or _holds_json(column):
            paths = _table(({column.name: value} for value in values_of(column)), rows.height)
            columns += [one for one in paths if one.name not in rows.columns]
        elif not isinstance(column.dtype, pl.Duration):  # spans of time mean nothing in a contract
            columns.append(utf_8(column) if column.dtype == pl.Binary else column)
    return pl.DataFrame(columns)


def _holds_json(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    first = column.drop_nulls().head(_LOOKED_AT).str.strip_chars()
    return first.len() > 0 and bool(first.str.contains(r"^(?:\{.*\}|\[\s*[\[{].*\])$").mean() == 1)


def _objects(file: Path, form: Form, most: int) -> tuple[pl.DataFrame, int, bool]:
    """As `_lines`, of JSON."""
    with refused_if_damaged(file, "jsonl"), text_of(file, _provisional(form)) as stream:
        chunks = list(islice(chunks_of_texts(stream, most), 2))
    parsed = [object_of(text) for _, text in (chunks[0] if chunks else [])]
    objects = [one for one in parsed if one is not None]
    return pl.DataFrame(_table(objects, len(objects))), len(parsed) - len(objects), len(chunks) < 2


def _table(values: Sequence[object] | Iterator[object], height: int) -> list[pl.Series]:
    """The single values in nested `values` as columns of text named by their paths, those most often filled."""
    columns: dict[str, dict[int, str | None]] = {}
    for row, value in enumerate(values):
        for path, leaf in leaves_of(value):
            if usable(path) and not isinstance(leaf, dict | list):
                plain = leaf is None or isinstance(leaf, str | int | float)
                columns.setdefault(path, {})[row] = as_text(leaf if plain else str(leaf))
    filled = sorted(columns, key=lambda path: -len(columns[path]))[:_MOST_COLUMNS]
    return [
        pl.Series(path, [column.get(row) for row in range(height)], dtype=pl.String)
        for path, column in columns.items()
        if path in filled
    ]
