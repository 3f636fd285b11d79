"""Writes a CRM list without DVC, from a log, a day and the registry's champion.

Promise: the list uses nothing after the day. The pipeline's outputs do not change.
"""

import io
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from features.events.log_bounds import EndsTooLateError
from pipeline.commands.deliver import deliver, delivered_before, refuse_no_holdout, with_episodes
from pipeline.commands.flags import named
from pipeline.config.sections import Guard, Label, Params, Styles, Value
from pipeline.crm.expected_revenue import NO_VALUE_MODEL
from pipeline.crm.guard import days_to_compare, deviations
from pipeline.crm.ledger.files import days_of, entry_of, refuse_replacement
from pipeline.crm.lists.texts_file import load_list_texts
from pipeline.crm.measured_effects import measured_effects
from pipeline.crm.model_quality import quality_of_model, refuse_low_grade
from pipeline.crm.never_contact_rules import contacts_in_use, rules_in_use
from pipeline.crm.plays_file import load_plays
from pipeline.crm.sinks.profile import PROFILES, ProfileName
from pipeline.crm.sinks.tool_files import Writing
from pipeline.errors import InputError
from pipeline.ingestion.fetched import check_log, local_log
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import as_json, read_external_data, values_held
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_of_model
from pipeline.runner.process_lock import held_alone
from pipeline.runner.stage import run_stage
from pipeline.runner.working import working_folder
from pipeline.stages import activity, drift, external, health, ingest, listed, logins, profile, rates, score
from pipeline.storage.datasets import (
    DRIFT_REPORT,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    LOG_FACTS,
    METRICS_REPORT,
    SCORING_MODEL,
)
from pipeline.storage.feature_file import FEATURES_FILE
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import read_table
from pipeline.storage.model_folder import LIST, LOGIN, load_models, load_value
from pipeline.storage.styles_file import STYLES_FILE
from pipeline.tracking.logged_model import METRICS_FILE
from pipeline.tracking.registry import champion_of


@dataclass(frozen=True, slots=True)
class ScoredLog:
    """The folder of the list, `OUT/DAY`, None if nothing was written, and the content of its `summary.json`.

    `status`: `repeated` for a list that was delivered before and stays.
    """

    folder: Path | None
    summary: dict[str, Any]
    status: Literal["delivered", "repeated", "dry_run"]


def score_log(
    params: Params,
    log: str,
    contract: str,
    as_of: date | None,
    out: Path,
    *,
    dry_run: bool = False,
    accept_change: bool = False,
    no_holdout: bool = False,
    replace: bool = False,
    written_for: ProfileName = "plain",
) -> ScoredLog:
    """Deliver the CRM list of `log` as of the end of `as_of` (null: its last complete day) below `out`, once a day.

    The champion of `tracking.model_name` scores, with the definition of churn that it was trained on. A `dry_run`
    writes nothing. `accept_change`: the list may differ from the former one below `out` by more than `guard` allows.
    `no_holdout`: `holdout.share` may be 0. `replace`: a list of the same day that differs gives way, unless a later one
    was delivered or its users have been contacted. `written_for`: the tool that reads the CSV files.
    Raises InputError when there is no champion, when its grade is below `list.least_grade`, when the log does not give
    the champion's features, when its logins have drifted too far, or when the list differs too much; and BusyError when
    another process delivers to `out`.
    """
    section = params.log.model_copy(update={"path": log, "contract": contract, "ends_on": as_of})
    refuse_no_holdout(params.holdout.share, no_holdout=no_holdout)
    # Refused before the champion is fetched, as is a log that is not there.
    meaning = load_contract(contract, named("--contract", contract, "log.contract", params.log.contract))
    check_log(section.path, section.files, meaning, named("--log", log, "log.path", params.log.path))
    load_plays(params.plays, meaning, params.list.carry)  # likewise
    load_list_texts(params.import_lists, meaning, params.list.carry, params.plays.language)  # likewise
    rules_in_use(params.never_contact, meaning, params.list.carry, None)  # likewise
    contacts = contacts_in_use(params.contacts, meaning, None, date.max)
    measured_effects(params.policy.effects, "", date.max)
    with _alone(out, dry_run=dry_run), working_folder("score") as root:
        run_stage(external.run, params.model_copy(update={"log": section}), root)  # likewise
        trained = load_models(fetch_champion(params, root)).login
        refuse_low_grade(
            quality_of_model(root / METRICS_REPORT.path, params.policy.scorer), params.list.least_grade
        )
        report = root / EXTERNAL_REPORT.path
        add_attribute_values(report, root / EXTERNAL_CHECKED.path, trained.features)
        changed = params.model_copy(
            update={
                "log": section,
                "label": Label.model_validate(asdict(trained.card.churn)),
                "features": params.features.model_copy(
                    update={"only": None, "drop": ()}
                ),  # the champion has its own
                "value": value_of(params.value, root / SCORING_MODEL.path),
                "styles": styles_since(params.styles, root / SCORING_MODEL.path),
            }
        )
        _run(root, changed, rates.run)
        changed = ingested(local_log(changed, root), root)
        facts = read_facts(root / LOG_FACTS.path)
        if replace:
            refuse_replacement(out, facts.log_end, contacts)
        features_of_model(
            trained.features, meaning, read_external_data(report), facts
        )  # refuses those it lacks
        _run(root, changed, activity.run, logins.run, listed.run)
        with redirect_stderr(io.StringIO()):  # `refuse_drift` reports it, once
            run_stage(drift.run, changed, root)
        refuse_drift(read_json(root / DRIFT_REPORT.path), log)
        _run(root, changed, profile.run, health.run, score.run)
        made, entry = with_episodes(root, changed, meaning, out)
        if dry_run:
            return ScoredLog(None, made.summary, "dry_run")
        former = delivered_before(entry, out, root, written_for, replace=replace)
        if former is not None:
            return ScoredLog(out / facts.log_end.isoformat(), former, "repeated")
        if not accept_change:
            refuse_change(entry, out, facts.log_end, params.guard)
        writing = Writing(PROFILES[written_for], tuple(params.list.carry), params.list.csv_ids == "plain")
        folder, summary = deliver(entry, out, root, writing)
    return ScoredLog(folder, summary, "delivered")


@contextmanager
def _alone(out: Path, *, dry_run: bool) -> Iterator[None]:
    """No other process delivers a list to `out` meanwhile: each list follows from those before it."""
    if dry_run:
        yield
        return
    with held_alone(out.with_name(f".{out.name}.lock"), f"lastlogin score --out {out}"):
        yield


def _run(root: Path, params: Params, *stages: Callable[..., None]) -> None:
    for stage in stages:
        run_stage(stage, params, root)


def ingested(params: Params, root: Path) -> Params:
    """Run `ingest`. If the log ends before `log.ends_on`, the list's day becomes the last day of the log.

    That day is in the parameters returned. Raises InputError when it is more than `list.max_stale_days` earlier.
    """
    asked, most = params.log.ends_on, params.list.max_stale_days
    try:
        run_stage(ingest.run, params, root)
    except EndsTooLateError as error:
        late = (asked - error.last).days if asked is not None else 0
        if late > most:
            raise InputError(
                f"{params.log.path}: the log ends on {error.last}, {late} days before {asked}, and list.max_stale_days "
                f"is {most}.\nNo list was written. Give a log that reaches {asked}, or an earlier day."
            ) from error
        sys.stderr.write(
            f"{params.log.path}: the log ends on {error.last}, {late} days before {asked}: the list is as of "
            f"{error.last}.\n"
        )
        params = params.model_copy(update={"log": params.log.model_copy(update={"ends_on": error.last})})
        run_stage(ingest.run, params, root)
    return params


def fetch_champion(params: Params, root: Path) -> Path:
    """Download the champion as the scoring model of the stages below `root`. Returns its folder.

    Raises InputError when there is no champion, or when an older version of this project made it.
    """
    target = root / SCORING_MODEL.path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(champion_of(params, root / "champion"), target)
    lacking = [name for name in (LOGIN, LIST) if not (target / name / FEATURES_FILE).is_file()]
    if lacking:
        raise InputError(
            f"models:/{params.tracking.model_name}@champion: it has no {lacking[-1]} model; an older version made it.\n"
            "Train again and make the new model the champion: dvc repro, then lastlogin promote"
        )
    quality = target / METRICS_FILE
    if not quality.is_file():
        raise InputError(
            f"models:/{params.tracking.model_name}@champion: it has no {METRICS_FILE}, which says how good it is; an "
            "older version made it.\nTrain again and make the new model the champion: dvc repro, then lastlogin promote"
        )
    report = root / METRICS_REPORT.path
    report.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(quality, report)
    return target


def refuse_drift(report: dict[str, Any], log: str) -> None:
    """Write what has drifted, and what to do, to stderr. Raises InputError at `stop`, before any list is written."""
    if report["verdict"] == "pass":
        return
    because = "\n".join(
        f"- {reason}. {advice}" for reason, advice in zip(report["because"], report["advice"], strict=True)
    )
    if report["verdict"] == "warn":
        sys.stderr.write(f"{log}: the logins to be scored have drifted from those of training:\n{because}\n")
        return
    raise InputError(
        f"{log}: the logins to be scored do not look like those that the champion was fitted on.\n{because}\n"
        "If all of this is right as it is, allow more in the section drift of params.yaml. No list was written."
    )


def refuse_change(entry: pl.DataFrame, out: Path, as_of: date, guard: Guard) -> None:
    """Raise InputError when the list of `entry` is too far from the former ones below `out`; those stay.

    Actions are those without episodes.
    """
    now = entry.with_columns(action=pl.col("action_now"))
    found: dict[date, list[str]] = {}
    for day in days_to_compare(days_of(out), as_of):
        former = read_table(entry_of(out, day)).with_columns(action=pl.col("action_now"))
        found[day] = list(deviations(now, former, guard))
    if found and all(found.values()):
        day, far = next(iter(found.items()))
        because = "\n".join(f"- {one}" for one in far)
        raise InputError(
            f"The list as of {as_of} is far from that of {day} below {out}:\n{because}\n"
            "No list was written. If it is right as it is: lastlogin score --accept-change"
        )


def styles_since(asked: Styles, model: Path) -> Styles:
    """`asked`, with the champion's styles as the former ones, if it has styles."""
    former = model / STYLES_FILE
    return asked.model_copy(update={"former": str(former)}) if former.is_file() else asked


def value_of(asked: Value, model: Path) -> Value:
    """`asked`, with the horizon of the champion's value model, if it has one.

    Says on stderr that the recent revenue is carried on, where it has none or could fit none.
    """
    champion = load_value(model)
    if champion is None or champion.card.judged_days is None:
        newer = f"{NO_VALUE_MODEL}; a newer version has one: lastlogin promote"
        because = newer if champion is None else champion.card.because
        sys.stderr.write(
            f"expected revenue, if the log has amounts: recent revenue is carried on; {because}\n"
        )
    return asked if champion is None else Value(horizon_days=champion.card.horizon_days)


def add_attribute_values(report: Path, checked: Path, features: Iterable[str]) -> None:
    """Add attribute values that the model has features of to the external data. They may be rare by now."""
    external_data = read_external_data(report)
    completed = external_data.completed(features, values_held(checked, external_data))
    write_json({**read_json(report), "attributes": as_json(completed, "")["attributes"]}, report)
