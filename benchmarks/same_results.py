"""Compares the results of two project folders:  python -m benchmarks.same_results BEFORE AFTER

For refactorings: login rows, test predictions, metrics and every number of the list are compared
to the bit. Intervals (`low`, `high`) may move within `--noise`; sentences may be reworded and are only counted.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

_TABLES = (
    "data/logins",
    "data/predictions/test.parquet",
    "data/profiles/profiles.parquet",
    "data/crm/list.parquet",
)
_KEYS = ("user_id", "login_day", "last_login_day")
_REPORTS = ("reports/metrics.json", "reports/definition.json", "reports/readiness.json", "reports/drift.json",
            "reports/causes.json", "reports/segments.json", "reports/activity.json")  # fmt: skip
_BOUNDS = ("low", "high")
_OF_THE_RUN = ("model_version", "version", "digest")


def main() -> None:
    """Print the differences; exit code 1 if a number differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument(
        "--noise", type=float, default=0.02, help="by how much a bound of an interval may move"
    )
    options = parser.parse_args()
    differences = 0
    for name in _TABLES:
        differences += _compare_tables(options.before / name, options.after / name, name)
    for name in _REPORTS:
        differences += _compare_reports(options.before / name, options.after / name, name, options.noise)
    sys.exit(1 if differences else 0)


def _compare_tables(before: Path, after: Path, name: str) -> int:
    """The number of columns with different numbers; each is printed."""
    old, new = _rows(before), _rows(after)
    only = sorted({*old.columns} ^ {*new.columns})
    same_rows = _keys(old).equals(_keys(new))
    both = [column for column in old.columns if column in new.columns and column not in _OF_THE_RUN]
    differing = [
        column for column in both if same_rows and not old[column].equals(new[column], null_equal=True)
    ]
    texts = [column for column in differing if old[column].dtype == pl.String]
    numbers = [column for column in differing if column not in texts]
    print(f"{name}: {old.height} rows, {len(both)} columns, {len(numbers)} differ in numbers {numbers[:5]}")
    if not same_rows:
        print("  other users or days")
    if only:
        print(f"  only on one side: {only}")
    for column in texts:
        share = (old[column].fill_null("") != new[column].fill_null("")).mean()
        print(f"  {column}: {share:.1%} of the texts reworded")
    return len(numbers) + (not same_rows)


def _rows(path: Path) -> pl.DataFrame:
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    rows = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files], how="diagonal")
    return rows.sort(_keys(rows).columns)


def _keys(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(key for key in _KEYS if key in rows.columns)


def _compare_reports(before: Path, after: Path, name: str, noise: float) -> int:
    old = dict(_flat(json.loads(before.read_text("utf-8"))))
    new = dict(_flat(json.loads(after.read_text("utf-8"))))
    worst, count = 0.0, 0
    for key in sorted({*old} | {*new}):
        if old.get(key) == new.get(key) or key.split(".")[-1] in _OF_THE_RUN:
            continue
        values = old.get(key), new.get(key)
        if isinstance(values[0], str) and isinstance(values[1], str):
            continue
        bound = key.split(".")[-1] in _BOUNDS and all(isinstance(value, float) for value in values)
        if bound and abs(values[0] - values[1]) <= noise:  # type: ignore[operator]
            worst = max(worst, abs(values[0] - values[1]))  # type: ignore[operator]
            continue
        count += 1
        print(f"  {name} {key}: {values[0]} before, {values[1]} after")
    print(f"{name}: {len(old)} values, {count} differ; bounds of intervals by at most {worst:.4f}")
    return count


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    items: Any = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    )
    if items is None:
        yield path, value
        return
    for key, part in items:
        yield from _flat(part, f"{path}.{key}" if path else str(key))


if __name__ == "__main__":
    main()
