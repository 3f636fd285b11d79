"""Stage `score`: the CRM list: users within the horizon of their last login, as known on the list's day."""

import shutil
from pathlib import Path

import polars as pl

from models.learning.list_model import ListModel
from pipeline.config.sections import Holdout, Log, RiskBands, Value
from pipeline.crm.cause_costs import causes_report
from pipeline.crm.crm_list import beyond_horizon, crm_list
from pipeline.crm.expected_revenue import revenue_before
from pipeline.crm.sinks.files import write_crm
from pipeline.explanation.explained_users import explained_users, profiles_of
from pipeline.explanation.profiles import LIST_KEYS
from pipeline.learning.gates import refuse_lacking_features
from pipeline.learning.last_logins import store_listed
from pipeline.learning.list_numbers import list_numbers
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    CAUSES_REPORT,
    CRM,
    CRM_BEYOND,
    CRM_EXPLAINED,
    LISTED,
    LOG_FACTS,
    LOGINS,
    PROFILES,
    SCORING_MODEL,
)
from pipeline.storage.files import found_whole, write_json
from pipeline.storage.frames import read_table, write_parquet
from pipeline.storage.model_folder import LIST, load_features, load_models

_SCRATCH = ".listed"


def run(
    log: Log,
    risk_bands: RiskBands,
    holdout: Holdout,
    value: Value,
    model: In = SCORING_MODEL.path,
    listed: In = LISTED.path,
    logins: In = LOGINS.path,
    profiles: In = PROFILES.path,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    crm: Out = CRM.path,
    causes: Out = CAUSES_REPORT.path,
) -> None:
    """Write `list.csv` (safe to open in a spreadsheet), `list.parquet`, and the cost of each cause.

    `explained.parquet` has the contributions behind each number, `beyond_horizon.parquet` the users who have been
    silent for too long to be on the list.
    """
    models, contract, facts = load_models(model), load_contract(Path(log.contract)), read_facts(facts_file)
    refuse_lacking_features(listed, models.features)
    explained = _explained(models, risk_bands, model, listed, logins, crm / _SCRATCH)
    with found_whole(profiles / "profiles.parquet"):
        people = read_table(profiles / "profiles.parquet")
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    users = crm_list(explained, people, models.version, risk_bands, holdout, contract, revenue)
    write_crm(users, crm)
    write_parquet(explained, crm / CRM_EXPLAINED.path.name)
    write_parquet(beyond_horizon(list_numbers(listed, models)), crm / CRM_BEYOND.path.name)
    write_json(causes_report(users, explained), causes)


def _explained(
    models: ListModel, risk_bands: RiskBands, model: Path, listed: Path, logins: Path, scratch: Path
) -> pl.DataFrame:
    """The listed users with their probabilities, contributions, reasons, causes, plays and goals, by user id."""
    features = load_features(model / LIST, models.features)
    rows = store_listed(listed, logins, models.features, models.card.churn.lead_days, scratch)
    users, sample = explained_users(rows, models, features, LIST_KEYS, "score")
    explained = profiles_of(
        rows, users, sample, models, features, "score",
        medium_from=risk_bands.medium_from, high_from=risk_bands.high_from,
    )  # fmt: skip
    shutil.rmtree(scratch)
    return explained.sort("user_id")


if __name__ == "__main__":
    main(run)
