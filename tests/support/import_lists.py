"""Candidates for the lists for import, and texts for them."""

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import yaml

from features.advice.conditions import Types
from features.advice.facts import FACTS, nps_group
from features.advice.list_facts import LIST_FACTS
from features.advice.list_texts import ListTexts, parse_list_texts
from pipeline.config.import_lists import ImportLists
from pipeline.config.params import load_params
from pipeline.crm.lists.facts.user_facts import SCHEMA
from tests.support.paths import LIST_TEXTS_FILE, PARAMS_FILE

AS_OF = date(2022, 3, 31)
KNOWN: Types = {**FACTS, **LIST_FACTS}
TYPES = {
    **KNOWN, **SCHEMA, "as_of": pl.Date, "churned": pl.Boolean, "lowest_plan": pl.Boolean,
    "return_probability": pl.Float64, "last_login_day": pl.Date, "churn_probability": pl.Float64,
}  # fmt: skip


@cache
def asked() -> ImportLists:
    """The section of params.yaml."""
    return load_params(PARAMS_FILE).import_lists


def raw_texts() -> dict[str, Any]:
    """The project's own file of texts, parsed."""
    raw: dict[str, Any] = yaml.safe_load(LIST_TEXTS_FILE.read_text("utf-8"))
    return raw


def default_texts(language: str = "en") -> ListTexts:
    """The texts of the project."""
    return parse_list_texts(raw_texts(), "lists.yaml", KNOWN, language)


def facts_of(*users: dict[str, Any]) -> pl.DataFrame:
    """Facts of listed users of the low band, null where nothing is given. `churned`: a user who has left."""
    rows = []
    for number, user in enumerate(users):
        known: dict[str, Any] = dict.fromkeys(TYPES) | {
            "user_id": f"u{number}",
            "as_of": AS_OF,
            "request_open": False,
        }
        known |= {"churned": False} if user.get("churned") else {"churned": False, "risk_band": "low"}
        rows.append(known | user)
    frame = pl.DataFrame(rows, schema=TYPES, orient="row")
    return frame.with_columns(nps_group=nps_group(pl.col("score_last")))
