"""Login rows by featuretools: deep feature synthesis with a cutoff time for each login day, on a sample of users.

`python featuretools_rows.py EVENTS OUT SPEC USERS`: as `duckdb_windows.py`, and the number of users sampled.
Prints as JSON the number of events of the sample, the number of features, and the seconds from the read to the write
(without imports). The table has the features with our definition.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import featuretools as ft
import pandas as pd

_WINDOWS = (7, 30, 90, None)
_DAY = pd.Timedelta(days=1)


def main(events: str, out: str, spec_file: str, users: str) -> None:
    """Write OUT, the rows of the sample."""
    spec = json.loads(Path(spec_file).read_text("utf-8"))
    began, began_cpu = time.perf_counter(), time.process_time()
    read = sample(Path(events), int(users), spec)
    cutoffs = cutoffs_of(read)
    made = {days: matrix(read, cutoffs, days, list(spec["kinds"].values())) for days in _WINDOWS}
    rows = ours(made, spec["kinds"])
    rows.to_parquet(out)
    report = {
        "events": len(read),
        "features": sum(table.shape[1] for table in made.values()),
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - began_cpu,
    }
    sys.stdout.write(json.dumps(report) + "\n")


def sample(events: Path, users: int, spec: dict[str, Any]) -> pd.DataFrame:
    """The events, inside the log, of some of the users of the first buckets; `login_day` where they qualify."""
    parts: list[pd.DataFrame] = []
    for path in sorted(events.glob("bucket=*/part.parquet")):
        own_events = [("role", "==", "own")] if spec["roles"] else None
        part = pd.read_parquet(path, columns=["user_id", "at", "kind"], filters=own_events, partitioning=None)
        missing = users - sum(known["user_id"].nunique() for known in parts)
        ids = part["user_id"].drop_duplicates()
        parts.append(part[part["user_id"].isin(ids.iloc[:: max(len(ids) // missing, 1)].head(missing))])
        if len(ids) >= missing:
            break
    read = pd.concat(parts, ignore_index=True)
    read["at"] = read["at"].dt.tz_localize(None)
    read["day"] = read["at"].dt.floor("D")
    number = (read["day"] - pd.Timestamp(0)) // _DAY
    read = read[number.between(spec["first_day"], spec["last_day"])].reset_index(drop=True)
    presence = spec["presence"]
    qualifies = read["kind"].notna() if presence is None else read["kind"].isin(presence)
    read["login_day"] = read["day"].where(qualifies).dt.strftime("%Y-%m-%d")
    return read


def cutoffs_of(read: pd.DataFrame) -> pd.DataFrame:
    """The last moment of each login day."""
    days = read.loc[read["login_day"].notna(), ["user_id", "day"]].drop_duplicates()
    return pd.DataFrame(
        {"user_id": days["user_id"], "time": days["day"] + _DAY - pd.Timedelta(microseconds=1)}
    )


def matrix(read: pd.DataFrame, cutoffs: pd.DataFrame, days: int | None, kinds: list[str]) -> pd.DataFrame:
    """The features by dfs over the `days` days up to each cutoff; None: over all days before."""
    entities = ft.EntitySet("log")
    types = {"kind": "Categorical", "login_day": "Categorical", "user_id": "Categorical"}
    entities.add_dataframe(
        dataframe_name="events",
        dataframe=read[["user_id", "at", "kind", "login_day"]].reset_index(names="line"),
        index="line",
        time_index="at",
        logical_types=types,
    )
    entities.normalize_dataframe("events", "users", "user_id", make_time_index=False)
    entities.add_interesting_values(dataframe_name="events", values={"kind": kinds})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="users",
            cutoff_time=cutoffs,
            training_window=None if days is None else ft.Timedelta(days, "d"),
            agg_primitives=["count", "num_unique"],
            where_primitives=["count"],
            trans_primitives=[],
            cutoff_time_in_index=True,
            max_depth=2,
        )
    return table


def ours(made: dict[int | None, pd.DataFrame], kinds: dict[str, str]) -> pd.DataFrame:
    """The columns with the definition of one of our features, under its name."""
    everything = made[None]
    rows = pd.DataFrame(
        {
            "events_life": everything["COUNT(events)"],
            "logins_life": everything["NUM_UNIQUE(events.login_day)"],
        }
    )
    for days in (7, 30, 90):
        table = made[days].reindex(everything.index)
        rows[f"events_{days}d"] = table["COUNT(events)"]
        rows[f"login_days_{days}d"] = table["NUM_UNIQUE(events.login_day)"]
    month = made[30].reindex(everything.index)
    for name, kind in kinds.items() if len(kinds) > 1 else ():
        column = f"COUNT(events WHERE kind = {kind})"
        rows[f"share_of_{name}_30d"] = month[column] / month["COUNT(events)"]
    rows = rows.astype("float32").reset_index()
    rows.insert(1, "login_day", rows.pop("time").dt.floor("D").dt.date)
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
