"""`python -m benchmarks.csv_cutters`: our cutter of CSV beside DuckDB, pyarrow and Polars, printed as a table.

`make bench ONLY=csv` does the same, and writes `reports/bench.json`. DuckDB runs in the environment of the peers.
"""

import argparse

from benchmarks.measurements.csv_cutters import LINES, SEEDS, on_csv_cutters
from benchmarks.support.entries import show


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.csv_cutters", description="CSV cut side by side."
    )
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help=f"seeds of the fuzz corpus; default: {SEEDS}"
    )
    parser.add_argument(
        "--lines", type=int, default=LINES, help=f"lines of the timed logs; default: {LINES:,}"
    )
    options = parser.parse_args(arguments)
    show(on_csv_cutters(None, options.seeds, options.lines))


if __name__ == "__main__":
    main()
