"""Replay: do login rows and landmark rows hold only what was known at the end of their day?

For some login days, all inputs of the stages `activity`, `logins` and `listed` are cut at the end of that day. The
stages run on the cut inputs, and their rows are compared with the stored ones, value by value. The rows of `listed` are
those of `landmarks` on the last day of the log.
Promise: `lay_out_as_of` cuts every input of the stages. An input without a rule stops the replay.
"""

import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from models.thinning import step_to_at_most
from models.value.rows import AHEAD
from pipeline.config.sections import Params
from pipeline.errors import InputError
from pipeline.log.contract_file import load_contract
from pipeline.runner.progress import with_progress
from pipeline.runner.stage import run_stage, signature_of
from pipeline.runner.working import working_folder
from pipeline.stages import activity, listed, logins
from pipeline.storage.checked import complete
from pipeline.storage.data_set import Before, Cut
from pipeline.storage.datasets import (
    LANDMARKS,
    LISTED,
    LOGINS,
    data_set_at,
)
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import (
    buckets_in,
    read_bucket,
    read_table,
    scan_buckets,
    scan_table,
    write_parquet,
)

_STAGES = (activity.run, logins.run, listed.run)
_KEYS = ("user_id", "login_day")
_LIST_KEYS = ("user_id", "as_of")
_NOT_KNOWN_YET = ("churned", "ripe", "drawn", "listed", AHEAD)
"""Columns that later days decide, or the choice of days."""


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A login day, and the UTC instant at which it ends."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that differs between the whole log and the log cut at the day's end."""

    feature: str
    user_id: str
    login_day: date
    stored: str
    replayed: str

    def __str__(self) -> str:
        return (
            f"{self.feature}, user {self.user_id}, {self.login_day}: {self.stored} from the whole log, "
            f"{self.replayed} from what was known when the day ended"
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """The number of compared login rows, landmark rows, days and values, and the differences."""

    rows: int
    landmarks: int
    days: int
    values: int
    differences: tuple[Difference, ...]


def replay(params: Params, root: Path, *, rows: int, days: int, seed: int) -> Replayed:
    """Recompute `rows` stored login rows below `root`, drawn at random from up to `days` random login days.

    On each of these days as many landmark rows are recomputed, if there are that many.

    Raises InputError when there is nothing to replay, or the stored rows are not those of this catalogue.
    """
    chosen = chosen_rows(root / LOGINS.path, rows, days, seed)
    differences: list[Difference] = []
    values = 0
    compared = dict.fromkeys((LOGINS.path, LANDMARKS.path), 0)
    parts = chosen.partition_by("login_day", maintain_order=True)
    for part in with_progress(parts, "replay"):
        day = part["login_day"][0]
        with working_folder("replay", root) as folder, redirect_stderr(io.StringIO()):
            replay_day(params, root, folder, day)
            pairs = [
                _login_rows(root, folder, part),
                _landmark_rows(root, folder, day, part.height),
            ]
        for (stored, replayed), keys, path in zip(pairs, (_KEYS, _LIST_KEYS), compared, strict=True):
            _check_columns(root / path, stored, replayed)
            differences += _differences(stored, replayed, keys)
            values += stored.height * (stored.width - len(keys))
            compared[path] += stored.height
    return Replayed(compared[LOGINS.path], compared[LANDMARKS.path], len(parts), values, tuple(differences))


def replay_day(params: Params, root: Path, copy: Path, day: date) -> None:
    """Run the stages below `copy` on the inputs below `root`, cut at the end of the local `day`."""
    lay_out_as_of(root, copy, day_end_of(params, day))
    for stage in _STAGES:
        run_stage(stage, params, copy)


def day_end_of(params: Params, day: date) -> DayEnd:
    """The end of the local `day` of the log in use."""
    contract = load_contract(params.log.contract)
    return DayEnd(day, pl.select(contract.day_end(pl.lit(day))).item())


def _login_rows(root: Path, cut: Path, wanted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stored and the replayed login rows that `wanted` names."""
    return _rows_of(root / LOGINS.path, wanted, _KEYS), _rows_of(cut / LOGINS.path, wanted, _KEYS)


def _landmark_rows(root: Path, cut: Path, day: date, most: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stored landmark rows of `day`, every n-th so that `most` are left, and those of `listed` on the cut log."""
    of_day = [
        bucket.filter(pl.col("as_of") == day).select(_LIST_KEYS)
        for bucket in scan_buckets(root / LANDMARKS.path)
    ]
    wanted = pl.concat(of_day).sort(_LIST_KEYS).collect()
    wanted = wanted.gather_every(step_to_at_most(wanted.height, most))
    return _rows_of(root / LANDMARKS.path, wanted, _LIST_KEYS), _rows_of(
        cut / LISTED.path, wanted, _LIST_KEYS
    )


def lay_out_as_of(
    root: Path,
    copy: Path,
    day_end: DayEnd,
    stages: Sequence[Callable[..., None]] = _STAGES,
    others: Sequence[Path] = (),
) -> None:
    """Write the inputs of `stages`, and the data sets `others`, cut at `day_end`, from below `root` to below `copy`.

    `storage/datasets.py` says how an input is cut. Raises NotImplementedError for an input without a rule.
    """
    signatures = [signature_of(stage) for stage in stages]
    made = {path for signature in signatures for path in signature.outputs.values()}
    inputs = {path for signature in signatures for path in signature.inputs.values()}
    for path in sorted({*inputs, *others} - made):
        data_set = data_set_at(path)
        if data_set is None or data_set.cut_by is None:
            raise NotImplementedError(
                f"replay: nobody says how {path} is cut in time; add cut_by in storage/datasets.py"
            )
        if not (root / path).exists():
            raise InputError(f"{root / path}: no such input.\nRun the stage that writes it: dvc repro")
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        _cut(data_set.cut_by, root / path, copy / path, day_end)
        complete(path, copy / path)


def _cut(by: Cut, source: Path, target: Path, day_end: DayEnd) -> None:
    """Write the part of `source` that was known at the day's end to `target`."""
    match by:
        case Before(column):
            cut_before(column, source, target, day_end.at)
        case "known_day":
            _cut_known_by(source, target, day_end.day)
        case "log_end":
            _cut_facts(source, target, day_end.day)
        case "nothing":
            shutil.copyfile(source, target)


def cut_before(column: str, source: Path, target: Path, end: datetime) -> None:
    """Cut a Parquet file, or each in a folder, to the rows whose `column` (instant) lies before `end`."""
    files = sorted(source.rglob("*.parquet")) if source.is_dir() else [source]
    for file in files:
        table = scan_table(file).filter(pl.col(column) < end)
        write_parquet(table.collect(), target / file.relative_to(source))


def _cut_facts(source: Path, target: Path, day: date) -> None:
    """The facts of the log with that day as its end. Kinds and length stay: they decide which features exist, and not
    their values.
    """
    write_json({**read_json(source), "log_end": day.isoformat()}, target)


def _cut_known_by(source: Path, target: Path, day: date) -> None:
    """Users, tables and calendars: the rows known by that day; null: known in advance."""
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.rglob("*.parquet")):
        table = read_table(file)
        known = pl.col("from_day" if "from_day" in table.columns else "known_day")
        write_parquet(table.filter(known.is_null() | (known <= day)), target / file.relative_to(source))


def chosen_rows(folder: Path, rows: int, days: int, seed: int) -> pl.DataFrame:
    """`user_id, login_day` of up to `rows` random rows, spread evenly over up to `days` random days, by day.

    Raises InputError when there is no row.
    """
    every = pl.concat([read_bucket(folder, bucket, list(_KEYS)) for bucket in buckets_in(folder)])
    if every.is_empty():
        raise InputError(
            f"{folder}: holds no login row, so there is nothing to replay.\nRun: dvc repro logins"
        )
    lots = pl.Series(np.random.default_rng(seed).random(every.height))
    shuffled = every.sort(_KEYS).with_columns(lot=lots).sort("lot")
    drawn = shuffled["login_day"].unique(maintain_order=True).head(days)
    turn = pl.int_range(pl.len()).over("login_day")
    candidates = shuffled.filter(pl.col("login_day").is_in(drawn.implode())).with_columns(turn=turn)
    return candidates.sort("turn", "lot").head(rows).select(*_KEYS).sort("login_day", "user_id")


def _rows_of(folder: Path, wanted: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The rows of `folder` that `wanted` names, without the columns that later days decide."""
    parts = [
        bucket.drop(_NOT_KNOWN_YET, strict=False).join(wanted.lazy(), on=list(keys), how="semi")
        for bucket in scan_buckets(folder)
    ]
    return pl.concat(parts).sort(keys).collect()


def _check_columns(folder: Path, stored: pl.DataFrame, replayed: pl.DataFrame) -> None:
    odd = sorted({*stored.columns} ^ {*replayed.columns})
    if odd:
        raise InputError(
            f"{folder}: was made with another catalogue or contract; the differences are {', '.join(odd)}.\n"
            f"Make it again: dvc repro {folder.name}"
        )


def _differences(stored: pl.DataFrame, replayed: pl.DataFrame, keys: Sequence[str]) -> Iterator[Difference]:
    """Every value that differs, and every row that is missing from the replay."""
    in_both = stored.join(replayed.select(keys), on=list(keys), how="semi")
    for user, day in stored.join(in_both, on=list(keys), how="anti").select(keys).iter_rows():
        yield Difference("the row", user, day, "there", "absent")
    again = in_both.select(keys).join(replayed, on=list(keys), how="left", maintain_order="left")
    for name in (name for name in in_both.columns if name not in keys):
        differs = in_both[name].ne_missing(again[name])
        both = [[_text(value) for value in column.filter(differs)] for column in (in_both[name], again[name])]
        where = in_both.filter(differs).select(keys).iter_rows()
        for (user, day), before, after in zip(where, *both, strict=True):
            yield Difference(name, user, day, before, after)


def _text(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, int | float) else str(value)
