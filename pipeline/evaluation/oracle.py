"""The true probabilities of the demo log, and the model measured against them. Only `evaluate` reads them."""

from pathlib import Path

import polars as pl
import polars.selectors as cs

from models.learning.booster import fit_booster, log_odds
from models.learning.split import TimeSplit, within
from models.learning.trained_model import TrainedModel
from models.metrics.quality import auc
from models.rows import labels
from pipeline.demo.output.truth import TRUTH_FILE
from pipeline.errors import InputError
from pipeline.storage.frames import columns_of, read_table

_ROW = ["user_id", "login_day"]


def truth_beside(log: Path) -> Path | None:
    """The file of true probabilities beside a simulated `log`; None when there is none.

    Raises InputError when a file of that name holds something else.
    """
    truth = log.parent / TRUTH_FILE
    if not truth.is_file():
        return None
    columns = columns_of(truth)
    lacking = [name for name in (*_ROW, "probability") if name not in columns]
    if lacking:
        raise InputError(
            f"{truth}: has no column {', '.join(lacking)}.\n"
            f"A file of this name beside the log holds the true probabilities of a simulated log. Rename the file."
        )
    return truth


def against_truth(
    truth: Path, rows: pl.DataFrame, test: pl.DataFrame, periods: TimeSplit, trained: TrainedModel
) -> dict[str, float]:
    """The model's AUC on `test` (with `probability`), as shares of the Gini of two references that know more.

    `auc` is that of the true churn probability; `latent_auc` that of a booster with the same settings, rounds
    and training rows that also sees the simulation's `latent_*` state. Raises InputError when
    `truth` lacks a test row.
    """
    known = read_table(truth).select(*_ROW, pl.col("probability").alias("truth"), cs.starts_with("latent_"))
    names = [name for name in known.columns if name.startswith("latent_")]
    churned = labels(test)
    true = test.join(known, on=_ROW, how="left", maintain_order="left")["truth"]
    if true.null_count():
        raise InputError(
            f"{truth}: {true.null_count()} of {test.height} test rows have no true probability.\n"
            "Log and truth must come from one run.\nWrite both again: dvc repro --force data/raw/dvc.yaml"
        )
    model, oracle = auc(churned, test["probability"].to_numpy()), auc(churned, true.to_numpy())
    figures = {"auc": oracle, "gini_ratio": _gini_ratio(model, oracle)}
    if not names:
        return figures
    with_latent = rows.join(known.select(*_ROW, *names), on=_ROW, how="left", maintain_order="left")
    features, card = [*trained.features, *names], trained.card
    booster = fit_booster(
        with_latent.filter(within(periods.training)), features, card.settings, card.capacity, card.rounds
    )
    latent = auc(
        churned, log_odds(booster, with_latent.filter(within(periods.test)), features, card.settings.threads)
    )
    return figures | {"latent_auc": latent, "latent_gini_ratio": _gini_ratio(model, latent)}


def _gini_ratio(auc_of_model: float, auc_of_other: float) -> float:
    return (2 * auc_of_model - 1) / (2 * auc_of_other - 1)
