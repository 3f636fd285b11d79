"""The result of one check of readiness or drift."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Verdict = Literal["pass", "warn", "stop"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Check:
    """A check's verdict, the figures behind it, one sentence, and advice (empty when it passes)."""

    name: str
    verdict: Verdict
    figures: Mapping[str, Any]
    sentence: str
    advice: str = field(default="")

    def as_json(self) -> dict[str, Any]:
        """The check as readiness.json holds it."""
        return {
            "check": self.name,
            "verdict": self.verdict,
            "figures": self.figures,
            "says": self.sentence,
            "advice": self.advice,
        }


def worst(checks: Iterable[Check]) -> Verdict:
    """The worst verdict; pass without checks."""
    return max((check.verdict for check in checks), key=VERDICTS.index, default="pass")


def verdict_of(*, warn: bool, stop: bool = False) -> Verdict:
    """Stop where `stop` holds, else warn where `warn` does, else pass."""
    return "stop" if stop else "warn" if warn else "pass"


def not_passed(checks: Iterable[Check]) -> list[Check]:
    """The checks that warn or stop: those that stop come first, the order is kept otherwise."""
    open_checks = [check for check in checks if check.verdict != "pass"]
    return sorted(open_checks, key=lambda check: -VERDICTS.index(check.verdict))
