"""A report of `lastlogin judge` with the effects of some plays."""

from collections.abc import Mapping
from datetime import date
from typing import Any


def judge_json(until: date, effects: Mapping[str, Mapping[str, Any]], log: str = "shop") -> dict[str, Any]:
    """The parts of `judge.json` that the choice reads. `effects`: by play `effect`, `by_band` and what it `says`."""
    return {
        "log": log,
        "until": until.isoformat(),
        "groups": [
            {
                "dimension": "play",
                "group": play,
                "shrunk": None if one["effect"] is None else {"value": one["effect"]},
                "by_band": {band: {"value": value} for band, value in one.get("by_band", {}).items()},
                "verdict": {"says": one.get("says", "no effect is seen"), "needs": 50},
            }
            for play, one in effects.items()
        ],
    }
