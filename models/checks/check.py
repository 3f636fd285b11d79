"""What a check found: one form for whether a log is ready, and for whether it has drifted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Verdict = Literal["pass", "warn", "stop"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found; `advice` is empty when it passes."""

    check: str
    verdict: Verdict
    figures: Mapping[str, Any]
    says: str
    advice: str = field(default="")


def worst(checks: Iterable[Check]) -> Verdict:
    """The worst verdict of all; pass when there is none."""
    return max((check.verdict for check in checks), key=VERDICTS.index, default="pass")
