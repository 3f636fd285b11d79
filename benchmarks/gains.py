"""`python -m benchmarks.gains FOLDER…`: the worth of each feature on the login rows of some projects.

Evaluated out of time, at the origins inside the training range (purged, as in training), never on the test
period where there is an origin. Two measures, both in thousandths of log loss:

- permuted: the rise of a fitted model's loss when one column is shuffled among the validation rows (Breiman 2001;
  mean over origins and shuffles). Two similar features share their worth, so each may seem to be worth little.
- left out: the rise of the loss when a model is fitted without a whole family or dimension.
"""

import argparse
import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.define import Feature
from models.learning.booster import Settings, capacity, fit_booster, fit_until_no_better
from models.learning.split import Origin, TimeSplit, within
from models.rows import feature_matrix, labels
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.learning.dataset import periods_of, read_rows, settings_of
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_in_use
from pipeline.runner.stage import expected_errors
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.datasets import LOG_FACTS

TRAINING_ROWS, VALIDATION_ROWS = 20_000, 5_000
SHUFFLES = 3
_SEED = 7
_THOUSANDTHS = 1_000
_FASTER = 4  # times the learning rate: a quarter of the trees ranks the same features
_WORTHLESS = 0.01  # thousandths of log loss: the noise of three shuffles

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Log:
    """The login rows of a project, and the settings and origins to evaluate with."""

    name: str
    rows: pl.DataFrame
    features: tuple[Feature, ...]
    origins: tuple[Origin, ...]
    settings: Settings


def read_log(folder: Path) -> Log:
    """The login rows of the project in `folder`, after `dvc repro logins` there."""
    if not (folder / "data/logins").is_dir():
        raise InputError(f"{folder / 'data/logins'}: there are no login rows.\nMake them: dvc repro logins")
    params = load_params(folder / "params.yaml")
    contract = folder / params.log.contract
    facts = read_facts(folder / LOG_FACTS.path)
    rows = read_rows(folder / "data/logins")
    features = features_in_use(load_contract(contract), params.features, facts)
    split = periods_of(rows, params.label, params.split)
    settings = settings_of(params.train)
    quick = replace(settings, threads=1, learning_rate=min(0.3, _FASTER * settings.learning_rate))
    return Log(contract.stem, rows, features, _origins(split), quick)


def _origins(split: TimeSplit) -> tuple[Origin, ...]:
    """The origins inside the training range; the test period if the log is too short for one."""
    return split.origins or (Origin(split.training, split.test),)


def worths(logs: Sequence[Log], workers: int) -> pl.DataFrame:
    """`level` (feature, family, dimension), `name`, and per log its worth: thousandths of log loss, mean over origins.

    The origins are evaluated by `workers` processes.
    """
    tasks = [(log, origin) for log in logs for origin in log.origins]
    if workers == 1:
        parts = [_worths_at(*task) for task in tasks]
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            parts = list(pool.map(_worths_at, *zip(*tasks, strict=True)))
    named = [part.with_columns(log=pl.lit(log.name)) for part, (log, _) in zip(parts, tasks, strict=True)]
    mean = pl.concat(named).group_by("log", "level", "name", maintain_order=True).agg(pl.col("worth").mean())
    return mean.pivot("log", index=["level", "name"], values="worth", maintain_order=True)


def family(name: str) -> str:
    """The family of a feature: the first word of its name, or the quantity counted per kind.

    >>> family("login_days_7d"), family("days_since_kind_chat"), family("days_since_order")
    ('login', 'days_since_kind', 'days_since_order')
    """
    if match := re.match(r"(share_of_kind|days_since_kind|days_with_kind)_", name):
        return match[1]
    return name if name.startswith("days_") else name.partition("_")[0]


def log_loss(raw: Floats, churned: Floats) -> float:
    """Mean log loss of log-odds `raw`."""
    return float(np.mean(np.logaddexp(0.0, raw) - churned * raw))


def shuffled_worths(
    predict: Callable[[NDArray[np.float32]], Floats],
    matrix: NDArray[np.float32],
    churned: Floats,
    columns: Iterable[int],
) -> dict[int, float]:
    """By column the rise of the log loss when its values are shuffled among the rows."""
    rng = np.random.default_rng(_SEED)
    orders = [rng.permutation(len(churned)) for _ in range(SHUFFLES)]
    whole = log_loss(predict(matrix), churned)
    gains = {}
    for column in columns:
        kept = matrix[:, column].copy()
        losses = []
        for order in orders:
            matrix[:, column] = kept[order]
            losses.append(log_loss(predict(matrix), churned))
        matrix[:, column] = kept
        gains[column] = float(np.mean(losses)) - whole
    return gains


def _worths_at(log: Log, origin: Origin) -> pl.DataFrame:
    sys.stderr.write(f"gains: {log.name}: evaluated on {origin.validation}\n")
    training = _sample(log.rows.filter(within(origin.training)), TRAINING_ROWS)
    validation = _sample(log.rows.filter(within(origin.validation)), VALIDATION_ROWS)
    names = [feature.name for feature in log.features]
    allowed = capacity(log.settings, training.height)
    booster = fit_until_no_better(training, validation, names, log.settings, allowed)
    rounds = booster.best_iteration
    churned = labels(validation)

    def loss_without(left_out: set[str]) -> float:
        kept = [name for name in names if name not in left_out]
        fitted = fit_booster(training, kept, log.settings, allowed, rounds)
        return log_loss(_raw(fitted, log.settings)(feature_matrix(validation, kept)), churned)

    predict = _raw(booster, log.settings)
    used = np.flatnonzero(booster.feature_importance())
    by_column = shuffled_worths(predict, feature_matrix(validation, names).copy(), churned, used.tolist())
    whole = loss_without(set())
    rows = [("feature", name, by_column.get(index, 0.0)) for index, name in enumerate(names)]
    for level, of in (("dimension", _dimension), ("family", lambda feature: family(feature.name))):
        for group in dict.fromkeys(map(of, log.features)):
            members = {feature.name for feature in log.features if of(feature) == group}
            if len(members) < len(names):
                rows.append((level, group, loss_without(members) - whole))
    table = pl.DataFrame(rows, schema=["level", "name", "worth"], orient="row")
    return table.with_columns(pl.col("worth") * _THOUSANDTHS)


def _dimension(feature: Feature) -> str:
    return feature.dimension


def _raw(booster: lgb.Booster, settings: Settings) -> Callable[[NDArray[np.float32]], Floats]:
    return lambda matrix: booster.predict(matrix, raw_score=True, num_threads=settings.threads)


def _sample(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    return rows.gather_every(max(1, ceil(rows.height / most)))


def as_markdown(table: pl.DataFrame, logs: Sequence[Log]) -> str:
    """A page of `table` (`level, name` and one column per log); a cell is empty if the log lacks the feature."""
    names = [log.name for log in logs]
    lines = [
        "# What the features are worth",
        "",
        f"Measured on {datetime.now(UTC).date()} by `python -m benchmarks.gains`, in thousandths of log loss,",
        "out of time: by how much it rises when one column is shuffled among the validation rows (features), or when a",
        "model is fitted without them (families, dimensions). Like features share their worth when shuffled. The names",
        "are those of that day: CHANGELOG.md says which have gone since.",
        "",
        *(
            f"- {log.name}: {log.rows.height:,} login rows, {len(log.features)} features, evaluated on "
            + ", ".join(str(origin.validation) for origin in log.origins)
            for log in logs
        ),
    ]
    for level in ("dimension", "family", "feature"):
        rows = table.filter(level=level).sort(
            pl.max_horizontal(names), descending=True, nulls_last=True, maintain_order=True
        )
        lines += ["", f"| {level} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| {row[1]} | " + " | ".join(map(_cell, row[2:])) + " |" for row in rows.iter_rows()]
    return "\n".join(lines) + "\n"


def _cell(worth: float | None) -> str:
    return "" if worth is None else f"{worth:.2f}"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the features that are worth nothing on any log, and write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gains", description="What features are worth."
    )
    parser.add_argument(
        "folders", nargs="*", type=Path, default=[Path()], help="projects with data/logins; default: here"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports/gains.md"), help="a .md page or a .csv table"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="processes; default: one per core"
    )
    options = parser.parse_args(arguments)
    with expected_errors():
        logs = [read_log(folder) for folder in options.folders]
    table = worths(logs, options.workers)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if options.out.suffix == ".csv":
        write_csv(table, options.out)
    else:
        options.out.write_text(as_markdown(table, logs), "utf-8")
    best = pl.max_horizontal(log.name for log in logs)
    nothing = table.filter((pl.col("level") == "feature") & (best < _WORTHLESS))["name"]
    sys.stdout.write(f"{options.out}\nWorth nothing on any of these logs: {', '.join(nothing) or 'none'}\n")


if __name__ == "__main__":
    main()
