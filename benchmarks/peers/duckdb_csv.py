"""`python duckdb_csv.py corpus FOLDER` or `python duckdb_csv.py speed FILE OUT COLUMNS`: CSV cut by DuckDB.

`read_csv(store_rejects)` gives the rows, and the text of lines that are none. Corpus: `N.csv` with `N.about.json` →
`N.DuckDB.json`, as benchmarks/tasks/cut_csv.py writes it for the others. Speed: seconds from file to rows in memory,
as JSON in OUT.
"""

import json
import sys
import time
from pathlib import Path

import duckdb


def cut(con: duckdb.DuckDBPyConnection, file: Path, separator: str, columns: int) -> duckdb.DuckDBPyRelation:
    """The rows of `file`, all as text; lines that are none go to the table `reject_errors`."""
    names = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(columns))
    return con.sql(
        f"SELECT * FROM read_csv($file, auto_detect = false, header = false, delim = $separator, quote = '\"', "
        f"escape = '\"', columns = {{{names}}}, store_rejects = true, strict_mode = true)",
        params={"file": str(file), "separator": separator},
    )


def rejected(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The text of each rejected line, once whatever the number of its errors."""
    lines = con.execute(
        "SELECT DISTINCT line_byte_position, csv_line FROM reject_errors ORDER BY ALL"
    ).fetchall()
    return [text for _, text in lines]


def cut_corpus(folder: Path) -> None:
    """Write what DuckDB makes of each log below `folder`."""
    for about in sorted(folder.glob("*.about.json")):
        layout = json.loads(about.read_text("utf-8"))
        name = about.name.removesuffix(".about.json")
        with duckdb.connect() as con:
            try:
                rows = cut(con, folder / f"{name}.csv", layout["separator"], layout["columns"]).fetchall()
                found = {"rows": [list(row) for row in rows], "rejected": rejected(con)}
            except duckdb.Error as error:
                found = {"failed": str(error)[:300]}
        (folder / f"{name}.DuckDB.json").write_text(json.dumps(found), "utf-8")


def main(arguments: list[str]) -> None:
    """Run one of the two forms above."""
    if arguments[0] == "corpus":
        cut_corpus(Path(arguments[1]))
        return
    with duckdb.connect() as con:
        began = time.perf_counter()
        rows = cut(con, Path(arguments[1]), ",", int(arguments[3])).to_arrow_table().num_rows
        lost = len(rejected(con))
        seconds = time.perf_counter() - began
    Path(arguments[2]).write_text(json.dumps({"seconds": seconds, "rows": rows, "rejected": lost}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
