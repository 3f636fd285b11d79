"""`python -m benchmarks.tasks.delivered_list URL ROWS VERSION [how]`: a list of ROWS users goes to a database.

how: `list` delivers as `lastlogin score --out` does; `copy` is a plain COPY of the same rows, in one transaction, into
the same table, which must exist and be empty. Prints the seconds from the start of the transaction to its end.
"""

import sys
import time
from datetime import date

import numpy as np
import polars as pl
import psycopg

from pipeline.crm.sinks.database import TABLES, write_to_database
from pipeline.database.url import database_url
from pipeline.storage.csv_tables import rows_as_text

AS_OF = date(2024, 3, 31)
_DAYS, _NUMBERS = ("last_login_day", "episode"), ("login_number", "silent_days", "rank")
_SHARES = (
    "login_probability", "churn_probability", "risk_percentile", "expected_revenue", "value_at_risk", "expected_profit",
    "silence_share", "lead_score", "engagement", "health",
)  # fmt: skip
_SENTENCES = (
    "silence_text", "reason_1_text", "reason_2_text", "reason_3_text", "segment_text", "next_step", "goal",
)  # fmt: skip
_CODES = (
    "population", "risk_band", "currency", "action", "excluded_by", "arm", "cause", "reason_1", "reason_2", "reason_3",
    "style", "play_style", "quadrant", "play", "play_now", "evidence", "evidence_text", "grade", "model_version",
)  # fmt: skip


def list_of(users: int, version: str) -> pl.DataFrame:
    """A list with as many columns as the real one and values as long; `version` is in every row."""
    rng = np.random.default_rng(1)
    words = [f"{n} logins in the last 30 days, usually {n + 3}; of peers {n + 5}" for n in range(40)]
    known = {
        "user_id": [f"u{n:07d}" for n in range(users)],
        "as_of": pl.Series([AS_OF] * users),
        **{name: pl.Series([AS_OF] * users) for name in _DAYS},
        **{name: pl.Series(rng.integers(0, 1000, users)) for name in _NUMBERS},
        **{name: pl.Series(rng.random(users)) for name in _SHARES},
        **{name: pl.Series([words[n] for n in rng.integers(0, 40, users)]) for name in _SENTENCES},
        **{name: pl.Series([f"{name}_{n}" for n in rng.integers(0, 5, users)]) for name in _CODES},
        "duty": pl.Series(rng.random(users) < 0.1),
    }
    return pl.DataFrame(known).with_columns(model_version=pl.lit(version))


def copy_plainly(rows: pl.DataFrame, url: str) -> None:
    """COPY the rows into the table, and nothing else."""
    names = ", ".join(f'"{name}"' for name in rows.columns)
    command = f"COPY {TABLES.name} ({names}) FROM STDIN (FORMAT csv)".encode()
    place = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(place) as connection, connection.cursor() as cursor, cursor.copy(command) as copy:
        for part in rows.iter_slices(10_000):
            copy.write(rows_as_text(part))


def main(url: str, users: int, version: str, how: str) -> None:
    """Deliver, and print how long it took."""
    rows, database = list_of(users, version), database_url(url, "URL")
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    began = time.perf_counter()
    if how == "copy":
        copy_plainly(rows, url)
    else:
        write_to_database(rows, AS_OF, database)
    sys.stdout.write(f"{time.perf_counter() - began:.6f}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
