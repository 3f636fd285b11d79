"""`lastlogin tune`: better settings of the classifier, searched on the training range, written into params.yaml.

Promise: the search never uses the test period. It is stored in `tune.db` at the DVC root, and a later call continues
it. params.yaml changes only when the best settings are surely better than the present ones, on an origin that the
search did not use.
"""

import os
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from models.learning.booster import Settings
from models.learning.split import TimeSplit, within
from models.learning.tuning import origin_losses
from models.metrics.bootstrap import Bootstrap, Interval, mean_with_interval
from pipeline.config.sections import Params
from pipeline.errors import InputError
from pipeline.learning.dataset import features_of_rows, periods_of, read_rows, settings_of
from pipeline.storage.datasets import LOGINS
from pipeline.storage.digests import digest_of
from pipeline.storage.files import read_text, write_text
from pipeline.tracking.registry import store_in_use

if TYPE_CHECKING:
    import optuna

_RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (0.01, 0.1), "leaves": (4, 64), "feature_fraction": (0.2, 0.9), "l2": (0.1, 100.0),
}  # fmt: skip
_FREE_TRIALS = 5  # before any is pruned


def search(params: Params, params_file: Path, trials: int, hours: float | None) -> str:
    """Continue the search up to `trials` trials, or for `hours`. Returns the outcome in words.

    Each trial fits at every inner origin but the last, and is pruned when its mean log loss lies above the
    median of the earlier trials (Golovin et al. 2017, "Google Vizier", section 3.2); Optuna's TPE proposes.
    The last origin confirms. Raises InputError when there are not two origins.
    """
    if not LOGINS.path.is_dir():
        raise InputError(f"{LOGINS.path}: no such input.\nRun the stage that writes it: dvc repro logins")
    rows = read_rows(LOGINS.path)
    names = tuple(feature.name for feature in features_of_rows(LOGINS.path))
    periods = periods_of(rows, params.label, params.split)
    if len(periods.origins) < 2:
        raise InputError(
            f"split.origins: {len(periods.origins)} inner origins hold split.min_rows = {params.split.min_rows} "
            "rows of each class.\nA search needs two: one to choose by, one to confirm.\n"
            "Take a longer log, a shorter label.horizon_days, or a smaller split.min_rows."
        )
    now = settings_of(params.train)
    study = _study(params, now)
    _run_trials(study, rows, names, periods, now, trials, hours)
    best = _settings(now, study.best_params)
    outcome = _outcome(study, rows, names, periods, now, best, params_file)
    _log(params, study)
    return outcome


def write_settings(path: Path, section: str, values: dict[str, Any]) -> None:
    """Put `values` into `section` of a params.yaml. Comments and all other lines stay.

    Raises InputError when the file has no such key.
    """
    lines = read_text(path).splitlines(keepends=True)
    begin = next((i for i, line in enumerate(lines) if re.match(rf"{section}:", line)), len(lines))
    end = next((i for i in range(begin + 1, len(lines)) if re.match(r"\S", lines[i])), len(lines))
    for name, value in values.items():
        at = [i for i in range(begin + 1, end) if re.match(rf"\s+{name}:", lines[i])]
        if not at:
            raise InputError(f"{path}: {section}.{name} has no line of its own.\nAdd it, one key a line.")
        head, _, comment = lines[at[0]].rstrip("\n").partition("#")
        indent = head[: len(head) - len(head.lstrip())]
        setting = f"{indent}{name}: {value}"
        lines[at[0]] = (f"{setting:<{len(head)}}#{comment}" if comment else setting) + "\n"
    aside = path.with_name(f".part-{path.name}")
    write_text("".join(lines), aside)
    aside.replace(path)


def _study(params: Params, now: Settings) -> "optuna.Study":
    """The search for this log, label and split. A new one tries the settings in use first."""
    import optuna  # noqa: PLC0415  # takes a second

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    fixed = {name: value for name, value in asdict(now).items() if name not in _RANGES}
    sections = [params.label, params.split, params.train]
    other_settings = [section.model_dump(mode="json", exclude=set(_RANGES)) for section in sections]
    digest = digest_of({"logins": LOGINS.path}, [fixed, other_settings])
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    study = optuna.create_study(
        storage=f"sqlite:///{root.resolve() / 'tune.db'}",
        study_name=f"{Path(params.log.contract).stem}-{params.label.horizon_days}d-{digest[:12]}",
        sampler=optuna.samplers.TPESampler(seed=now.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_FREE_TRIALS, n_warmup_steps=0),
        direction="minimize",
        load_if_exists=True,
    )
    if not study.trials and all(low <= getattr(now, name) <= high for name, (low, high) in _RANGES.items()):
        study.enqueue_trial({name: getattr(now, name) for name in _RANGES})
    return study


def _run_trials(
    study: "optuna.Study",
    rows: pl.DataFrame,
    features: tuple[str, ...],
    periods: TimeSplit,
    now: Settings,
    trials: int,
    hours: float | None,
) -> None:
    import optuna  # noqa: PLC0415

    def objective(trial: "optuna.Trial") -> float:
        settings = _settings(now, _proposed(trial))
        losses: list[float] = []
        for step, origin in enumerate(periods.origins[:-1]):
            losses.append(float(origin_losses(rows, features, periods, origin, settings).mean()))
            trial.report(float(np.mean(losses)), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        sys.stderr.write(f"trial {trial.number}: mean log loss {np.mean(losses):.5f}, {trial.params}\n")
        return float(np.mean(losses))

    ended = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    left = trials - len(study.get_trials(deepcopy=False, states=ended))
    if left > 0:
        study.optimize(objective, n_trials=left, timeout=None if hours is None else hours * 3600)
    if not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)):
        raise InputError("lastlogin tune: no trial was completed.\nGive it more --hours or --trials.")


def _proposed(trial: "optuna.Trial") -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, (low, high) in _RANGES.items():
        if name == "leaves":
            settings[name] = trial.suggest_int(name, int(low), int(high), log=True)
        else:
            settings[name] = trial.suggest_float(name, low, high, log=name != "feature_fraction")
    return settings


def _settings(now: Settings, proposed: dict[str, Any]) -> Settings:
    """`now` with the `proposed` settings, rounded to three significant digits as in params.yaml."""
    rounded: dict[str, Any] = {
        name: value if isinstance(value, int) else float(f"{value:.3g}") for name, value in proposed.items()
    }
    return replace(now, **rounded)


def _outcome(
    study: "optuna.Study",
    rows: pl.DataFrame,
    features: tuple[str, ...],
    periods: TimeSplit,
    now: Settings,
    best: Settings,
    params_file: Path,
) -> str:
    """Confirm the best settings on the last origin, and write them when they are surely better."""
    trials = f"{len(study.trials)} trials in {study.study_name} (tune.db)"
    chosen = {name: getattr(best, name) for name in _RANGES}
    if best == now:
        return f"{trials}: none is better than the settings in use. {params_file} is as it was."
    gain = _confirmed(rows, features, periods, now, best)
    change = f"log loss {-(gain.value or 0):+.5f} ({-(gain.high or 0):+.5f} to {-(gain.low or 0):+.5f})"
    if (gain.low or 0) <= 0:
        return (
            f"{trials}: the best, {chosen}, is not surely better on the origin that the search has not seen: {change}. "
            f"{params_file} is as it was."
        )
    write_settings(params_file, "train", chosen)
    return f"{trials}: {chosen} is written to {params_file}: {change} on the origin that the search has not seen."


def _confirmed(
    rows: pl.DataFrame, features: tuple[str, ...], periods: TimeSplit, now: Settings, best: Settings
) -> Interval:
    """The log loss of `now` less that of `best` on the last origin."""
    last = periods.origins[-1]
    before, after = (origin_losses(rows, features, periods, last, settings) for settings in (now, best))
    return mean_with_interval(
        rows.filter(within(last.validation))["user_id"], before - after, Bootstrap(500, now.seed)
    )


def _log(params: Params, study: "optuna.Study") -> None:
    """Log the trials as nested runs. An unreachable store causes only a warning, since tune.db holds them."""
    ended = [trial for trial in study.trials if trial.state.is_finished()]
    tags = {"contract": Path(params.log.contract).stem, "best": f"trial-{study.best_trial.number:04d}"}
    try:
        store = store_in_use(params.tracking)
        from pipeline.tracking.trials import Trial, log_trials  # noqa: PLC0415  # MLflow takes seconds

        trials = [
            Trial(f"trial-{trial.number:04d}", trial.params, trial.value, trial.state.name.lower())
            for trial in ended
        ]
        log_trials(store, study.study_name, tags, trials)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
