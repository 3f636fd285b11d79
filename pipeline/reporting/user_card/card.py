"""One user's card: the risk, what raises and lowers it, what to do, and past scores.

Promise: it shows the outputs of the stages and the predictions of the scoring model. Each past score is marked as a
forecast or not. What the stages did not write is absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from features.advice.causes import CAUSES
from features.define import DIMENSIONS, LIST_DIMENSIONS
from models.learning.evidence import THIN
from models.learning.trained_model import TrainedModel
from models.targeting.risk import risk_band
from pipeline.config.sections import RiskBands
from pipeline.crm.choice import CONTACT, EXCLUDED, HOLDOUT, WATCH
from pipeline.explanation.explain import CAUSE_COLUMNS, REASONS
from pipeline.reporting.user_card.lookup import profile_of, row_of, rows_of
from pipeline.storage.datasets import (
    CRM_EXPLAINED,
    CRM_TABLE,
    LOGINS,
    PLAY_STYLES_REPORT,
    SCORING_MODEL,
    STYLES_REPORT,
    TEST_PREDICTIONS,
)
from pipeline.storage.files import found_whole, read_json
from pipeline.storage.frames import scan_table
from pipeline.storage.model_folder import load_models

_WORDS = {
    "silence_text": "silence",
    "next_step": "next step", "play": "play", "goal_text": "goal", "style": "style", "style_before": "style before",
    "play_style": "play style", "play_style_before": "play style before",
}  # fmt: skip
"""Columns of the profiles, and what the card calls them."""
_STEP = ("play", "next_step", "goal_text")
_DECISIONS = {
    CONTACT: "contact",
    HOLDOUT: "do not contact: held out, to show what contact brings",
    WATCH: "do not contact for now: watch",
}
_LEAST_SHOWN = 0.01


@dataclass(frozen=True, slots=True)
class DimensionBar:
    """One dimension: log-odds, points of probability, and percentile among peers; None where they are not known."""

    name: str
    log_odds: float
    points: float | None
    standing: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of one login; `churned` is None where that is not yet known.

    `forecast`: the model that gave the score was not fitted on this login.
    """

    login_day: date
    probability: float
    forecast: bool
    churned: bool | None


@dataclass(frozen=True, slots=True)
class UserCard:
    """What the card shows.

    Of a user on the CRM list, risk, bars, reasons and steps are as of `as_of`, the list's day. Otherwise `as_of` and
    `silent_days` are None, and they are of the last login.
    """

    user_id: str
    login_day: date
    login_number: int
    login_probability: float
    risk: float
    band: str
    as_of: date | None
    silent_days: int | None
    base: float | None
    bars: tuple[DimensionBar, ...]
    reasons: tuple[str, ...]
    causes: tuple[str, ...]
    words: dict[str, str]
    history: tuple[Scored, ...]
    model_version: str

    @property
    def headline(self) -> str:
        """The risk in one sentence."""
        return f"{self.percent} risk {self.moment}: {self.band}{self.context}"

    @property
    def moment(self) -> str:
        """The moment that risk, bars and reasons speak of."""
        return "at the last login" if self.as_of is None else f"as of {self.as_of}"

    @property
    def context(self) -> str:
        """How long before the list's day the last login was; of a user who is not on the list, the outcome."""
        if self.silent_days is None:
            return self.outcome
        days = f"{self.silent_days} day{'s' if self.silent_days > 1 else ''} before"
        return f" (last login {'on that day' if self.silent_days == 0 else days})"

    @property
    def outcome(self) -> str:
        """The outcome of the last login, if known: a low risk means little for a user who has left."""
        return " (churned since)" if self.history and self.history[-1].churned else ""

    @property
    def on_list(self) -> tuple[date, float] | None:
        """The list's day and number, which end the history of a silent user; None without silence."""
        return (self.as_of, self.risk) if self.as_of is not None and self.silent_days else None

    @property
    def sum_note(self) -> str:
        """What the points of the bars start from; "" where they are not known."""
        if self.base is None:
            return ""
        return f"Points are added to {self.base:.0%}, the number of an average user. They add up to {self.percent}."

    @property
    def percent(self) -> str:
        """The risk as text, never 0% or 100%."""
        if self.risk < _LEAST_SHOWN:
            return "under 1%"
        return "over 99%" if self.risk > 1 - _LEAST_SHOWN else f"{self.risk:.0%}"

    @property
    def history_note(self) -> str:
        """How many of the past scores are forecasts."""
        fitted = sum(not moment.forecast for moment in self.history)
        if not fitted:
            return "no score was fitted on the outcome that it predicts"
        if len(self.history) == 1:
            return "the model was fitted on this login, so the score is not a forecast"
        return (
            f"{fitted} of {len(self.history)} scores are not forecasts: the model was fitted on these logins"
        )


def user_card(user_id: str, risk_bands: RiskBands, days: int, root: Path = Path()) -> UserCard:
    """The card of `user_id` from the files below `root`, with the scores of the last `days` days to its last login.

    Raises InputError when the user is unknown or has no login, and when a file or the model cannot be used.
    """
    profile = profile_of(user_id, root)
    listed = row_of(root / CRM_TABLE.path, user_id) or {}
    models = load_models(root / SCORING_MODEL.path)
    of_list = row_of(root / CRM_EXPLAINED.path, user_id) if listed else None
    explained = {**profile, **(of_list or {})}  # of a listed user, all but the style is as of the list's day
    rate = profile.get("evidence_rate")
    login_probability = profile["login_probability"] if rate is None else rate  # as the CRM list has it
    risk = listed.get("churn_probability", login_probability)
    thin = profile.get("evidence") == THIN and listed.get("silent_days", 0) == 0
    band = (
        pl.select(p=pl.lit(risk)).select(risk_band("p", risk_bands.medium_from, risk_bands.high_from)).item()
    )
    return UserCard(
        user_id=user_id,
        login_day=profile["login_day"],
        login_number=profile["login_number"],
        login_probability=login_probability,
        risk=risk,
        band=listed.get("risk_band", band),
        as_of=listed.get("as_of"),
        silent_days=listed.get("silent_days"),
        base=explained.get("base_probability"),
        bars=tuple(
            DimensionBar(
                name, explained[name], explained.get(f"points_{name}"), explained.get(f"standing_{name}")
            )
            for name in (DIMENSIONS if of_list is None else LIST_DIMENSIONS)
        ),
        reasons=() if thin else _texts(explained, [f"reason_{rank}_text" for rank in range(1, REASONS + 1)]),
        causes=() if thin else tuple(map(_cause, _texts(explained, CAUSE_COLUMNS))),
        words=_decision(listed) | _words(_without_step(explained, listed), root, thin=thin),
        history=_history(user_id, models.login, profile["login_day"] - timedelta(days=days), root),
        model_version=models.version,
    )


def _decision(listed: Mapping[str, Any]) -> dict[str, str]:
    """What the list decides for the user; nothing for a user who is not on it."""
    if not listed:
        return {}
    if listed["action"] == EXCLUDED:
        return {"decision": f"do not contact: excluded by {listed['excluded_by']}"}
    return {"decision": _DECISIONS[listed["action"]]}


def _without_step(explained: Mapping[str, Any], listed: Mapping[str, Any]) -> dict[str, Any]:
    """`explained` without play, step and goal if the list does not have the user contacted."""
    kept = not listed or listed["action"] == CONTACT
    return {name: value for name, value in explained.items() if kept or name not in _STEP}


def _words(profile: Mapping[str, Any], root: Path, *, thin: bool) -> dict[str, str]:
    """The texts of the card, by label.

    A note on thin evidence comes first. Such a user has no goal, since a goal rests on the model's probability.
    """
    words = {called: str(profile[name]) for name, called in _WORDS.items() if profile.get(name) is not None}
    if thin:
        words.pop("goal", None)
    if profile.get("goal_probability") is not None and "goal" in words:
        then, now = profile["goal_probability"], profile["goal_instead_of"]
        digits = 0 if f"{then:.0%}" != f"{now:.0%}" else 1  # a goal of half a point is a goal
        words["goal"] += f" (risk at that login: {then:.{digits}%} instead of {now:.{digits}%})"
    if thin and profile.get("evidence_text"):
        words = {"evidence": str(profile["evidence_text"])} | words
    if profile.get("play_style") is None and profile.get("play_style_text"):
        words["play style"] = f"not known: {profile['play_style_text']}"
    for report, column, called in (
        (STYLES_REPORT, "style", "such users"), (PLAY_STYLES_REPORT, "play_style", "such play"),
    ):  # fmt: skip
        about = _says(root / report.path, profile.get(column))
        words |= {called: about.removeprefix("What they do: ")} if about else {}
    return words


def _says(report: Path, style: str | None) -> str | None:
    """What `report`, if it is there, says of the users of this style."""
    if not report.is_file():
        return None
    with found_whole(report):
        texts = {one["name"]: one.get("says") for one in read_json(report)["styles"]}
    return texts.get(style)


def _cause(code: str) -> str:
    """ "makes no progress (STUCK)"."""
    says = next((cause.says for cause in CAUSES if cause.code == code), "")
    return f"{says} ({code})" if says else code


def _texts(row: dict[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names if row.get(name) is not None)


def _history(user_id: str, trained: TrainedModel, since: date, root: Path) -> tuple[Scored, ...]:
    """The user's scores after `since`: of the evaluated model on test rows, else of the scoring model."""
    rows = rows_of(root / LOGINS.path, user_id, ["login_day", "churned", "ripe", *trained.features])
    rows = rows.filter(pl.col("login_day") > since).sort("login_day")
    scores = rows.select(
        "login_day", "churned", "ripe", pl.Series("fitted", trained.predict(rows), dtype=pl.Float64)
    )
    if (root / TEST_PREDICTIONS.path).is_file():
        tested = scan_table(root / TEST_PREDICTIONS.path).filter(pl.col("user_id") == user_id)
        with found_whole(root / TEST_PREDICTIONS.path):
            tests = tested.select("login_day", tested="probability").collect()
        scores = scores.join(tests, on="login_day", how="left", maintain_order="left")
    else:
        scores = scores.with_columns(tested=pl.lit(None, dtype=pl.Float64))
    return tuple(
        Scored(
            login_day=row["login_day"],
            probability=row["fitted"] if row["tested"] is None else row["tested"],
            forecast=row["tested"] is not None or not row["ripe"],
            churned=row["churned"] if row["ripe"] else None,
        )
        for row in scores.to_dicts()
    )
