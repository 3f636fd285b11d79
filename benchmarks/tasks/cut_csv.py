"""`python -m benchmarks.tasks.cut_csv WHO corpus FOLDER` or `… WHO speed FILE OUT COLUMNS`: CSV cut by a cutter.

A separate process, since the measuring process does not import Polars. Corpus: `N.csv` with `N.about.json` (separator
and number of columns) → `N.WHO.json`: its rows of text, and the text of each line that is none; or why the log was
refused as a whole. Speed: seconds from the file to rows in memory, as JSON in OUT.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import csv

from features.contract.parse import parse_contract
from features.events.asked import Asked
from features.events.fields import FILE, LINE, TEXT
from pipeline.errors import InputError
from pipeline.ingestion.readers import raw_chunks

CHUNK_ROWS = 1_000_000
REFUSED = (InputError, pl.exceptions.PolarsError, pa.ArrowException, UnicodeError)
Cut = tuple[pl.DataFrame, list[str]]


def ours(file: Path, separator: str, columns: int) -> Cut:  # noqa: ARG001  # as the others
    """With the place and the original text of each row, which the others do not give."""
    contract = parse_contract(
        {
            "format": "csv",
            "columns": {"user_id": "column_1", "at": "column_1"},
            "groups": {"activity": ["event"]},
            "csv": {"separator": separator, "header": False},
        },
        "benchmark",
    )
    rows, rejected = [], []
    for _, chunk in raw_chunks([file], contract, CHUNK_ROWS, Asked(contract)):
        rows.append(chunk.rows)
        rejected += chunk.broken["text"].to_list()
    return pl.concat(rows), rejected


def polars(file: Path, separator: str, columns: int) -> Cut:
    """Strict, so a line with too many fields refuses the whole log."""
    names = [f"c{number}" for number in range(columns)]
    options = {"separator": separator, "has_header": False, "schema": dict.fromkeys(names, pl.String)}
    return pl.read_csv(file, **options), []  # type: ignore[arg-type]


def polars_ragged(file: Path, separator: str, columns: int) -> Cut:
    """Fields beyond the last column are cut off without a word."""
    names = [f"c{number}" for number in range(columns)]
    options = {"separator": separator, "has_header": False, "schema": dict.fromkeys(names, pl.String)}
    return pl.read_csv(file, **options, truncate_ragged_lines=True, ignore_errors=True), []  # type: ignore[arg-type]


def pyarrow(file: Path, separator: str, columns: int) -> Cut:
    """Lines with another number of fields go to a handler, with their text."""
    rejected = []

    def kept(row: csv.InvalidRow) -> str:
        rejected.append(row.text)
        return "skip"

    names = [f"c{number}" for number in range(columns)]
    table = csv.read_csv(
        file,
        csv.ReadOptions(column_names=names),
        csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=kept),
        csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    return pl.DataFrame(pl.from_arrow(table)), rejected


CUTTERS: Mapping[str, Callable[[Path, str, int], Cut]] = {
    "ours": ours,
    "Polars": polars,
    "Polars, ragged": polars_ragged,
    "pyarrow": pyarrow,
}


def cut_corpus(who: str, folder: Path) -> None:
    """Write what `who` makes of each log below `folder`."""
    for about in sorted(folder.glob("*.about.json")):
        layout = json.loads(about.read_text("utf-8"))
        name = about.name.removesuffix(".about.json")
        try:
            rows, rejected = CUTTERS[who](folder / f"{name}.csv", layout["separator"], layout["columns"])
            fields = rows.drop(FILE, LINE, TEXT, strict=False)
            found = {"rows": [list(row) for row in fields.rows()], "rejected": rejected}
        except REFUSED as error:
            found = {"failed": str(error)[:300]}
        (folder / f"{name}.{who}.json").write_text(json.dumps(found), "utf-8")


def main(who: str, what: str, *arguments: str) -> None:
    """Run one of the two forms above."""
    if what == "corpus":
        cut_corpus(who, Path(arguments[0]))
        return
    began = time.perf_counter()
    found: dict[str, object]
    try:
        rows, rejected = CUTTERS[who](Path(arguments[0]), ",", int(arguments[2]))
        found = {"seconds": time.perf_counter() - began, "rows": rows.height, "rejected": len(rejected)}
    except REFUSED as error:
        found = {"failed": str(error)[:300]}
    Path(arguments[1]).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
