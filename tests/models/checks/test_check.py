"""A verdict is the worst of its checks."""

import pytest

from models.checks.check import Check, Verdict, not_passed, verdict_of, worst


def check(name: str, verdict: Verdict) -> Check:
    return Check(name, verdict, {"rows": 3}, "A sentence.", "" if verdict == "pass" else "Advice.")


CHECKS = [check("a", "warn"), check("b", "pass"), check("c", "stop"), check("d", "warn")]


def test_the_worst_verdict_counts() -> None:
    assert worst(CHECKS) == "stop"
    assert worst(CHECKS[:2]) == "warn"
    assert worst([]) == "pass"


def test_what_stops_is_said_first_and_what_passes_is_not_said() -> None:
    assert [one.name for one in not_passed(CHECKS)] == ["c", "a", "d"]


@pytest.mark.parametrize(
    ("warn", "stop", "verdict"),
    [(False, False, "pass"), (True, False, "warn"), (True, True, "stop"), (False, True, "stop")],
)
def test_stop_outweighs_warn(*, warn: bool, stop: bool, verdict: str) -> None:
    assert verdict_of(warn=warn, stop=stop) == verdict


def test_a_report_keeps_its_keys() -> None:
    assert check("classes", "warn").as_json() == {
        "check": "classes", "verdict": "warn", "figures": {"rows": 3}, "says": "A sentence.", "advice": "Advice.",
    }  # fmt: skip
