"""Decides once for each version whether it becomes champion, and keeps the decision with the version.

Importing it takes seconds, for it talks to MLflow: import it only where it is used.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pipeline.tracking.promotion import against_champion, first_decision, other_product, product_of
from pipeline.tracking.result import Result
from pipeline.tracking.runs import Tracked
from pipeline.tracking.store import Store
from pipeline.tracking.versions import (
    PROMOTION_TAG,
    TO_PROMOTE_TAG,
    aliases_of,
    carry_out,
    model_folder,
    note_decision,
    version_of,
)


def decide_promotion(store: Store, tracked: Tracked, result: Result) -> dict[str, Any]:
    """The decision on the version of `tracked`: the stored one, or else a new one.

    A later change of champion does not change it. Raises InputError when the store cannot be reached.
    """
    number = tracked.model_version
    if number is None:
        return {"promoted": False, "because": "the registry has no version of this run", "version": None}
    tags = version_of(store, number).tags
    if PROMOTION_TAG in tags:
        if TO_PROMOTE_TAG in tags:  # a process was killed in between
            carry_out(store, number)
        return dict(json.loads(tags[PROMOTION_TAG]))
    champion = aliases_of(store).champion
    decision = {
        **_decision(store, number, champion, result),
        "version": number,
        "champion_before": champion,
    }
    note_decision(store, tracked.run_id, number, decision)
    if not decision["promoted"]:
        sys.stderr.write(f"version {number} stays challenger: {decision['because']}\n")
    return decision


def _decision(store: Store, number: str, champion: str | None, result: Result) -> dict[str, Any]:
    if champion == number:
        return {"promoted": True, "because": "it is the champion already"}
    if champion is None:
        return first_decision(result.grade)
    product = product_of(Path(result.log.contract), result.churn)
    of_champion = dict(version_of(store, champion).tags)
    other = other_product(product, of_champion, champion, store.model_name)
    if other is not None:
        return other
    with tempfile.TemporaryDirectory() as folder:
        return against_champion(model_folder(store, champion, Path(folder)), result)
