"""One user's card: the risk now, what raises and lowers it, what to do, and how the score went.

Promise: it shows what the stages wrote and the scoring model says, and it says of each score of the past
whether it was a forecast. What the stages did not write is absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from features.advice.causes import CAUSES
from features.define import DIMENSIONS
from models.learning.evidence import THIN
from models.learning.trained_model import TrainedModel
from models.targeting.risk import risk_band
from pipeline.config.params import RiskBands
from pipeline.errors import InputError
from pipeline.explanation.explain import CAUSE_COLUMNS, REASONS
from pipeline.storage.datasets import (
    ACTIVITY,
    CRM_FILE,
    CRM_TABLE,
    LOGINS,
    PROFILE_TABLE,
    SCORING_MODEL,
    STYLES_REPORT,
    TEST_PREDICTIONS,
)
from pipeline.storage.files import found_whole, read_json
from pipeline.storage.frames import bucket_file, buckets_in
from pipeline.storage.model_folder import load_model

_NEAR, _COMPARED = 3, 5_000
_WORDS = {
    "next_step": "next step", "play": "play", "goal_text": "goal", "style": "style", "style_before": "style before",
}  # fmt: skip
"""Columns of the profiles, and what the card calls them."""
_NEEDED = ("login_day", "login_number", "login_probability", *DIMENSIONS)
"""Columns without which there is no card."""
_LEAST_TOLD = 0.01


@dataclass(frozen=True, slots=True)
class DimensionBar:
    """One dimension: log-odds, points of probability, and percentile among peers; None where not told."""

    name: str
    log_odds: float
    points: float | None
    standing: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of one login; `churned` is None where that is not yet known.

    `forecast`: the model that gave the score had not learnt from this login.
    """

    login_day: date
    probability: float
    forecast: bool
    churned: bool | None


@dataclass(frozen=True, slots=True)
class UserCard:
    """What the card shows. `silent_days` is None when the user is not on the CRM list: then `risk` is the login's."""

    user_id: str
    login_day: date
    login_number: int
    login_probability: float
    risk: float
    band: str
    silent_days: int | None
    bars: tuple[DimensionBar, ...]
    reasons: tuple[str, ...]
    causes: tuple[str, ...]
    words: dict[str, str]
    history: tuple[Scored, ...]
    model_version: str

    @property
    def headline(self) -> str:
        """The risk in one sentence."""
        if self.silent_days is None:
            return f"{self.percent} risk at the last login: {self.band}{self.outcome}"
        days = f"{self.silent_days} day{'s' if self.silent_days > 1 else ''}"
        now = "today" if self.silent_days == 0 else f"{days} ago"
        return f"{self.percent} risk now: {self.band} (last login {now})"

    @property
    def outcome(self) -> str:
        """What became of the last login, where that is known: a low risk is no comfort for one who has left."""
        return " (churned since)" if self.history and self.history[-1].churned else ""

    @property
    def percent(self) -> str:
        """The risk as a person reads it: never quite 0 or 100 %."""
        if self.risk < _LEAST_TOLD:
            return "under 1%"
        return "over 99%" if self.risk > 1 - _LEAST_TOLD else f"{self.risk:.0%}"

    @property
    def history_note(self) -> str:
        """What the scores of the past are worth."""
        learnt = sum(not moment.forecast for moment in self.history)
        if not learnt:
            return "every score was made without knowing the outcome"
        if len(self.history) == 1:
            return "the score is of a login that the model has fitted on: no forecast"
        return (
            f"{learnt} of {len(self.history)} scores are of logins that the model has fitted on: no forecasts"
        )


def user_card(user_id: str, risk_bands: RiskBands, days: int, root: Path = Path()) -> UserCard:
    """The card of `user_id` from the files below `root`, with the scores of the last `days` days to its last login.

    Raises InputError when the user is unknown, has no login or none whose outcome is known yet, and when a file or
    the model cannot be used.
    """
    told = _profile(user_id, root)
    listed = _row_of(root / CRM_TABLE.path, user_id) or {}
    _refuse_unripe(user_id, root, on_list=bool(listed))
    trained = load_model(root / SCORING_MODEL.path)
    rate = told.get("evidence_rate")
    login_probability = told["login_probability"] if rate is None else rate  # as the CRM list has it
    risk = listed.get("churn_probability", login_probability)
    thin = told.get("evidence") == THIN
    band = (
        pl.select(p=pl.lit(risk)).select(risk_band("p", risk_bands.medium_from, risk_bands.high_from)).item()
    )
    return UserCard(
        user_id=user_id,
        login_day=told["login_day"],
        login_number=told["login_number"],
        login_probability=login_probability,
        risk=risk,
        band=listed.get("risk_band", band),
        silent_days=listed.get("silent_days"),
        bars=tuple(
            DimensionBar(name, told[name], told.get(f"points_{name}"), told.get(f"standing_{name}"))
            for name in DIMENSIONS
        ),
        reasons=() if thin else _said(told, [f"reason_{rank}_text" for rank in range(1, REASONS + 1)]),
        causes=() if thin else tuple(map(_cause, _said(told, CAUSE_COLUMNS))),
        words=_words(told, root, thin=thin),
        history=_history(user_id, trained, told["login_day"] - timedelta(days=days), root),
        model_version=trained.version,
    )


def near_ids(asked: str, users: pl.Series) -> list[str]:
    """Up to three ids of `users` that look like `asked`; of many, those that share its beginning or its end."""
    if users.len() > _COMPARED:
        half = (len(asked) + 1) // 2
        alike = users.str.starts_with(asked[:half]) | users.str.ends_with(asked[-half:])
        users = users.filter(alike).head(_COMPARED)
    return get_close_matches(asked, users.to_list(), n=_NEAR)


def _profile(user_id: str, root: Path) -> dict[str, Any]:
    """The row of the user's profile."""
    path = root / PROFILE_TABLE.path
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.\nMake the profiles: dvc repro profile")
    found = _row_of(path, user_id)
    if found is not None:
        lacking = [name for name in _NEEDED if name not in found]
        if lacking:
            raise InputError(
                f"{path}: has no column {', '.join(lacking)}: it was made by another version.\n"
                "Make the profiles again: dvc repro profile"
            )
        return found
    users = pl.read_parquet(path, columns=["user_id"])["user_id"]
    if _in_bucket(root / ACTIVITY.path, user_id, ["user_id"]).height:
        raise InputError(
            f"{path}: user {user_id!r} is in the log, but has no day that counts as a login.\n"
            f"Profiles are of the {users.len():,} users who have one: see presence in the log's contract, and "
            "log.warm_up_days."
        )
    near = near_ids(user_id, users)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "The ids are in its column user_id."
    raise InputError(f"{path}: no user {user_id!r} among {users.len():,}.\n{hint}")


def _refuse_unripe(user_id: str, root: Path, *, on_list: bool) -> None:
    """Raise InputError when the log ends before the outcome of any of the user's logins: nothing can be checked."""
    logins = _in_bucket(root / LOGINS.path, user_id, ["login_day", "ripe", "window_days"])
    if logins.is_empty() or logins["ripe"].any():
        return
    days: list[date] = logins["login_day"].sort().to_list()
    known: date = logins.select((pl.col("login_day") + pl.duration(days="window_days")).min()).item()
    score = f"The score is on the CRM list, {CRM_FILE.path}" if on_list else "No list has the user"
    raise InputError(
        f"{root / LOGINS.path}: user {user_id!r} has no ripe login: the log ends before the outcome of any of the "
        f"{len(days)} ({days[0]} to {days[-1]}).\n"
        f"The first is known at the end of {known}. {score}; ask for the card once the log reaches that day."
    )


def _words(told: Mapping[str, Any], root: Path, *, thin: bool) -> dict[str, str]:
    """What the card says in words, by what it calls it.

    A note that too little is known of the user comes first. Such a user has no goal: it would rest on the model's own
    number.
    """
    found = {called: str(told[name]) for name, called in _WORDS.items() if told.get(name) is not None}
    if thin:
        found.pop("goal", None)
    if told.get("goal_probability") is not None and "goal" in found:
        then, now = told["goal_probability"], told["login_probability"]
        digits = 0 if f"{then:.0%}" != f"{now:.0%}" else 1  # a step across the edge may be a small one
        found["goal"] += f" (risk at the login then: {then:.{digits}%} instead of {now:.{digits}%})"
    if thin and told.get("evidence_text"):
        found = {"evidence": str(told["evidence_text"])} | found
    if (root / STYLES_REPORT.path).is_file():
        with found_whole(root / STYLES_REPORT.path):
            says = {
                style["name"]: style.get("says") for style in read_json(root / STYLES_REPORT.path)["styles"]
            }
        about = says.get(told.get("style"))
        found |= {"such users": about} if about else {}
    return found


def _cause(code: str) -> str:
    """ "gets no further (STUCK)"."""
    says = next((cause.says for cause in CAUSES if cause.code == code), "")
    return f"{says} ({code})" if says else code


def _row_of(path: Path, user_id: str) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    with found_whole(path):
        rows = pl.scan_parquet(path).filter(pl.col("user_id") == user_id).collect()
    return rows.row(0, named=True) if rows.height else None


def _said(row: dict[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names if row.get(name) is not None)


def _history(user_id: str, trained: TrainedModel, since: date, root: Path) -> tuple[Scored, ...]:
    """The user's scores after `since`: the evaluated model's where it was tested, else the scoring model's."""
    rows = _in_bucket(root / LOGINS.path, user_id, ["login_day", "churned", "ripe", *trained.features])
    rows = rows.filter(pl.col("login_day") > since).sort("login_day")
    said = rows.select(
        "login_day", "churned", "ripe", pl.Series("fitted", trained.predict(rows), dtype=pl.Float64)
    )
    if (root / TEST_PREDICTIONS.path).is_file():
        tested = pl.scan_parquet(root / TEST_PREDICTIONS.path).filter(pl.col("user_id") == user_id)
        with found_whole(root / TEST_PREDICTIONS.path):
            tests = tested.select("login_day", tested="probability").collect()
        said = said.join(tests, on="login_day", how="left", maintain_order="left")
    else:
        said = said.with_columns(tested=pl.lit(None, dtype=pl.Float64))
    return tuple(
        Scored(
            login_day=row["login_day"],
            probability=row["fitted"] if row["tested"] is None else row["tested"],
            forecast=row["tested"] is not None or not row["ripe"],
            churned=row["churned"] if row["ripe"] else None,
        )
        for row in said.to_dicts()
    )


def _in_bucket(folder: Path, user_id: str, columns: Sequence[str]) -> pl.DataFrame:
    """The user's rows of a table kept in buckets: none where there is no such table."""
    if not folder.is_dir():
        return pl.DataFrame(schema=list(columns))
    parts = [
        pl.scan_parquet(bucket_file(folder, bucket), hive_partitioning=False)
        .filter(pl.col("user_id") == user_id)
        .select(columns)
        for bucket in buckets_in(folder)
    ]
    with found_whole(folder):
        return pl.concat(pl.collect_all(parts))
