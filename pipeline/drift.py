"""Stage `drift`: do the logins to be scored look like those the model learnt from, and does it still hold?

Promise: like is compared with like, logins as they were at the login, each login once. What the stage finds
is written with a verdict; `lastlogin score` refuses to write a list at `stop`, the stage itself only says so.
"""

import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from features.attributes import attribute_features
from features.define import Feature
from features.told import Outside
from models.classifier import labels
from models.drift import Norms, Shift, shift_of
from models.expected import expected_qualities
from models.intervals import Bootstrap, qualities
from models.trained import Card, TrainedModel
from pipeline.contracts import load_contract
from pipeline.features_in_use import features_of_model
from pipeline.learning import read_rows
from pipeline.log_facts import log_tells
from pipeline.model_store import load_model, load_norms
from pipeline.outside_told import read_told
from pipeline.params import Drift, Log
from pipeline.stage import In, Out, main
from pipeline.storage import write_json

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


def run(
    log: Log,
    drift: Drift,
    model: In = Path("data/model/scoring"),
    logins: In = Path("data/logins"),
    ingest_report: In = Path("reports/ingest.json"),
    drift_report: Out = Path("reports/drift.json"),
    outside_report: In = Path("reports/outside.json"),
) -> None:
    """Write `drift.json`: verdict, why, and the figures behind it."""
    trained, told = load_model(model), read_told(outside_report)
    features = features_of_model(trained.features, load_contract(Path(log.contract)), told)
    calendar = of_the_day(features, told)
    found = drift_of(drift, trained, load_norms(model), read_rows(logins), ingest_report, calendar)
    write_json(found, drift_report)
    if found["verdict"] != "pass":
        sys.stderr.write(f"drift: {found['verdict']}: {'; '.join(found['because'])}\n")


def of_the_day(features: Sequence[Feature], told: Outside) -> frozenset[str]:
    """The features that tell of the day and not of the user: the dimension context but for users' attributes.

    They move by themselves, with the season and the service, and say nothing against a log.
    """
    of_users = {feature.name for feature in attribute_features(told)}
    return frozenset(
        feature.name
        for feature in features
        if feature.dimension == "context" and feature.name not in of_users
    )


def drift_of(
    drift: Drift,
    trained: TrainedModel,
    norms: Norms,
    rows: pl.DataFrame,
    ingest_report: Path,
    calendar: Collection[str],
) -> dict[str, Any]:
    """What drift.json says. `rows`: all login rows; the unripe ones are those that are scored.

    Features of the `calendar` are listed apart: that they move is no finding, that they are gone is one.
    """
    scored = rows.filter(~pl.col("ripe"))
    probability, users = trained.predict(scored), scored["user_id"].n_unique()
    score = shift_of(probability, norms.score, norms.users, users)
    shifts = {
        name: shift_of(scored[name].cast(pl.Float32).to_numpy(), norm, norms.users, users)
        for name, norm in norms.features.items()
    }
    features = {name: shift for name, shift in shifts.items() if name not in calendar}
    gone = [name for name, shift in shifts.items() if shift.gone]
    kinds, tells = log_tells(ingest_report)
    unseen = {kind: count for kind, count in kinds.items() if kind not in norms.kinds}
    share = sum(unseen.values()) / max(1, sum(kinds.values()))
    missing = sorted(set(norms.tells) - set(tells))
    findings = _Findings()
    if scored.height:
        _judge_shifts(findings, drift, score, features)
        findings.add(
            warn=bool(gone),
            stop=len(gone) > drift.gone_stop * len(shifts),
            saying=f"{len(gone)} of {len(shifts)} features have no value any more: {_some(gone)}",
        )
    findings.add(
        warn=bool(norms.kinds) and share > drift.unseen_warn,
        stop=bool(norms.kinds) and share > drift.unseen_stop,
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
            warn=auc["high"] is not None and auc["high"] < said - _AUC_SLACK,
            stop=False,
            saying=f"on logins since, AUC is {auc['value'] or 0:.3f} where {said:.3f} was expected",
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
        "expected": expected_qualities(probability),
        "ripened": ripened,
        "features": {name: asdict(features[name]) for name in _by_size(features)},
        "calendar": {name: asdict(shifts[name]) for name in _by_size(shifts) if name in calendar},
    }


def data_end(card: Card) -> date:
    """The last day that the model's labels have looked at."""
    return card.trained_to + timedelta(days=card.churn.longest_days)


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
    since = rows.filter(pl.col("ripe") & (pl.col("login_day") > data_end(trained.card)))
    if since.is_empty():
        return None
    probability = trained.predict(since)
    truth = qualities(since["user_id"], labels(since), probability, _BOOTSTRAP)
    names = ("auc", "log_loss", "base_rate", "calibration_error", "rows", "users")
    return {
        "from": since["login_day"].min(),
        "to": since["login_day"].max(),
        "expected": expected_qualities(probability),
        "truth": {name: truth[name] for name in names},
    }


def _by_size(features: dict[str, Shift]) -> list[str]:
    return sorted(features, key=lambda name: (-features[name].psi, name))


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


if __name__ == "__main__":
    main(run)
