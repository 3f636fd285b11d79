"""Writes a list from the users considered for it: the choice, the list, those for import, the summary and the report.

Promise: the stage `score` and `lastlogin score` write by this function, so a preview and a delivered list differ by
their episodes alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from features.advice.plays import Plays
from pipeline.config.sections import Holdout, Policy
from pipeline.crm.choice import Chosen, Offer, chosen, policy_report
from pipeline.crm.crm_list import crm_list, with_carried
from pipeline.crm.lists import import_lists
from pipeline.crm.measured_effects import MeasuredEffects
from pipeline.crm.model_quality import ModelQuality
from pipeline.crm.sinks.files import write_crm
from pipeline.crm.summary import list_summary
from pipeline.storage.datasets import CRM_IMPORT, CRM_SUMMARY
from pipeline.storage.files import write_json


@dataclass(frozen=True, slots=True)
class Basis:
    """What a list is chosen by.

    `version`: of the models. `valued`: the log has amounts. `carried`: columns that the list carries, by user.
    `plain_ids`: the CSV has the ids as they are.
    `effects`: of the plays, as past lists have shown them.
    `lists`: of the lists for import.
    """

    plays: Plays
    policy: Policy
    holdout: Holdout
    lead_days: int
    quality: ModelQuality
    version: str
    valued: bool
    carried: pl.DataFrame | None
    plain_ids: bool
    effects: MeasuredEffects
    lists: import_lists.Sources


@dataclass(frozen=True, slots=True)
class WrittenList:
    """The list as written, the choice behind it, and its summary."""

    users: pl.DataFrame
    choice: Chosen
    summary: dict[str, Any]


def write_list(
    considered: pl.DataFrame,
    basis: Basis,
    known: Mapping[str, Any],
    folder: Path,
    report: Path,
    running: pl.DataFrame | None = None,
) -> WrittenList:
    """Choose among the `considered` users, and write the list and its summary into `folder`, the choice to `report`.

    `considered`: `listed_users` with their value and `excluded_by`. `known`: `population_counts` and
    further entries of the summary, or the summary of a preview. `running`: the episodes that run; None: a preview.
    """
    choice = chosen(
        considered.drop("excluded_by"),
        {play.code: Offer(play.accepts, play.offer_cost) for play in basis.plays.plays},
        basis.policy,
        basis.holdout,
        basis.lead_days,
        considered["excluded_by"],
        valued=basis.valued,
        running=running,
        effects=basis.effects.plays,
    )
    users = crm_list(choice.listed, basis.quality.grade, basis.version)
    if basis.carried is not None:
        users = with_carried(users, basis.carried)
    beside = import_lists.import_lists(
        users, choice.listed, running, basis.lists, basis.quality.grade, basis.version, basis.carried
    )
    used = choice.listed.filter("new")["play"].unique().sort().to_list()
    effects = basis.effects.as_json(used)
    accepts = {code: basis.plays.by_code[code].accepts for code in effects["assumed"]}
    others = {
        **known,
        **basis.quality.as_json(),
        "accepts": accepts,
        "effects": effects,
        "lists": beside.summary,
    }
    summary = list_summary(choice, basis.policy, basis.holdout.share, others)
    write_crm(users, folder, plain_ids=basis.plain_ids)
    for name, rows in beside.lists.items():
        write_crm(rows, folder / CRM_IMPORT.path.name, name, plain_ids=basis.plain_ids)
    write_json(summary, folder / CRM_SUMMARY.path.name)
    write_json(policy_report(choice, basis.policy, effects), report)
    return WrittenList(users, choice, summary)
