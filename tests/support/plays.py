"""Files of plays for tests: the project's own, and short ones with changes."""

from functools import cache
from typing import Any

import polars as pl
import yaml

from features.advice.conditions import Types
from features.advice.facts import FACTS
from features.advice.parse_plays import parse_plays
from features.advice.plays import Plays
from tests.support.paths import PLAYS_FILE

BENEFITS = yaml.safe_load(PLAYS_FILE.read_text("utf-8"))["benefits"]
PLAY: dict[str, Any] = {
    "code": "hint", "when": "cause = 'STUCK'", "cause": "STUCK", "says": {"en": "Give a hint"},
    "cool_down_days": 14, "offer_cost": 0, "accepts": 0.1, "duty": False,
}  # fmt: skip


@cache
def default_plays() -> Plays:
    """The plays of the project."""
    return parse_plays(yaml.safe_load(PLAYS_FILE.read_text("utf-8")), "plays.yaml", FACTS, "en")


def plays_of(*changes: dict[str, Any], known: Types = FACTS, language: str = "en", **top: Any) -> Plays:
    """A file with a play for each of `changes`."""
    raw = {"plays": [{**PLAY, **one} for one in changes], "benefits": BENEFITS, **top}
    return parse_plays(raw, "plays.yaml", known, language)


def facts_of(*users: dict[str, Any], **others: Any) -> pl.DataFrame:
    """`FACTS` of some users, null where nothing is given; `others`: more columns."""
    rows = [{name: user.get(name) for name in FACTS} for user in users]
    return pl.DataFrame(rows, schema=dict(FACTS)).with_columns(
        pl.Series(name, values) for name, values in others.items()
    )
