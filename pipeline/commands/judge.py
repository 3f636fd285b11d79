"""What were past lists worth? Compares the ledger's episodes and predictions with what happened afterwards.

Promise: the ledger and the pipeline's outputs do not change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from features.contract.model import Contract
from models.metrics.bootstrap import Bootstrap
from pipeline.commands.flags import named
from pipeline.config.sections import Params
from pipeline.crm.ledger.files import LEDGER, read_ledger
from pipeline.crm.plays_file import load_plays
from pipeline.errors import InputError
from pipeline.external.never_contact import contact_log
from pipeline.ingestion.fetched import check_log, local_log
from pipeline.judging.outcomes import ends_of_windows, with_outcomes
from pipeline.judging.report import Basis, first_ripe_day, judge_report, ripe_episodes, ripe_lists, weekly
from pipeline.learning.churn_in_use import churn_of
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.reporting.past_lists_page import past_lists_page
from pipeline.runner.stage import run_stage
from pipeline.runner.working import working_folder
from pipeline.stages import activity, external, ingest, rates
from pipeline.storage.commit import written_together
from pipeline.storage.datasets import ACTIVITY, JUDGE_PAGE, JUDGE_REPORT, JUDGE_TABLE, LOG_FACTS, VISITS
from pipeline.storage.digests import digest_of
from pipeline.storage.files import read_json, write_json, write_text
from pipeline.storage.frames import write_parquet
from pipeline.tracking.store import store_of

_NOT_EVALUATED = "Nothing was evaluated: without this table, it is not known who was contacted."


@dataclass(frozen=True, slots=True)
class Judged:
    """The lines for the terminal, and the folder of the reports; None if nothing is ripe, so nothing was written."""

    lines: tuple[str, ...]
    folder: Path | None


def judge(
    params: Params,
    lists: Path,
    out: Path,
    *,
    log: str | None,
    contract: str | None,
    contacts: str | None,
    until: date | None,
) -> Judged:
    """Evaluate the lists delivered below `lists`, and write `judge.json`, `.parquet` and `.html` into `out`.

    `log`, `contract`: read as `lastlogin score` reads them; without `log`, the user-days of the last `dvc repro` are
    used. `contacts`: the file of contacts; None: `contacts.path`. `until`: nothing after this day is used. Raises
    InputError when no list was delivered, or an input cannot be used.
    """
    ledger = read_ledger(lists)
    if ledger is None:
        raise InputError(f"{lists / LEDGER}: there is no past list.\nDeliver one: run lastlogin score")
    meaning = load_contract(*_contract(params, contract))
    plays = load_plays(params.plays, meaning, params.list.carry).by_code
    with _user_days(params, log, contract) as root:
        log_end = min(read_facts(root / LOG_FACTS.path).log_end, until or date.max)
        episodes = ripe_episodes(ledger, log_end)
        if episodes.is_empty() and not ripe_lists(ledger, log_end):
            return Judged((_nothing_ripe(ledger, log_end),), None)
        last = episodes["as_of"].max() or ledger.filter(ends_of_windows() <= log_end)["as_of"].max()
        if not isinstance(last, date):
            raise TypeError("a ripe list has a day")
        ahead_days = min(params.value.horizon_days, (log_end - last).days)
        churn = churn_of(params.label)
        outcomes = with_outcomes(
            ledger, root / ACTIVITY.path, churn, log_end, ahead_days, meaning.outages, root / VISITS.path
        )
    basis = Basis(
        Path(meaning.name).stem,
        churn,
        log_end,
        ahead_days,
        params.judge,
        params.policy,
        plays,
        Bootstrap(params.evaluate.bootstrap, params.evaluate.seed),
        _contacts(params, contacts, meaning, ledger, log_end),
    )
    return _written(params, judge_report(ledger, outcomes, basis), weekly(outcomes), out)


@contextmanager
def _user_days(params: Params, log: str | None, contract: str | None) -> Iterator[Path]:
    """The folder below which the user-days and the facts of the log are."""
    if log is None:
        for path in (ACTIVITY.path, VISITS.path, LOG_FACTS.path):
            if not path.exists():
                raise InputError(f"{path}: no such input.\nRun: dvc repro activity, or name the log: --log")
        yield Path()
        return
    changes = {"path": log, "contract": contract or params.log.contract, "ends_on": None}
    changed = params.model_copy(update={"log": params.log.model_copy(update=changes)})
    check_log(changed.log.path, changed.log.files, load_contract(*_contract(params, contract)), "--log")
    with working_folder("judge") as root:
        changed = local_log(changed, root)
        for stage in (external.run, rates.run, ingest.run, activity.run):
            run_stage(stage, changed, root)
        yield root


def _contract(params: Params, given: str | None) -> tuple[str, str]:
    """The file of the contract, and what names it."""
    file = given or params.log.contract
    return file, named("--contract", file, "log.contract", params.log.contract)


def _contacts(
    params: Params, given: str | None, contract: Contract, ledger: pl.DataFrame, log_end: date
) -> pl.DataFrame | None:
    path = given or params.contacts.path
    if path is None:
        return None
    key = "contacts.path" if given is None else "--contacts"
    return contact_log(path, contract, None, log_end, _NOT_EVALUATED, key).filter(
        pl.col("user_id").is_in(ledger["user_id"].unique().implode())
    )


def _nothing_ripe(ledger: pl.DataFrame, log_end: date) -> str:
    return (
        f"Nothing is ripe as of {log_end}: the outcome of the first list is known on {first_ripe_day(ledger)}, when "
        "the log reaches that day."
    )


def _written(params: Params, report: dict[str, Any], table: pl.DataFrame, out: Path) -> Judged:
    """Write the three files together, and record them in MLflow."""
    names = {"json": JUDGE_REPORT, "table": JUDGE_TABLE, "page": JUDGE_PAGE}
    targets = {key: out / data_set.path.name for key, data_set in names.items()}
    with written_together(targets) as outputs:
        write_json(report, outputs["json"])
        plain = read_json(outputs["json"])
        write_parquet(table, outputs["table"])
        write_text(past_lists_page(plain), outputs["page"])
    _record(params, plain, targets)
    return Judged(tuple(report["says"]), out)


def _record(params: Params, report: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    from pipeline.tracking.past_lists import log_evaluation  # noqa: PLC0415  # MLflow takes seconds to import

    tracking = params.tracking
    store = store_of(tracking.uri, tracking.experiment, tracking.model_name, Path())
    parameters = {"until": str(report["until"]), "judge.decide_at": str(report["decide_at"])}
    churn = report["churn"] or {"effect": None, "verdict": "not yet"}
    quality = report["predictions"]["all"]
    effect = (
        {f"effect_{key}": churn["effect"][key] for key in ("value", "low", "high")} if churn["effect"] else {}
    )
    predicted = {key: quality["quality"][key] for key in ("predicted", "observed", "auc")} if quality else {}
    if quality:
        predicted["calibration_error"] = quality["intervals"]["calibration_error"]["value"]
    metrics = {
        "episodes_ripe": float(report["episodes"]["ripe"]),
        **{key: float(value) for key, value in (effect | predicted).items() if value is not None},
    }
    digest = digest_of({"report": files["json"]}, parameters)
    log_evaluation(store, digest, parameters | {"verdict": churn["verdict"]}, metrics, tuple(files.values()))
