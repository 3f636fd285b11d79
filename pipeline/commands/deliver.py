"""Delivers a list: with the episodes that run, into the folder of its day and into the ledger, together or not at all.

Promise: a list of a day is delivered once. A repeat writes nothing, unless it is asked to replace the list.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl

from features.advice.list_facts import LISTS
from features.contract.model import Contract
from pipeline.config.sections import Params
from pipeline.crm.ledger.entry import entry_rows
from pipeline.crm.ledger.episodes import RUNNING_SCHEMA, running_episodes
from pipeline.crm.ledger.files import (
    changed_rows,
    days_of,
    entry_of,
    read_ledger,
    refuse_earlier_day,
    write_entry,
)
from pipeline.crm.lists.columns import OWN
from pipeline.crm.lists.import_lists import Sources
from pipeline.crm.lists.lacking import lacking
from pipeline.crm.lists.texts_file import load_list_texts
from pipeline.crm.measured_effects import measured_effects
from pipeline.crm.model_quality import quality_of_model
from pipeline.crm.plays_file import load_plays
from pipeline.crm.sinks.profile import ProfileName
from pipeline.crm.sinks.tool_files import Writing, write_for_tool, write_lists_for_tool
from pipeline.crm.write_list import Basis, WrittenList, write_list
from pipeline.errors import InputError
from pipeline.external.carried import carried_on
from pipeline.log.facts import read_facts
from pipeline.storage.commit import written_together
from pipeline.storage.datasets import (
    CRM,
    CRM_CANDIDATES,
    CRM_CONSIDERED,
    CRM_IMPORT,
    CRM_SUMMARY,
    CRM_TABLE,
    DRIFT_REPORT,
    EXTERNAL_CHECKED,
    LOG_FACTS,
    METRICS_REPORT,
    POLICY_REPORT,
    SCORING_MODEL,
)
from pipeline.storage.files import read_json, read_whole_json, write_json
from pipeline.storage.frames import read_table
from pipeline.storage.model_folder import load_models


def refuse_no_holdout(share: float, *, no_holdout: bool) -> None:
    """Raise InputError when nobody is held out and nobody has said so."""
    if share == 0 and not no_holdout:
        raise InputError(
            "params.yaml: holdout.share is 0, so nothing will show what the list was worth.\n"
            "Set a share such as 0.1, or type it: lastlogin score --no-holdout"
        )


def with_episodes(
    root: Path, params: Params, contract: Contract, lists: Path
) -> tuple[WrittenList, pl.DataFrame]:
    """The list below `root`, chosen again with the episodes of the ledger below `lists`, and its entry.

    The stage `score` has written a preview below `root`; its list, summary and report of the choice are replaced.
    Raises InputError when a later list has been delivered.
    """
    facts = read_facts(root / LOG_FACTS.path)
    as_of = facts.log_end
    refuse_earlier_day(lists, as_of)
    ledger = read_ledger(lists, before=as_of)
    running = pl.DataFrame(schema=RUNNING_SCHEMA) if ledger is None else running_episodes(ledger, as_of)
    preview, summary = read_table(root / CRM_TABLE.path), read_json(root / CRM_SUMMARY.path)
    models = load_models(root / SCORING_MODEL.path)
    carried = carried_on(root / EXTERNAL_CHECKED.path, as_of) if params.list.carry else None
    basis = Basis(
        load_plays(params.plays, contract, params.list.carry),
        params.policy,
        params.holdout,
        models.card.churn.lead_days,
        quality_of_model(root / METRICS_REPORT.path, params.policy.scorer),
        models.version,
        summary["value"]["method"] is not None,
        carried,
        params.list.csv_ids == "plain",
        measured_effects(params.policy.effects, Path(contract.name).stem, as_of),
        Sources(
            as_of,
            read_table(root / CRM_CANDIDATES.path),
            load_list_texts(params.import_lists, contract, params.list.carry, params.plays.language),
            lacking(contract, facts.tells, params.list.carry),
        ),
    )
    made = write_list(
        read_table(root / CRM_CONSIDERED.path),
        basis,
        summary,
        root / CRM.path,
        root / POLICY_REPORT.path,
        running,
    )
    return made, entry_rows(
        made.choice.listed, preview, models.card.churn, params.holdout.share, models.version
    )


def delivered_before(
    entry: pl.DataFrame, lists: Path, root: Path, written_for: ProfileName, *, replace: bool = False
) -> dict[str, Any] | None:
    """The summary of the list of this day if it has been delivered and stays, else None.

    Says on stderr how many users differ. The former list stays: late events, another model or other parameters do not
    change what was sent. With `replace` a list that differs, or that was not `written_for` the tool that is asked
    for, gives way; else it says that its CSV files are for another tool.
    """
    as_of = read_facts(root / LOG_FACTS.path).log_end
    if as_of not in days_of(lists):
        return None
    differ = changed_rows(entry, lists, as_of)
    summary = dict(read_whole_json(lists / as_of.isoformat() / CRM_SUMMARY.path.name))
    profile = summary.get("csv", {}).get("profile", "plain")
    if replace and (differ or profile != written_for):
        sys.stderr.write(f"The list as of {as_of} is replaced: {differ:,} of its rows differ.\n")
        return None
    told = "it would be the same today" if not differ else f"{differ:,} of its rows would differ today"
    sys.stderr.write(f"The list as of {as_of} was delivered before, and stays as it is; {told}.\n")
    if profile != written_for:
        sys.stderr.write(f"Its CSV files are for {profile}, not for {written_for}.\n")
    return summary


def deliver(entry: pl.DataFrame, lists: Path, root: Path, writing: Writing) -> tuple[Path, dict[str, Any]]:
    """Copy the list below `root` to `lists`/DAY, `writing` its CSV files, and add its `entry` to the ledger.

    Returns the folder of the list and the content of its `summary.json`.
    """
    as_of = read_facts(root / LOG_FACTS.path).log_end
    folder = lists / as_of.isoformat()
    with written_together({"list": folder, "entry": entry_of(lists, as_of).parent}) as outputs:
        shutil.copytree(root / CRM.path, outputs["list"])
        for only_here in (CRM_CONSIDERED, CRM_CANDIDATES):
            (outputs["list"] / only_here.path.name).unlink()
        for written in (DRIFT_REPORT, POLICY_REPORT):
            shutil.copy(root / written.path, outputs["list"])
        write_entry(entry, outputs["entry"])
        csv = write_for_tool(
            read_table(root / CRM_TABLE.path), as_of, writing, outputs["list"], outputs["entry"], lists
        )
        for_import = outputs["list"] / CRM_IMPORT.path.name
        csv["lists"] = write_lists_for_tool(
            {name: read_table(for_import / f"{name}.parquet") for name in LISTS},
            {name: ("why", *OWN[name]) for name in LISTS},
            writing,
            for_import,
        )
        summary = {**read_json(root / CRM_SUMMARY.path), "csv": csv}
        write_json(summary, outputs["list"] / CRM_SUMMARY.path.name)
    return folder, summary
