"""The catalogue of features as rows: JSON for programs, a table or a page for people."""

from typing import Any

from rich.table import Table

from features.advice.actions import action_for, total_of
from features.catalogue.available import every_feature
from features.catalogue.silence import SILENCE
from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.define import Feature
from features.wording.sentences import generic_sentence
from pipeline.config.sections import Features
from pipeline.log.feature_set import features_in_use
from pipeline.reporting.markdown import code, escaped

HEADER = ("name", "dimension", "unit", "sentence", "actionable", "goal", "in_use")


def feature_rows(
    contract: Contract, chosen: Features, external: ExternalData | None = None
) -> list[dict[str, Any]]:
    """Each feature of the catalogue, and whether it is in use. Keys as in `HEADER`.

    A feature is in use if it is `chosen` and a log with this contract allows it. `external`: the external data of a
    run, if there was one.
    """
    in_use = {feature.name for feature in features_in_use(contract, chosen, external=external)}
    in_use |= {feature.name for feature in SILENCE}  # the list always has them
    return [
        {
            "name": feature.name,
            "dimension": feature.dimension,
            "unit": feature.unit,
            "sentence": generic_sentence(feature),
            "actionable": feature.actionable,
            "goal": _goal(feature),
            "in_use": feature.name in in_use,
        }
        for feature in (*every_feature(contract.sources(external=external)), *SILENCE)
    ]


def _goal(feature: Feature) -> str:
    """The action that a goal may ask for; "" if no single action improves the feature."""
    action = action_for(feature)
    grows = total_of(feature) is not None
    return "" if action is None or (grows and feature.worse != "low") else action.generic_words


def cells(row: dict[str, Any]) -> list[str]:
    """A row's values as a person reads them."""
    return [("yes" if value else "no") if isinstance(value, bool) else str(value) for value in row.values()]


def as_table(rows: list[dict[str, Any]]) -> Table:
    """The table of features for a terminal."""
    table = Table(*HEADER)
    for row in rows:
        table.add_row(*cells(row))
    return table


def as_markdown(rows: list[dict[str, Any]], contract: Contract) -> str:
    """A page with the table of features."""
    lines = [
        "# Features",
        "",
        f"What is known of a user at a login, for the log of {code(contract.name)} (`make docs` writes this page).",
        "In a sentence, `…` stands for this login's value, and what comes after \"usually\" for the user's own usual.",
        "A goal is the step that a user's goal may ask for. The dimension silence is for the list: it is known",
        "after the day of a login.",
        "Attributes of users, dated tables and calendars have features of their own: after a run, `lastlogin features`",
        "lists them too.",
        "",
        "| " + " | ".join(name.replace("_", " ") for name in HEADER) + " |",
        "|" + "---|" * len(HEADER),
        *("| " + " | ".join(map(escaped, cells(row))) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"
