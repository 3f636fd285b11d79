"""Does the log say what the CRM list says?

The rows of the listed users are recomputed from the log cut at the end of the list's day, and each sentence is written
again from them. What can be counted plainly is also counted from the raw events, without the engine that makes rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from features.advice.list_facts import LISTS, ListName
from features.catalogue.roles import GAP_MEAN, LOGIN_NUMBER, PAID
from features.define import Feature
from features.external.exchange_rates import RateTable
from models.explanation.peers import peers_of
from pipeline.commands.replay import replay_day
from pipeline.config.sections import Params
from pipeline.crm.lists.texts_file import load_list_texts
from pipeline.crm.plays_file import load_plays
from pipeline.errors import InputError
from pipeline.external.carried import CARRIED_FILE, carried_on
from pipeline.learning.churn_in_use import churn_of
from pipeline.learning.dataset import features_of_rows
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.runner.local import over_buckets
from pipeline.runner.working import working_folder
from pipeline.storage.datasets import (
    CRM_IMPORT,
    EVENTS,
    EXTERNAL_CHECKED,
    LISTED,
    LOG_FACTS,
    LOGINS,
    RATES,
    SCORING_MODEL,
)
from pipeline.storage.feature_file import FEATURES_FILE, read_features
from pipeline.storage.files import read_json
from pipeline.storage.frames import buckets_in, columns_of, read_bucket, read_table
from pipeline.storage.model_folder import LIST, MODEL_FILE
from pipeline.verification.against_events import plain_contradictions
from pipeline.verification.against_rows import NEEDED, Replayed, carried_contradictions, contradictions
from pipeline.verification.facts import KEYS, READ, Contradiction, facts_of
from pipeline.verification.import_lists import list_contradictions
from pipeline.verification.list_facts import SCHEMA, recounted_facts
from pipeline.verification.plain_days import PlainLog, plain_days
from pipeline.verification.recount import can_count, recounted


@dataclass(frozen=True, slots=True)
class Verified:
    """The numbers of listed users, of facts told of them, and of facts recounted plainly; and what is contradicted.

    `on_lists`: rows of the lists for import beside the list.
    """

    as_of: date
    users: int
    facts: int
    recounted: int
    on_lists: int
    contradictions: tuple[Contradiction, ...]


def verify_list(params: Params, root: Path, path: Path) -> Verified:
    """Compare the list at `path`, and the lists for import beside it, with the log below `root`.

    A fact is a sentence: of a reason, or of the silence.
    Raises InputError when the list lacks a column, is of several days or of a day that the log does not cover, or
    names a feature that the log does not give.
    """
    plays = load_plays(params.plays, load_contract(params.log.contract), params.list.carry)
    listed = _read_list(path)
    as_of = listed["as_of"][0]
    log = _plain_log(params, root, as_of, path)
    facts = facts_of(listed)
    with working_folder("verify-list", root) as folder:
        replay_day(params, root, folder, as_of)
        of_rows = {feature.name: feature for feature in features_of_rows(folder / LISTED.path)}
        features = of_rows | _of_model(root / SCORING_MODEL.path / LIST, listed)
        told = _told(facts, of_rows, path)
        rows = _replayed(folder, params, [*told, *NEEDED, LOGIN_NUMBER, PAID], features)
    found = list(contradictions(listed, rows, params.plays.answer_days, params.define.newcomer_logins, plays))
    once = listed.unique("user_id", keep="first", maintain_order=True)
    plain = _recounted(root / EVENTS.path, once, [features[name] for name in told], features, log)
    silent_by_login = params.label.kind != "cancel"  # with it, a login without a contract is no row
    found += plain_contradictions(once, plain, features, silent_by_login=silent_by_login)
    found += carried_contradictions(once, _carried(root, listed))
    lists = _import_lists(path, listed)
    found += list_contradictions(
        lists,
        listed,
        _facts_of_lists(root / EVENTS.path, lists, log),
        load_list_texts(params.import_lists, log.contract, params.list.carry, params.plays.language),
        left_by_login=silent_by_login,
    )
    first = {(one.user_id, one.column): one for one in reversed(found)}  # of two that name the same cell
    silences = len(listed["silence_text"].drop_nulls())
    countable = {name for name in told if can_count(features[name], log)}
    counted = sum(name in countable for name in facts["feature"])
    return Verified(
        as_of,
        listed.height,
        facts.height + silences,
        counted + (silences if silent_by_login else 0),
        sum(rows.height for rows in lists.values()),
        tuple(dict.fromkeys(first[one.user_id, one.column] for one in found)),
    )


def _read_list(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such list.\nMake it: dvc repro score, or name another with --list.")
    if path.suffix == ".csv":
        raise InputError(
            f"{path}: the CSV is for people.\nGive the Parquet file beside it: {path.with_suffix('.parquet')}"
        )
    columns = columns_of(path)
    lacking = [name for name in READ if name not in columns]
    if lacking:
        raise InputError(
            f"{path}: the list lacks {', '.join(lacking)}.\nMake it with this version: dvc repro score"
        )
    listed = read_table(path)
    days = listed["as_of"].unique().sort()
    if len(days) != 1 or days.has_nulls():
        raise InputError(
            f"{path}: the list is as of {len(days)} days.\nGive a list with users, all as of the same day."
        )
    return listed


def _import_lists(path: Path, listed: pl.DataFrame) -> dict[ListName, pl.DataFrame]:
    """The lists for import beside the list at `path`; none beside a list of an older version."""
    folder = path.parent / CRM_IMPORT.path.name
    if not folder.is_dir():
        return {}
    lists = {name: read_table(folder / f"{name}.parquet") for name in LISTS}
    other = sorted({day for rows in lists.values() for day in rows["as_of"]} - set(listed["as_of"]))
    if other:
        raise InputError(
            f"{folder}: the lists for import are as of {other[0]}, and {path.name} is as of {listed['as_of'][0]}.\n"
            "Verify lists of the same run."
        )
    return lists


def _facts_of_lists(events: Path, lists: Mapping[ListName, pl.DataFrame], log: PlainLog) -> pl.DataFrame:
    """The recounted facts of the users of `lists`."""
    if not lists:
        return pl.DataFrame(schema=SCHEMA)
    users = pl.concat([rows.select("user_id") for rows in lists.values()])

    def of_bucket(bucket: int) -> pl.DataFrame:
        of_users = read_bucket(events, bucket).join(users, on="user_id", how="semi", maintain_order="left")
        return recounted_facts(plain_days(of_users, log), log.contract, log.last)

    return pl.concat(over_buckets(of_bucket, buckets_in(events), "verify-list: lists for import"))


def _carried(root: Path, listed: pl.DataFrame) -> pl.DataFrame:
    """`user_id` and the columns that the list carries, as of its day; `user_id` alone if it carries none."""
    folder = root / EXTERNAL_CHECKED.path
    if not (folder / CARRIED_FILE).is_file():
        return pl.DataFrame(schema={"user_id": pl.String})
    carried = carried_on(folder, listed["as_of"][0])
    return carried.select(name for name in carried.columns if name in listed.columns)


def _plain_log(params: Params, root: Path, as_of: date, path: Path) -> PlainLog:
    facts = read_facts(root / LOG_FACTS.path)
    if not facts.log_start <= as_of <= facts.log_end:
        raise InputError(
            f"{path}: the list is as of {as_of}, and the log lasts from {facts.log_start} to {facts.log_end}.\n"
            "Verify a list beside the log that it was made from."
        )
    rates = RateTable(read_table(root / RATES.path), params.rates.base, params.rates.max_age_days)
    return PlainLog(load_contract(params.log.contract), facts.tells, facts.log_start, as_of, rates)


def _of_model(model: Path, listed: pl.DataFrame) -> dict[str, Feature]:
    """The features in the words of the model that wrote the list; none if another model did."""
    if not (model / MODEL_FILE).is_file() or "model_version" not in listed.columns:
        return {}
    if set(listed["model_version"]) != {read_json(model / MODEL_FILE).get("version")}:
        return {}
    return {feature.name: feature for feature in read_features(model / FEATURES_FILE, "train")}


def _told(facts: pl.DataFrame, features: Mapping[str, Feature], path: Path) -> list[str]:
    """The names of the features that reasons are of."""
    told = sorted(set(facts["feature"].drop_nulls()))
    unknown = [name for name in told if name not in features]
    if unknown:
        raise InputError(
            f"{path}: the log does not give {len(unknown)} of the features that reasons are of: "
            f"{', '.join(unknown[:10])}.\nVerify a list beside the log, contract and parameters that it was made with."
        )
    return told


def _replayed(root: Path, params: Params, names: Sequence[str], features: Mapping[str, Feature]) -> Replayed:
    """The users within the horizon, from the rows that the replay wrote below `root`."""
    listed, logins = root / LISTED.path, root / LOGINS.path
    horizon = pl.col("window_days") - churn_of(params.label).lead_days
    keys = ("user_id", "as_of", "login_day", "login_number", "silent_days", "window_days")
    kept = [name for name in dict.fromkeys(names) if name in columns_of(listed) and name not in keys]
    of_logins = [name for name in kept if name in columns_of(logins)]

    def of_bucket(bucket: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = read_bucket(listed, bucket, [*keys, *kept]).filter(pl.col("silent_days") < horizon)
        history = read_bucket(logins, bucket, ["user_id", "login_day", *of_logins])
        latest = rows.select("user_id", last="login_day")
        earlier = history.join(latest, on="user_id").filter(pl.col("login_day") < pl.col("last"))
        means = earlier.group_by("user_id").agg(
            pl.col(of_logins).cast(pl.Float64).fill_nan(None).mean().cast(pl.Float32)
        )
        return rows, means

    parts = over_buckets(of_bucket, buckets_in(listed))
    rows, usual = (pl.concat(frames) for frames in zip(*parts, strict=True))
    peers = peers_of(rows["login_number"], rows[PAID] > 0 if PAID in rows.columns else None)
    return Replayed(rows, usual, peers, features)


def _recounted(
    events: Path,
    listed: pl.DataFrame,
    told: Sequence[Feature],
    features: Mapping[str, Feature],
    log: PlainLog,
) -> pl.DataFrame:
    """`KEYS`, `came` (the last day with a login by the raw events) and the features that are counted, of each user."""
    gap = [features[GAP_MEAN]] if GAP_MEAN in features else []
    wanted = list({feature.name: feature for feature in (*told, *gap)}.values())

    def of_bucket(bucket: int) -> pl.DataFrame:
        of_users = read_bucket(events, bucket).join(listed, on="user_id", how="semi", maintain_order="left")
        days = plain_days(of_users, log)
        rows = listed.select(KEYS).join(days.days.select("user_id").unique(), on="user_id", how="semi")
        came = days.days.filter(pl.col("logins") == 1).group_by("user_id").agg(came=pl.col("day").max())
        counted = recounted(wanted, days, rows, log)
        return rows.join(came, on="user_id", how="left").join(counted, on="user_id", how="left")

    return pl.concat(over_buckets(of_bucket, buckets_in(events), "verify-list"))
