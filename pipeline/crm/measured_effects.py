"""The effects of plays that `lastlogin judge` has measured, for the choice of a list.

Promise: a list uses no effect that was not known at the end of its day, and none of another log.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from models.targeting.measured import PlayEffect, without_effect
from pipeline.errors import InputError
from pipeline.storage.files import read_json

_NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class MeasuredEffects:
    """`plays`: the effect of each play with a verdict, by code. `until`: the day up to which they are known.

    `because`: whose effects they are, or why there are none.
    """

    because: str
    until: date | None = None
    plays: Mapping[str, PlayEffect] = field(default_factory=dict)

    @property
    def set_aside(self) -> dict[str, tuple[str, ...]]:
        """By play the risk bands in which contacts with it kept nobody, so that it is not used there."""
        return without_effect(self.plays)

    def as_json(self, used: list[str]) -> dict[str, Any]:
        """The entry of a report. `used`: the plays of the new episodes of a list."""
        return {
            "because": self.because,
            "until": None if self.until is None else self.until.isoformat(),
            "measured": {play: asdict(effect) for play, effect in self.plays.items()},
            "set_aside": {play: list(bands) for play, bands in self.set_aside.items()},
            "assumed": [play for play in used if play not in self.plays],
        }


def measured_effects(path: str | None, log: str, as_of: date) -> MeasuredEffects:
    """The effects in the report of `lastlogin judge` at `path`, for a list of the log `log` as of `as_of`.

    There are none without a path, without a file, from a report of another log, and from a report that knows what came
    after `as_of`. Raises InputError when the file is damaged.
    """
    if path is None:
        return MeasuredEffects("policy.effects is null")
    file = Path(path)
    if not file.exists():
        return MeasuredEffects(f"there is no {path}; lastlogin judge writes it")
    try:
        report = read_json(file)
        until = date.fromisoformat(report["until"])
        plays = {one["group"]: _effect(one) for one in report["groups"] if _has_verdict(one)}
        of_log = report.get("log")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: damaged, or no report of past lists: {error}.\n"
            "Make it again: lastlogin judge, or name another with policy.effects in params.yaml."
        ) from error
    if of_log != log:
        return MeasuredEffects(f"{path} is of the log {of_log}, not {log}")
    if until > as_of:
        return MeasuredEffects(f"{path} is of {until}, after the day of this list")
    if not plays:
        return MeasuredEffects(f"no play has a verdict in {path}, of {until}", until)
    return MeasuredEffects(f"plays with a verdict in {path}, of {until}", until, plays)


def _has_verdict(group: Mapping[str, Any]) -> bool:
    return (
        group["dimension"] == "play"
        and group["shrunk"] is not None
        and bool(group["verdict"]["says"] != _NOT_YET)
    )


def _effect(group: Mapping[str, Any]) -> PlayEffect:
    by_band = group.get("by_band", {})
    return PlayEffect(group["shrunk"]["value"], {band: one["value"] for band, one in by_band.items()})
