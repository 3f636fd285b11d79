"""The columns by which test rows are cut into slices: states known at the login day, and features."""

from collections.abc import Collection, Sequence
from pathlib import Path

import polars as pl

from features.aggregation.measures import STATES
from pipeline.errors import InputError
from pipeline.storage import frames

_ROW = ["user_id", "login_day"]


def columns_of(
    test: pl.DataFrame, rows: pl.DataFrame, features: Collection[str], activity: Path, by: Sequence[str]
) -> tuple[list[pl.Series], list[str]]:
    """The columns named in `by` for each row of `test`, and the names of those that this log does not have.

    `rows`: all login rows, with `features`; `activity`: the folder of user-days, for states, as last known at the
    end of the login day. Raises InputError when a name is neither a state nor a feature.
    """
    states = {state.name for state in STATES}
    unknown = [name for name in by if name not in states and name not in features]
    if unknown:
        raise InputError(
            f"params.yaml: evaluate.by names {unknown[0]!r}, which is not a column of this log.\n"
            f"There are {', '.join(sorted(states))}, and the features (lastlogin features).\n"
            "Correct it or remove it."
        )
    in_log = _columns(activity) & set(by)
    known = _states(activity, sorted(in_log)).join(test.select(_ROW), on=_ROW)
    joined = test.select(_ROW).join(known, on=_ROW, how="left", maintain_order="left")
    of_features = [name for name in by if name not in states]
    joined = joined.join(rows.select(*_ROW, *of_features), on=_ROW, how="left", maintain_order="left")
    present = [name for name in by if name in joined.columns]
    return [joined[name] for name in present], [name for name in by if name not in present]


def _columns(activity: Path) -> set[str]:
    return set(frames.columns_of(activity))


def _states(activity: Path, names: list[str]) -> pl.DataFrame:
    days = pl.concat(frames.scan_buckets(activity)).select("user_id", "day", *names)
    known = (pl.col(name).forward_fill().over("user_id") for name in names)
    return days.with_columns(known).rename({"day": "login_day"}).collect()
