"""Every data set of the pipeline, declared once: its path, its columns, and how it is cut in time.

Promise: no other module of the pipeline spells a path of a data set.
"""

from pathlib import Path
from typing import Final

import polars as pl

from pipeline.storage.data_set import (
    UTC_INSTANT,
    Before,
    Buckets,
    Csv,
    DataSet,
    Folder,
    Json,
    Page,
    Table,
)
from pipeline.storage.schema import Schema

_USER: Final = {"user_id": pl.String()}
_NUMBERS: Final = (pl.Int64(), pl.Int32(), pl.Float64())

# The log

SIMULATED = Folder(Path("data/raw/demo"), "simulate", holds_user_ids=True)
SIMULATED_STATE = Folder(SIMULATED.path / "state", "simulate", holds_user_ids=True)
FETCHED = Folder(Path("data/raw/fetched"), "fetch_log", holds_user_ids=True)
SIMULATED_LOG = Table(
    SIMULATED.path / "events.parquet",
    "simulate",
    holds_user_ids=True,
    schema=Schema({}, others=(pl.String(),)),
)
TRUTH = Table(
    SIMULATED.path / "truth.parquet",
    "simulate",
    holds_user_ids=True,
    schema=Schema(
        {
            **_USER,
            "login_day": pl.Date(),
            "probability": pl.Float64(),
            "leave_hazard": pl.Float64(),
            "left": pl.Boolean(),
            "cause": pl.String(),
            "strongest": pl.String(),
        },
        others=(pl.Float32(),),
    ),
)
EVENTS = Buckets(
    Path("data/events"),
    "ingest",
    cut_by=Before("at"),
    holds_user_ids=True,
    schema=Schema(
        {**_USER, "at": UTC_INSTANT, "kind": pl.String()},
        optional={
            "amount": pl.Float64(),
            "currency": pl.String(),
            "counterpart": pl.String(),
            "session": pl.String(),
            "level": pl.Float64(),
            "score": pl.Float64(),
            "country": pl.String(),
            **dict.fromkeys(("city", "account"), pl.String()),
            "paid_until": pl.Float64(),
            **{"role": pl.String(), "happened_at": UTC_INSTANT},
        },
        others=(pl.Float64(),),
    ),
)
ANONYMOUS = Buckets(
    Path("data/anonymous"), "ingest", "known_day", holds_user_ids=True, schema=Schema({**_USER, "known_day": pl.Date()})
)  # fmt: skip
QUARANTINE = Folder(Path("data/quarantine"), "ingest", holds_user_ids=True)
QUARANTINED_LINES = Table(
    QUARANTINE.path / "lines.parquet",
    "ingest",
    holds_user_ids=True,
    schema=Schema({"file": pl.String(), "line": pl.Int64(), "reason": pl.String(), "text": pl.String()}),
)
LOG_FACTS = Json(EVENTS.path / "log.json", "ingest", cut_by="log_end")
INGEST_REPORT = Json(Path("reports/ingest.json"), "ingest")

# External data

EXTERNAL_CHECKED = Folder(Path("data/external_checked"), "external", cut_by="known_day", holds_user_ids=True)
EXTERNAL_USERS = Buckets(
    EXTERNAL_CHECKED.path / "users",
    "external",
    cut_by="known_day",
    holds_user_ids=True,
    schema=Schema(_USER, others=None),
)
EXTERNAL_REPORT = Json(Path("reports/external.json"), "external", cut_by="nothing")
RATES = Table(
    Path("data/external/rates.parquet"),
    "rates",
    cut_by=Before("known_at"),
    schema=Schema(
        {"date": pl.Date(), "currency": pl.String(), "rate": pl.Float64(), "known_at": UTC_INSTANT}
    ),
)

# Rows for training

ACTIVITY = Buckets(
    Path("data/activity"),
    "activity",
    holds_user_ids=True,
    schema=Schema({**_USER, "day": pl.Date(), "logins": pl.Int64()}, others=(*_NUMBERS, pl.String())),
)
VISITS = Buckets(
    Path("data/visits"), "activity", holds_user_ids=True, schema=Schema({**_USER, "day": pl.Date()})
)  # fmt: skip
ACTIVITY_REPORT = Json(Path("reports/activity.json"), "activity")
LOGINS = Buckets(
    Path("data/logins"),
    "logins",
    holds_user_ids=True,
    schema=Schema(
        {
            **_USER,
            "login_day": pl.Date(),
            "login_number": pl.Int32(),
            "churned": pl.Boolean(),
            "ripe": pl.Boolean(),
            "window_days": pl.Int32(),
        },
        others=(pl.Float32(),),
    ),
)
_LANDMARK: Final = {
    **_USER,
    "as_of": pl.Date(),
    "login_day": pl.Date(),
    "login_number": pl.Int32(),
    "silent_days": pl.Int32(),
    "window_days": pl.Int32(),
}
LANDMARKS = Buckets(
    Path("data/landmarks"),
    "landmarks",
    holds_user_ids=True,
    schema=Schema(
        {
            **_LANDMARK,
            "churned": pl.Boolean(),
            "ripe": pl.Boolean(),
            "drawn": pl.Boolean(),
            "listed": pl.Boolean(),
        },
        others=(pl.Float32(), pl.Int64()),
    ),
)
LISTED = Buckets(
    Path("data/listed"), "listed", holds_user_ids=True, schema=Schema(_LANDMARK, others=(pl.Float32(), pl.Int64()))
)  # fmt: skip
DEFINITION_REPORT = Json(Path("reports/definition.json"), "define")
RETURN_CURVE = Csv(Path("reports/return_curve.csv"), "define")
READINESS_REPORT = Json(Path("reports/readiness.json"), "readiness")

# The model and its evaluation

MODEL = Folder(Path("data/model"), "train")
EVALUATED_MODEL = Folder(MODEL.path / "evaluated", "train")
SCORING_MODEL = Folder(MODEL.path / "scoring", "train")
TEST_PREDICTIONS = Table(
    Path("data/predictions/test.parquet"), "evaluate", holds_user_ids=True,
    schema=Schema({**_USER, "login_day": pl.Date(), "churned": pl.Boolean(), "probability": pl.Float64()}),
)  # fmt: skip
LIST_PREDICTIONS = Table(
    Path("data/predictions/list.parquet"),
    "evaluate",
    holds_user_ids=True,
    schema=Schema(
        {
            **_USER,
            "as_of": pl.Date(),
            "login_day": pl.Date(),
            "silent_days": pl.Int32(),
            "churned": pl.Boolean(),
            "probability": pl.Float64(),
        }
    ),
)
METRICS_REPORT = Json(Path("reports/metrics.json"), "evaluate")
PLOTS = Folder(Path("reports/plots"), "evaluate")
DRIFT_REPORT = Json(Path("reports/drift.json"), "drift")

# Users: profiles and the CRM list

PROFILES = Folder(Path("data/profiles"), "profile", holds_user_ids=True)
PROFILE_TABLE = Table(
    PROFILES.path / "profiles.parquet",
    "profile",
    holds_user_ids=True,
    schema=Schema(
        {
            **_USER,
            "login_day": pl.Date(),
            "login_number": pl.Int32(),
            "ripe": pl.Boolean(),
            "window_days": pl.Int32(),
            "login_probability": pl.Float64(),
        },
        others=(pl.Float64(), pl.Int32(), pl.String()),
    ),
)
STYLES_REPORT = Json(PROFILES.path / "styles.json", "profile")
PLAY_STYLES_REPORT = Json(PROFILES.path / "play_styles.json", "profile")
SEGMENTS_REPORT = Json(Path("reports/segments.json"), "profile")
HEALTH = Folder(Path("data/health"), "health", holds_user_ids=True)
HEALTH_USERS = Table(
    HEALTH.path / "engagement.parquet", "health", holds_user_ids=True,
    schema=Schema({**_USER, "as_of": pl.Date(), "engagement": pl.Float64()}, others=None),
)  # fmt: skip
HEALTH_ACCOUNTS = Table(
    HEALTH.path / "accounts.parquet", "health", schema=Schema({"account": pl.String(), "as_of": pl.Date()}, others=None)
)  # fmt: skip
HEALTH_REPORT = Json(Path("reports/health.json"), "health")
CRM = Folder(Path("data/crm"), "score", holds_user_ids=True)
CRM_TABLE = Table(
    CRM.path / "list.parquet",
    "score",
    holds_user_ids=True,
    schema=Schema(
        {
            **_USER,
            "as_of": pl.Date(),
            "last_login_day": pl.Date(),
            "login_number": pl.Int32(),
            "silent_days": pl.Int64(),
            "rank": pl.Int64(),
            "episode": pl.Date(),
            "duty": pl.Boolean(),
        },
        others=(pl.Float64(), pl.String()),
    ),
)
CRM_EXPLAINED = Table(
    CRM.path / "explained.parquet", "score", holds_user_ids=True, schema=Schema(
        {**_LANDMARK, "probability": pl.Float64(), "duty": pl.Boolean()},
        others=(pl.Float64(), pl.Int32(), pl.String()),
    ),
)  # fmt: skip
CRM_BEYOND = Table(
    CRM.path / "beyond_horizon.parquet", "score", holds_user_ids=True, schema=Schema(
        {
            **_USER, **dict.fromkeys(("as_of", "last_login_day"), pl.Date()), "login_number": pl.Int32(),
            "silent_days": pl.Int64(), "churn_probability": pl.Float64(),
        }
    ),
)  # fmt: skip
CRM_FILE = Csv(CRM.path / "list.csv", "score", holds_user_ids=True)
CRM_CONSIDERED = Table(
    CRM.path / "considered.parquet", "score", holds_user_ids=True,
    schema=Schema({**_USER, "as_of": pl.Date()}, others=None),
)  # fmt: skip
CRM_CANDIDATES = Table(
    CRM.path / "candidates.parquet", "score", holds_user_ids=True,
    schema=Schema({**_USER, "as_of": pl.Date()}, others=None),
)  # fmt: skip
CRM_IMPORT = Folder(CRM.path / "lists", "score", holds_user_ids=True)
CRM_SUMMARY = Json(CRM.path / "summary.json", "score")
CAUSES_REPORT = Json(Path("reports/causes.json"), "score")
POLICY_REPORT = Json(Path("reports/policy.json"), "score")
BUSINESS_REPORT = Json(Path("reports/business.json"), "business")
BUSINESS_TABLE = Csv(Path("reports/business.csv"), "business")
_FIGURE: Final = {"period": pl.String(), "kpi": pl.String(), "value": pl.Float64()}
BUSINESS_ROWS = Table(Path("reports/business.parquet"), "business", schema=Schema(_FIGURE, others=None))
COHORTS_TABLE = Csv(Path("reports/cohorts.csv"), "business")
FADE_TABLE = Csv(Path("reports/fade.csv"), "business")
BUSINESS_AS_OF = Folder(Path("reports/business_as_of"), "")
DAILY_LISTS = Folder(Path("data/lists"), "", holds_user_ids=True)
WORKING = Folder(Path("data/.working"), "", holds_user_ids=True)
CAMPAIGN = Folder(Path("data/campaign"), "", holds_user_ids=True)
CAMPAIGN_EVENTS = Table(CAMPAIGN.path / "events.parquet", "", holds_user_ids=True)
CAMPAIGN_LOG = Table(CAMPAIGN.path / "log.parquet", "", holds_user_ids=True)
CAMPAIGN_TRUTH = Table(CAMPAIGN.path / "truth.parquet", "", holds_user_ids=True)
CAMPAIGN_SUMMARY = Json(CAMPAIGN.path / "summary.json", "")

# Reports for people

MODEL_CARD = Page(Path("reports/model_card.md"), "model_card")
REPORT_PAGE = Page(Path("reports/report.html"), "report")
JUDGE_REPORT = Json(Path("reports/judge.json"), "")
JUDGE_TABLE = Table(
    Path("reports/judge.parquet"),
    "",
    schema=Schema(
        {"week": pl.Date(), "play": pl.String(), "contact": pl.Int64(), "holdout": pl.Int64()},
        others=(pl.Int64(), pl.Float64()),
    ),
)
JUDGE_PAGE = Page(Path("reports/judge.html"), "")
MLFLOW_REPORT = Json(Path("reports/mlflow.json"), "track")
PROMOTION_REPORT = Json(Path("reports/promotion.json"), "track")

DATA_SETS: Final[tuple[DataSet, ...]] = (
    SIMULATED, SIMULATED_LOG, SIMULATED_STATE, FETCHED, TRUTH, EVENTS, ANONYMOUS, QUARANTINE, QUARANTINED_LINES,
    LOG_FACTS, INGEST_REPORT, EXTERNAL_CHECKED, EXTERNAL_USERS, EXTERNAL_REPORT, RATES, ACTIVITY, VISITS,
    ACTIVITY_REPORT, LOGINS, LANDMARKS, LISTED, DEFINITION_REPORT, RETURN_CURVE, READINESS_REPORT, MODEL,
    EVALUATED_MODEL, SCORING_MODEL, TEST_PREDICTIONS, LIST_PREDICTIONS, METRICS_REPORT, PLOTS, DRIFT_REPORT, PROFILES,
    PROFILE_TABLE, STYLES_REPORT, PLAY_STYLES_REPORT, SEGMENTS_REPORT, HEALTH, HEALTH_USERS, HEALTH_ACCOUNTS,
    HEALTH_REPORT, CRM, CRM_TABLE, CRM_EXPLAINED, CRM_BEYOND,
    CRM_FILE, CRM_CONSIDERED, CRM_CANDIDATES, CRM_IMPORT, CRM_SUMMARY, CAUSES_REPORT, POLICY_REPORT, BUSINESS_REPORT,
    BUSINESS_TABLE, BUSINESS_ROWS, COHORTS_TABLE, FADE_TABLE, BUSINESS_AS_OF, DAILY_LISTS,
    WORKING, CAMPAIGN, CAMPAIGN_EVENTS, CAMPAIGN_LOG, CAMPAIGN_TRUTH, CAMPAIGN_SUMMARY, MODEL_CARD, REPORT_PAGE,
    JUDGE_REPORT, JUDGE_TABLE, JUDGE_PAGE, MLFLOW_REPORT, PROMOTION_REPORT,
)  # fmt: skip

SHOWN: Final[dict[str, DataSet]] = {
    "CRM list": CRM_FILE,
    "Report": REPORT_PAGE,
    "Metrics": METRICS_REPORT,
    "MLflow": MLFLOW_REPORT,
}
"""What `lastlogin where` and the end of `make repro` show, in this order."""


def data_set_at(path: Path) -> DataSet | None:
    """The data set that is declared at `path`, if any."""
    return next((one for one in DATA_SETS if one.path == path), None)


def stage_that_writes(path: Path) -> str:
    """The stage that writes the file or folder `path`, below any root; empty when no stage does.

    Of data sets one in another, the inner one counts.
    """
    found = [one for one in DATA_SETS if one.stage and _is_within(path, one.path)]
    return max(found, key=lambda one: len(one.path.parts)).stage if found else ""


def _is_within(path: Path, declared: Path) -> bool:
    """Whether `path`, which begins with some root, is `declared` or below it."""
    length = len(declared.parts)
    return any(path.parts[at : at + length] == declared.parts for at in range(len(path.parts) - length + 1))


def data_sets_within(path: Path) -> list[DataSet]:
    """The data sets at and below `path`."""
    return [one for one in DATA_SETS if one.path == path or path in one.path.parents]
