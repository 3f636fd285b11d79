"""Stage `rates`: a table of exchange rates in one form, each rate with the instant from which it is known."""

import sys
from pathlib import Path

from pipeline.config.sections import Rates
from pipeline.external.rate_table import find_table, read_rates
from pipeline.runner.stage import Out, main
from pipeline.storage.datasets import RATES
from pipeline.storage.frames import write_parquet


def run(rates: Rates, table: Out = RATES.path) -> None:
    """Write `date, currency, rate, known_at`, sorted, from the table at `rates.path` or the embedded one.

    Raises InputError for a table that cannot be read, an invalid rate, or a date and currency with two rates.
    """
    source = find_table(Path(rates.path))
    known = read_rates(source, rates.base)
    first, last = known["date"][0], known["date"][-1]
    sys.stderr.write(f"rates: {known.height:,} rates of {first} to {last} from {source}\n")
    write_parquet(known, table)


if __name__ == "__main__":
    main(run)
