"""The figures of the business of a past day, from what was known when that day ended.

The inputs of the stage `activity` are cut at the end of the day, as `lastlogin replay` cuts them, and the stage runs on
them. Promise: what came later, also a line that arrived late, changes nothing.
"""

import io
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from models.business.moved import moved_since
from pipeline.business.report import write_figures
from pipeline.business.sources import Folders, sources_of
from pipeline.business.whole import business_figures
from pipeline.commands.replay import day_end_of, lay_out_as_of
from pipeline.config.sections import Params
from pipeline.errors import InputError
from pipeline.log.facts import read_facts
from pipeline.runner.stage import run_stage
from pipeline.runner.working import working_folder
from pipeline.stages import activity
from pipeline.storage.commit import written_together
from pipeline.storage.csv_tables import write_csv
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    BUSINESS_AS_OF,
    BUSINESS_REPORT,
    BUSINESS_ROWS,
    BUSINESS_TABLE,
    COHORTS_TABLE,
    CRM_TABLE,
    DAILY_LISTS,
    EVENTS,
    EXTERNAL_CHECKED,
    FADE_TABLE,
    LOG_FACTS,
    RATES,
    VISITS,
)
from pipeline.storage.frames import read_table

MOVED_FILE = "moved.csv"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The folder that was written, and how far the figures have moved since (`models/business/moved.MOVED`)."""

    folder: Path
    moved: pl.DataFrame

    @property
    def in_words(self) -> str:
        """The figures of periods that were over, and how many of them are others today."""
        whole = self.moved.filter(~pl.col("partial_then") & pl.col("then").is_not_null())
        other = whole.filter(pl.col("now").is_null() | (pl.col("moved") != 0))
        words = f"{whole.height:,} figures of whole periods, of which {other.height:,} are others today"
        if other.is_empty():
            return words
        row = other.row(0, named=True)
        now = "not known" if row["now"] is None else f"{row['now']:,.6g}"
        return f"{words}, such as {row['kpi']} of {row['period']}: {row['then']:,.6g} then, {now} now"


def business_as_of(params: Params, root: Path, day: date, out: Path | None = None) -> AsOf:
    """Write the figures as of `day` below `out` (default: `reports/business_as_of/DAY`), and how far they have moved.

    The CRM list is that which was delivered on the day, if there is one. Raises InputError when the log does not cover
    the day, or the figures of today or an input are missing.
    """
    today = _today(root)
    facts = read_facts(root / LOG_FACTS.path)
    if not facts.log_start <= day <= facts.log_end:
        raise InputError(
            f"--as-of {day}: the log lasts from {facts.log_start} to {facts.log_end}.\nName one of these days."
        )
    folder = out or root / BUSINESS_AS_OF.path / day.isoformat()
    with working_folder("business", root) as copy:
        with redirect_stderr(io.StringIO()):
            lay_out_as_of(
                root, copy, day_end_of(params, day), (activity.run,), (ANONYMOUS.path, EXTERNAL_CHECKED.path)
            )
            run_stage(activity.run, params, copy)
        folders = Folders(
            *(
                copy / data.path
                for data in (ACTIVITY, VISITS, ANONYMOUS, EVENTS, EXTERNAL_CHECKED, RATES, LOG_FACTS)
            )
        )
        sources = sources_of(params.business, params.log, params.label, params.rates, folders)
        made = business_figures(sources, _delivered(root, day))
    moved = moved_since(made.figures, today)
    names = {
        "report": BUSINESS_REPORT, "table": BUSINESS_TABLE, "rows": BUSINESS_ROWS, "cohorts": COHORTS_TABLE,
        "fade": FADE_TABLE,
    }  # fmt: skip
    targets = {key: folder / data.path.name for key, data in names.items()} | {"moved": folder / MOVED_FILE}
    with written_together(targets) as outputs:
        write_csv(moved, outputs.pop("moved"))
        write_figures(made, sources, **outputs)
    return AsOf(folder, moved)


def _today(root: Path) -> pl.DataFrame:
    path = root / BUSINESS_ROWS.path
    if not path.is_file():
        raise InputError(
            f"{path}: no such file, so nothing says how far figures have moved.\nRun: dvc repro business"
        )
    return read_table(path)


def _delivered(root: Path, day: date) -> pl.DataFrame | None:
    """The CRM list that was delivered on the day."""
    path = root / DAILY_LISTS.path / day.isoformat() / CRM_TABLE.path.name
    return read_table(path, ["churn_probability", "value_at_risk"]) if path.is_file() else None
