"""Drift: do the logins to be scored look like those that the model was fitted on, and is it still good?

Promise: every login is compared once, as it was at the login.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from features.define import Feature
from features.external.attributes import is_attribute
from models.checks.check import Check, Verdict, not_passed, verdict_of, worst
from models.checks.drift import Floats, References, Shift, effective_users, shift_of
from models.learning.split import still_open
from models.learning.trained_model import TrainedModel
from models.metrics.bootstrap import Bootstrap, qualities
from models.metrics.expected_performance import expected_and_observed, expected_performance
from models.rows import labels
from pipeline.config.sections import Drift
from pipeline.log.facts import LogFacts

_NAMED = 5
_AUC_SLACK = 0.02  # calibration on a later period is never exact
_BOOTSTRAP = Bootstrap(200, 1)
_TRAIN = "train again (dvc repro)"
_ADVICE = {
    "score": f"Look first at the features that have drifted. If the log is right, {_TRAIN}.",
    "features_moved": "Compare these values with those of training: units, time zone, missing days, doubled lines. "
    f"If the change is real, {_TRAIN}.",
    "features_gone": "Check that the export still has the columns and kinds of event behind them. Without them, "
    f"{_TRAIN}.",
    "kinds": "If a kind was renamed, give it the old name in the export or in the contract's derive. If it is new, "
    f"put it into a group of the contract and {_TRAIN}.",
    "columns": f"Add what is missing to the export. Without it, {_TRAIN}.",
    "outcomes": f"For a model of the newer logins, {_TRAIN}, and make it the champion if it is better (lastlogin "
    "promote).",
}
"""What to do when a check warns or stops."""


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The checks of a log against a model, and the figures behind them as drift.json holds them."""

    checks: tuple[Check, ...]
    figures: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """What drift.json says: the verdict, why, what to do about each reason, and the figures."""
        found = not_passed(self.checks)
        return {
            "verdict": worst(self.checks),
            "because": [check.sentence for check in found],
            "advice": [check.advice for check in found],
            **self.figures,
        }


def of_the_day(features: Sequence[Feature]) -> frozenset[str]:
    """The features of the day and not of the user: the dimension context without users' attributes.

    They move with the season and the service, which is no fault of a log.
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
) -> DriftReport:
    """The drift of login rows against a model. Those of `rows` whose window is still open are scored.

    Features of the `calendar` are listed separately. The checks report them when they are gone, but not when they
    move.
    """
    scored = rows.filter(still_open(rows))
    probability, users = trained.predict(scored), scored["user_id"].n_unique()
    score, shifts = _shifts(scored, probability, references)
    features = {name: shift for name, shift in shifts.items() if name not in calendar}
    gone = [name for name in references.features if shifts[name].gone]
    ripened = _ripened(trained, rows)
    expected = expected_performance(scored["user_id"], probability, _BOOTSTRAP)
    of_rows = [check_score(score, drift), check_moved(features, drift), check_gone(gone, len(shifts), drift)]
    kinds, columns = (
        check_kinds(facts.kinds, references.kinds, drift),
        check_columns(facts.tells, references.tells),
    )
    of_outcomes = [] if ripened is None else [check_outcomes(ripened)]
    figures = {
        "model_version": trained.version,
        "rows": scored.height,
        "users": users,
        "score": asdict(score),
        "features_moved": _moved(features, drift),
        "features_gone": gone,
        "missing_columns": columns.figures["missing"],
        "unseen_kinds": kinds.figures,
        "expected": {name: asdict(found) for name, found in expected.items()},
        "ripened": ripened,
        "features": {name: asdict(shift) for name, shift in features.items()},
        "calendar": {name: asdict(shift) for name, shift in shifts.items() if name in calendar},
    }
    return DriftReport((*(of_rows if scored.height else []), kinds, columns, *of_outcomes), figures)


def check_score(score: Shift, drift: Drift) -> Check:
    """Whether the probabilities have moved."""
    return _check(
        "score",
        verdict_of(warn=score.exceeds(drift.psi_warn), stop=score.exceeds(drift.psi_stop)),
        {"score": score},
        f"the probabilities have drifted: stability index {score.psi:.2f}, usual {score.usual_psi:.2f}",
    )


def check_moved(features: Mapping[str, Shift], drift: Drift) -> Check:
    """Which features have moved, the largest shift first."""
    moved = _moved(features, drift)
    return _check(
        "features_moved",
        verdict_of(warn=bool(moved)),
        {"moved": moved},
        f"{len(moved)} of {len(features)} features have drifted: {_some(moved)}",
    )


def check_gone(gone: Sequence[str], features: int, drift: Drift) -> Check:
    """Whether features have no value any more."""
    return _check(
        "features_gone",
        verdict_of(warn=bool(gone), stop=len(gone) > drift.gone_stop * features),
        {"gone": gone},
        f"{len(gone)} of {features} features no longer have a value: {_some(gone)}",
    )


def check_kinds(kinds: Mapping[str, int], known: Collection[str], drift: Drift) -> Check:
    """The share of the log's events (`kinds`) of a kind that training did not have (`known`)."""
    unseen = {kind: count for kind, count in kinds.items() if kind not in known}
    share = sum(unseen.values()) / max(1, sum(kinds.values()))
    return _check(
        "kinds",
        verdict_of(
            warn=bool(known) and share > drift.unseen_warn, stop=bool(known) and share > drift.unseen_stop
        ),
        {"share": share, "kinds": unseen},
        f"{share:.1%} of the events are of kinds that training did not have: {_some(list(unseen))}",
    )


def check_columns(columns: Collection[str], known: Collection[str]) -> Check:
    """Which columns of training (`known`) the log does not have any more."""
    missing = sorted(set(known) - set(columns))
    return _check(
        "columns",
        verdict_of(warn=bool(missing)),
        {"missing": missing},
        f"the log no longer has {_some(missing)}, as it had in training",
    )


def check_outcomes(ripened: Mapping[str, Any]) -> Check:
    """Whether the model ranked later logins with known outcomes as well as expected."""
    auc = ripened["expected"]["auc"]
    observed, expected, high = auc["observed"]["value"], auc["expected"]["value"], auc["difference"]["high"]
    return _check(
        "outcomes",
        verdict_of(warn=high is not None and high < -_AUC_SLACK),
        ripened,
        f"on later logins, AUC is {observed or 0:.3f}, and {expected or 0:.3f} was expected",
    )


def _check(name: str, verdict: Verdict, figures: Mapping[str, Any], sentence: str) -> Check:
    """The check, with advice unless it passes."""
    return Check(name, verdict, figures, sentence, "" if verdict == "pass" else _ADVICE[name])


def _ripened(trained: TrainedModel, rows: pl.DataFrame) -> dict[str, Any] | None:
    """Expected and true quality on logins with known outcomes after the model's data ended.

    None when there is no such login: the model is as new as the log.
    """
    since = rows.filter(pl.col("ripe") & (pl.col("login_day") > trained.card.data_end))
    if since.is_empty():
        return None
    users, churned, probability = since["user_id"], labels(since), trained.predict(since)
    truth = qualities(users, churned, probability, _BOOTSTRAP)
    expected = expected_and_observed(users, churned, probability, _BOOTSTRAP)
    names = ("auc", "log_loss", "base_rate", "calibration_error", "rows", "users")
    return {
        "from": since["login_day"].min(),
        "to": since["login_day"].max(),
        "expected": {
            name: {part: asdict(found) for part, found in parts.items()} for name, parts in expected.items()
        },
        "truth": {name: asdict(truth[name]) for name in names},
    }


def _shifts(
    scored: pl.DataFrame, probability: Floats, references: References
) -> tuple[Shift, dict[str, Shift]]:
    """The shift of the probabilities, and of each feature, the largest first."""
    users = effective_users(scored["user_id"])
    periods, steps = references.periods, references.periods.steps_to(scored)
    score_steps = references.score_periods.steps_to(scored)
    score = shift_of(probability, references.score, references.score_periods, score_steps, users)
    shifts = {
        name: shift_of(scored[name].cast(pl.Float32).to_numpy(), reference, periods, steps, users)
        for name, reference in references.features.items()
    }
    return score, _by_size(shifts)


def _by_size(shifts: Mapping[str, Shift]) -> dict[str, Shift]:
    """`shifts`, the largest first."""
    return dict(sorted(shifts.items(), key=lambda item: (-item[1].psi, item[0])))


def _moved(features: Mapping[str, Shift], drift: Drift) -> list[str]:
    return [name for name, shift in features.items() if shift.exceeds(drift.psi_warn)]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
