"""Do the logins to be scored look like those that the model learnt from, and does the model still hold?

Promise: like is compared with like, logins as they were at the login, each login once."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import polars as pl

from features.define import Feature
from features.external.attributes import is_attribute
from models.checks.drift import References, Shift, shift_of
from models.learning.trained_model import TrainedModel
from models.metrics.bootstrap import Bootstrap, qualities
from models.metrics.expected_performance import expected_performance
from models.rows import labels
from pipeline.config.params import Drift
from pipeline.log.facts import LogFacts

Verdict = Literal["pass", "warn", "stop"]


_NAMED = 5


_AUC_SLACK = 0.02  # calibration on a later period is never exact


_BOOTSTRAP = Bootstrap(200, 1)


@dataclass(slots=True)
class _Findings:
    """What speaks for a warning, and what for a stop."""

    warnings: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)

    def add(self, *, warn: bool, stop: bool, saying: str) -> None:
        """`saying` goes to where it belongs, or nowhere."""
        if stop:
            self.stops.append(saying)
        elif warn:
            self.warnings.append(saying)

    @property
    def verdict(self) -> Verdict:
        return "stop" if self.stops else "warn" if self.warnings else "pass"


def of_the_day(features: Sequence[Feature]) -> frozenset[str]:
    """The features of the day and not of the user: the dimension context but for users' attributes.

    They move by themselves, with the season and the service, and say nothing against a log.
    """
    context = (feature for feature in features if feature.dimension == "context")
    return frozenset(feature.name for feature in context if not is_attribute(feature))


def drift_of(
    drift: Drift,
    trained: TrainedModel,
    references: References,
    rows: pl.DataFrame,
    facts: LogFacts,
    calendar: Collection[str],
) -> dict[str, Any]:
    """What drift.json says. `rows`: all login rows; the unripe ones are those that are scored.

    Features of the `calendar` are listed apart: that they move is no finding, that they are gone is one.
    """
    scored = rows.filter(~pl.col("ripe"))
    probability, users = trained.predict(scored), scored["user_id"].n_unique()
    score = shift_of(probability, references.score, references.users, users)
    shifts = {
        name: shift_of(scored[name].cast(pl.Float32).to_numpy(), reference, references.users, users)
        for name, reference in references.features.items()
    }
    features = {name: shift for name, shift in shifts.items() if name not in calendar}
    gone = [name for name, shift in shifts.items() if shift.gone]
    unseen = {kind: count for kind, count in facts.kinds.items() if kind not in references.kinds}
    share = sum(unseen.values()) / max(1, sum(facts.kinds.values()))
    missing = sorted(set(references.tells) - facts.tells)
    findings = _Findings()
    if scored.height:
        _judge_shifts(findings, drift, score, features)
        findings.add(
            warn=bool(gone),
            stop=len(gone) > drift.gone_stop * len(shifts),
            saying=f"{len(gone)} of {len(shifts)} features have no value any more: {_some(gone)}",
        )
    findings.add(
        warn=bool(references.kinds) and share > drift.unseen_warn,
        stop=bool(references.kinds) and share > drift.unseen_stop,
        saying=f"{share:.1%} of the events are of kinds that training had not: {_some(list(unseen))}",
    )
    findings.add(
        warn=bool(missing),
        stop=False,
        saying=f"the log no longer tells {_some(missing)}, as it did in training",
    )
    ripened = _ripened(trained, rows)
    if ripened is not None:
        said, auc = ripened["expected"]["auc"], ripened["truth"]["auc"]
        findings.add(
            warn=auc.high is not None and auc.high < said - _AUC_SLACK,
            stop=False,
            saying=f"on logins since, AUC is {auc.value or 0:.3f} where {said:.3f} was expected",
        )
    return {
        "verdict": findings.verdict,
        "because": findings.stops + findings.warnings,
        "model_version": trained.version,
        "rows": scored.height,
        "users": users,
        "score": asdict(score),
        "features_moved": [name for name in _by_size(features) if features[name].exceeds(drift.psi_warn)],
        "features_gone": gone,
        "missing_columns": missing,
        "unseen_kinds": {"share": share, "kinds": unseen},
        "expected": expected_performance(probability),
        "ripened": ripened,
        "features": {name: asdict(features[name]) for name in _by_size(features)},
        "calendar": {name: asdict(shifts[name]) for name in _by_size(shifts) if name in calendar},
    }


def _judge_shifts(findings: _Findings, drift: Drift, score: Shift, features: dict[str, Shift]) -> None:
    findings.add(
        warn=score.exceeds(drift.psi_warn),
        stop=score.exceeds(drift.psi_stop),
        saying=f"the probabilities have moved: stability index {score.psi:.2f}, usual {score.usual_psi:.2f}",
    )
    moved = [name for name in _by_size(features) if features[name].exceeds(drift.psi_warn)]
    findings.add(
        warn=bool(moved),
        stop=False,
        saying=f"{len(moved)} of {len(features)} features have moved: {_some(moved)}",
    )


def _ripened(trained: TrainedModel, rows: pl.DataFrame) -> dict[str, Any] | None:
    """What was expected of logins after the model's data ended whose outcome is known by now, and the truth.

    None where there are none: then the model is as new as the log.
    """
    since = rows.filter(pl.col("ripe") & (pl.col("login_day") > trained.card.data_end))
    if since.is_empty():
        return None
    probability = trained.predict(since)
    truth = qualities(since["user_id"], labels(since), probability, _BOOTSTRAP)
    names = ("auc", "log_loss", "base_rate", "calibration_error", "rows", "users")
    return {
        "from": since["login_day"].min(),
        "to": since["login_day"].max(),
        "expected": expected_performance(probability),
        "truth": {name: truth[name] for name in names},
    }


def _by_size(features: dict[str, Shift]) -> list[str]:
    return sorted(features, key=lambda name: (-features[name].psi, name))


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
