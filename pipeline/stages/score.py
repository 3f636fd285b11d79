"""Stage `score`: the CRM list of all users whose last login has no known outcome yet."""

from pathlib import Path

import polars as pl

from pipeline.config.sections import Holdout, Log, RiskBands, Value
from pipeline.crm.cause_costs import causes_report
from pipeline.crm.crm_list import crm_list, users_under_contract
from pipeline.crm.expected_revenue import revenue_before
from pipeline.crm.sinks.files import write_crm
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import ACTIVITY, CAUSES_REPORT, CRM, LOG_FACTS, PROFILES, SCORING_MODEL
from pipeline.storage.files import found_whole, write_json
from pipeline.storage.frames import read_table
from pipeline.storage.model_folder import load_model


def run(
    log: Log,
    risk_bands: RiskBands,
    holdout: Holdout,
    value: Value,
    model: In = SCORING_MODEL.path,
    profiles: In = PROFILES.path,
    activity: In = ACTIVITY.path,
    facts_file: In = LOG_FACTS.path,
    crm: Out = CRM.path,
    causes: Out = CAUSES_REPORT.path,
) -> None:
    """Write `list.csv` (safe to open in a spreadsheet), `list.parquet`, and the cost of each cause."""
    trained = load_model(model)
    contract = load_contract(Path(log.contract))
    facts = read_facts(facts_file)
    with found_whole(profiles / "profiles.parquet"):
        people = read_table(profiles / "profiles.parquet").filter(~pl.col("ripe"))
    if trained.card.churn.kind == "cancel":  # users whose subscription has ended are lost already
        people = people.join(users_under_contract(activity), on="user_id", how="semi", maintain_order="left")
    revenue = revenue_before(activity, facts.log_start, facts.log_end, value.horizon_days)
    listed = crm_list(people, trained, risk_bands, holdout, contract, facts.log_end, revenue)
    write_crm(listed, crm)
    write_json(causes_report(listed, people), causes)


if __name__ == "__main__":
    main(run)
