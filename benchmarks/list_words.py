"""`python -m benchmarks.list_words [FOLDER]`: what the demo's list says of its users, against the simulation's truth.

Reads `data/crm/list.parquet`, `data/raw/demo/truth.parquet`, the model's features and the reports of a finished demo.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.evaluation.planted_causes import DIMENSIONS_OF
from pipeline.storage.datasets import SCORING_MODEL
from pipeline.storage.feature_file import FEATURES_FILE, read_features
from pipeline.storage.files import read_json
from pipeline.storage.model_folder import LIST

_STRAINED = 0.1
"""From this rate of one planted cause on, a user carries a strain."""


def main(arguments: list[str] | None = None) -> None:
    """Print the figures, one a line."""
    parser = argparse.ArgumentParser(description="What the demo's list says, against the truth.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    folder: Path = parser.parse_args(arguments).folder
    listed = pl.read_parquet(folder / "data/crm/list.parquet")
    truth = pl.read_parquet(folder / "data/raw/demo/truth.parquet")
    features = read_features(folder / SCORING_MODEL.path / LIST / FEATURES_FILE, "train")
    figures = figures_of(listed, truth, {feature.name: feature.dimension for feature in features})
    figures |= _of_reports(folder)
    for name, figure in figures.items():
        print(f"{name:44}{figure}")


def figures_of(listed: pl.DataFrame, truth: pl.DataFrame, dimension: Mapping[str, str]) -> dict[str, Any]:
    """Shares of the list's users. `truth`: one row per login. `dimension`: by feature.

    `no_cause`: has no cause of leaving; `watched`: action is watch. `unstrained`: at the last login no planted cause
    has a rate of 0.1. `leavers`: the last login was the last one, by a planted cause that was the strongest.
    `first_reason`: of these leavers with a reason, the share whose first is of a dimension of the cause.
    """
    known = listed.join(
        truth, left_on=["user_id", "last_login_day"], right_on=["user_id", "login_day"], suffix="_true"
    )
    rates = [pl.col(f"latent_{cause}") for cause in DIMENSIONS_OF]
    left = known.filter(
        pl.col("left")
        & pl.col("cause_true").is_in(list(DIMENSIONS_OF))
        & (pl.col("cause_true") == pl.col("strongest"))
    )
    groups = {"unstrained": known.filter(pl.max_horizontal(rates) < _STRAINED), "leavers": left}
    found = left.filter(pl.col("reason_1").is_not_null())
    hits = [
        dimension.get(reason) in DIMENSIONS_OF[cause]
        for reason, cause in found.select("reason_1", "cause_true").rows()
    ]
    contacted = listed.filter(pl.col("action") == "contact")
    figures: dict[str, Any] = {"users": listed.height}
    for name, users in groups.items():
        figures |= {
            f"{name}": users.height,
            f"{name}, no_cause": users["cause"].is_null().mean(),
            f"{name}, watched": (users["action"] == "watch").mean(),
        }
    return figures | {
        "leavers with a reason": len(hits),
        "leavers, first_reason": sum(hits) / len(hits) if hits else None,
        "contacted": contacted.height,
        "contacted, goal": contacted["goal"].is_not_null().mean(),
    }


def _of_reports(folder: Path) -> dict[str, Any]:
    metrics = read_json(folder / "reports/metrics.json")
    play = read_json(folder / "data/profiles/play_styles.json")
    return {
        "login rows, reasons top1": metrics["reasons"]["top1"],
        "login rows, reasons top2": metrics["reasons"]["top2"],
        "weekly lists, reasons top1": metrics["reasons"]["list"]["top1"],
        "play styles, nmi": metrics["play_styles"]["nmi"],
        "play styles, changed since the day before": play["changed_since_the_day_before"],
    }


if __name__ == "__main__":
    main()
