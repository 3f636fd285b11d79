"""Stage `score`: the CRM list: users within the horizon of their last login, as known on the list's day."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl

from features.catalogue.roles import GAP_MEAN
from features.contract.model import Contract
from models.checks.anomalies import bots
from models.learning.list_model import ListModel
from pipeline.config.import_lists import ImportLists
from pipeline.config.sections import (
    Contacts,
    Define,
    Holdout,
    List,
    Log,
    NeverContact,
    Plays,
    Policy,
    Readiness,
    RiskBands,
    Value,
)
from pipeline.crm.cause_costs import causes_report
from pipeline.crm.crm_list import beyond_horizon
from pipeline.crm.exclusions import exclusions
from pipeline.crm.expected_revenue import expected_revenue
from pipeline.crm.listed_users import listed_users, with_health, with_value
from pipeline.crm.lists.candidates import with_refusals
from pipeline.crm.lists.gathering import LogFolders, gathered
from pipeline.crm.lists.import_lists import Sources
from pipeline.crm.lists.lacking import lacking
from pipeline.crm.lists.texts_file import load_list_texts
from pipeline.crm.measured_effects import measured_effects
from pipeline.crm.model_quality import quality_of_model
from pipeline.crm.never_contact_rules import contacts_in_use, rules_in_use
from pipeline.crm.plays_file import load_plays
from pipeline.crm.summary import population_counts
from pipeline.crm.write_list import Basis, write_list
from pipeline.explanation.explained_users import explained_users, profiles_of
from pipeline.explanation.play_facts import Advice
from pipeline.explanation.profiles import LIST_KEYS, StandsOut
from pipeline.explanation.silence import silence_columns
from pipeline.external.carried import carried_on
from pipeline.learning.dataset import known_users
from pipeline.learning.events_per_user import events_per_user
from pipeline.learning.facts_beside import facts_beside
from pipeline.learning.gates import refuse_lacking_features
from pipeline.learning.last_logins import LastLogins, store_listed
from pipeline.learning.list_numbers import list_numbers
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data, read_external_frames
from pipeline.log.facts import LogFacts, read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import (
    ACTIVITY,
    ANONYMOUS,
    CAUSES_REPORT,
    CRM,
    CRM_BEYOND,
    CRM_CANDIDATES,
    CRM_CONSIDERED,
    CRM_EXPLAINED,
    EXTERNAL_CHECKED,
    EXTERNAL_REPORT,
    EXTERNAL_USERS,
    HEALTH,
    HEALTH_USERS,
    LISTED,
    LOG_FACTS,
    LOGINS,
    METRICS_REPORT,
    POLICY_REPORT,
    PROFILES,
    SCORING_MODEL,
    SEGMENTS_REPORT,
)
from pipeline.storage.files import found_whole, read_json, write_json
from pipeline.storage.frames import read_table, write_parquet
from pipeline.storage.model_folder import LIST, load_features, load_models

_SCRATCH = ".listed"


def run(
    log: Log,
    risk_bands: RiskBands,
    holdout: Holdout,
    value: Value,
    define: Define,
    list: List,  # noqa: A002  # the section's name
    plays: Plays,
    import_lists: ImportLists,
    never_contact: NeverContact,
    contacts: Contacts,
    readiness: Readiness,
    policy: Policy,
    model: In = SCORING_MODEL.path,
    metrics: In = METRICS_REPORT.path,
    listed: In = LISTED.path,
    logins: In = LOGINS.path,
    profiles: In = PROFILES.path,
    segments: In = SEGMENTS_REPORT.path,
    health: In = HEALTH.path,
    activity: In = ACTIVITY.path,
    anonymous: In = ANONYMOUS.path,
    facts_file: In = LOG_FACTS.path,
    external_checked: In = EXTERNAL_CHECKED.path,
    external_report: In = EXTERNAL_REPORT.path,
    crm: Out = CRM.path,
    causes: Out = CAUSES_REPORT.path,
    policy_report_file: Out = POLICY_REPORT.path,
) -> None:
    """Write `list.csv` (safe to open in a spreadsheet), `list.parquet`, the choice, and the cost of each cause.

    `lists/` has the lists for import. `explained.parquet` has the contributions behind each number,
    `beyond_horizon.parquet` the users who have been silent for too long to be on the list. `summary.json` accounts for
    every user of the log.
    """
    contract = load_contract(Path(log.contract))
    of_file = load_plays(plays, contract, list.carry)
    list_texts = load_list_texts(import_lists, contract, list.carry, plays.language)
    quality = quality_of_model(metrics, policy.scorer)
    models, facts = load_models(model).by(quality.scored_by), read_facts(facts_file)
    effects = measured_effects(policy.effects, Path(log.contract).stem, facts.log_end)
    of_file = of_file.without(effects.set_aside)
    refuse_lacking_features(listed, models.features)
    enough = StandsOut(
        least_points=list.least_points / 100,
        play_from=risk_bands.begins(list.play_from),
        answer_days=plays.answer_days,
        newcomer_logins=define.newcomer_logins,
    )
    with found_whole(profiles / "profiles.parquet"):
        people = read_table(profiles / "profiles.parquet")
    texts = {part["segment"]: part["says"] for part in read_json(segments)["segments"]}

    def beside(user_ids: pl.Series) -> pl.DataFrame:
        return facts_beside(user_ids, people, texts, external_checked, activity, facts.log_end)

    def advice(user_ids: pl.Series) -> Advice:
        return Advice(of_file, beside(user_ids), risk_bands.medium_from, risk_bands.high_from)

    everybody = known_users(activity, anonymous)
    rules = rules_in_use(never_contact, contract, list.carry, everybody)
    past = contacts_in_use(contacts, contract, everybody, facts.log_end)
    explained = _explained(models, enough, model, listed, logins, advice, crm / _SCRATCH)
    told = explained["facts"].struct.unnest()
    explained = explained.drop("facts")
    revenue = expected_revenue(listed, model, value.horizon_days)
    known = listed_users(explained, people, risk_bands, texts, define.newcomer_logins)
    known = with_health(known, read_table(health / HEALTH_USERS.path.name))
    known = with_value(known, revenue.users, contract.currency.reporting)
    machines = bots(events_per_user(activity), readiness.bot_spreads)
    considered = known.with_columns(
        exclusions(known, told, rules, machines, past, of_file.by_code, facts.log_end)
    )
    write_parquet(considered, crm / CRM_CONSIDERED.path.name)
    write_parquet(explained, crm / CRM_EXPLAINED.path.name)
    beyond = beyond_horizon(list_numbers(listed, models))
    write_parquet(beyond, crm / CRM_BEYOND.path.name)
    of_lists = gathered(
        considered.select("user_id", "as_of").hstack(told),
        people,
        beyond,
        beside,
        _log_folders(contract, facts, activity, external_checked, external_report),
        models.card.churn,
        define.newcomer_logins,
        import_lists,
    )
    of_lists = with_refusals(of_lists, rules, machines, past, list_texts, facts.log_end)
    write_parquet(of_lists, crm / CRM_CANDIDATES.path.name)
    with_login = people.select(
        "user_id", silent_days=(pl.lit(facts.log_end) - pl.col("login_day")).dt.total_days()
    )
    carried = carried_on(external_checked, facts.log_end) if list.carry else None
    basis = Basis(
        of_file,
        policy,
        holdout,
        models.card.churn.lead_days,
        quality,
        models.version,
        revenue.users is not None,
        carried,
        list.csv_ids == "plain",
        effects,
        Sources(facts.log_end, of_lists, list_texts, lacking(contract, facts.tells, list.carry)),
    )
    population = population_counts(considered["user_id"], beyond, with_login, everybody)
    made = write_list(considered, basis, population | revenue.as_json(), crm, policy_report_file)
    write_json(causes_report(made.users, explained), causes)


def _explained(
    models: ListModel,
    enough: StandsOut,
    model: Path,
    listed: Path,
    logins: Path,
    advice: Callable[[pl.Series], Advice],
    scratch: Path,
) -> pl.DataFrame:
    """The listed users with their probabilities, contributions, reasons, causes, plays and goals, by user id.

    `advice`: of users in their order.
    """
    features = load_features(model / LIST, models.features)
    rows = store_listed(listed, logins, models.features, models.card.churn.lead_days, scratch)
    users, sample = explained_users(rows, models, features, LIST_KEYS, "score")
    explained = profiles_of(
        rows,
        users,
        sample,
        models,
        features,
        "score",
        enough,
        advice(users.known["user_id"]),
    )
    gaps = _gaps(rows)
    explained = explained.hstack(silence_columns(explained, gaps))
    unknown = pl.Series([None] * explained.height, dtype=pl.Float64)
    explained = explained.with_columns(mean_gap_days=unknown if gaps is None else gaps.cast(pl.Float64))
    shutil.rmtree(scratch)
    return explained.sort("user_id")


def _log_folders(
    contract: Contract, facts: LogFacts, activity: Path, external_checked: Path, external_report: Path
) -> LogFolders:
    external_data = read_external_data(external_report)
    users = external_checked / EXTERNAL_USERS.path.name
    frames = read_external_frames(external_checked, external_data, contract)
    return LogFolders(
        contract,
        facts.log_start,
        facts.log_end,
        activity,
        users if users.is_dir() else None,
        external_data,
        frames.calendars,
    )


def _gaps(rows: LastLogins) -> pl.Series | None:
    """The mean time between the logins of each user, in days; None if that feature is not in use."""
    if not rows.having([GAP_MEAN]):
        return None
    return pl.concat([rows.read(batch, [GAP_MEAN]) for batch in rows.batches])[GAP_MEAN]


if __name__ == "__main__":
    main(run)
