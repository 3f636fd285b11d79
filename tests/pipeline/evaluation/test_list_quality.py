"""The quality of lists is that of their rows; it is told for all listed users and for those who have not come."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from models.metrics.bootstrap import Bootstrap
from pipeline.evaluation.list_quality import (
    Lists,
    after_silence,
    graded,
    list_section,
    predicted_and_observed,
    silent_group,
)
from pipeline.storage.files import read_json
from tests.support.model_rows import params
from tests.support.rows import day
from tests.support.shop import finished_shop

QUALITIES = {
    "auc", "average_precision", "log_loss", "brier", "calibration_error", "lift_at_10pct", "lift_at_5pct",
    "lift_at_20pct", "ks", "rows", "users", "base_rate",
}  # fmt: skip
BASELINES = {"silence", "own_gap", "rfm_logistic", "bg_nbd"}
FEW = Bootstrap(20, 1)


def made(users: int = 400, seed: int = 3) -> Lists:
    """Two lists with true probabilities, and a baseline that knows nothing."""
    random = np.random.default_rng(seed)
    probability = random.uniform(0.05, 0.95, 2 * users)
    rows = pl.DataFrame(
        {
            "user_id": [f"u{number:04d}" for number in range(users)] * 2,
            "as_of": [day(20)] * users + [day(27)] * users,
            "silent_days": random.integers(0, 14, 2 * users).astype(np.int32),
            "churned": random.random(2 * users) < probability,
            "probability": probability,
        }
    )
    return Lists(rows, {"silence": np.full(2 * users, 0.5), "bg_nbd": random.uniform(0.3, 0.7, 2 * users)})


def section_of(lists: Lists, tmp_path: Path) -> dict[str, Any]:
    given = params(tmp_path)
    return list_section(lists, FEW, given.policy, given.risk_bands)


def test_metrics_tell_each_quality_of_all_of_the_silent_and_of_the_baselines_with_its_interval() -> None:
    found = read_json(finished_shop() / "reports/metrics.json")["list"]
    parts = [found["silent"], found["came_today"], *found["baselines"].values()]
    assert set(found["baselines"]) == set(found["gains"]) == BASELINES
    assert all(set(part) == QUALITIES for part in parts)
    assert set(found) > QUALITIES
    for part in (found, *parts):
        for name in QUALITIES:
            value = part[name]
            assert value["value"] is None or value["low"] <= value["value"] <= value["high"], name
    assert set(found["gains"]["silence"]) == {"auc", "log_loss"}


def test_the_figures_are_those_of_the_lists() -> None:
    shop = finished_shop()
    found = read_json(shop / "reports/metrics.json")["list"]
    rows = pl.read_parquet(shop / "data/predictions/list.parquet")
    for section, of in (
        (found, rows),
        (found["silent"], rows.filter(pl.col("silent_days") > 0)),
        (found["came_today"], rows.filter(pl.col("silent_days") == 0)),
    ):
        churned, probability = of["churned"], of["probability"]
        assert section["rows"]["value"] == of.height
        assert section["users"]["value"] == of["user_id"].n_unique()
        assert section["base_rate"]["value"] == pytest.approx(churned.mean())
        assert section["auc"]["value"] == pytest.approx(roc_auc_score(churned, probability))
        assert section["average_precision"]["value"] == pytest.approx(
            average_precision_score(churned, probability)
        )
        assert section["log_loss"]["value"] == pytest.approx(log_loss(churned, probability))
    days = rows["as_of"].unique().sort()
    assert (found["lists"], found["first_day"], found["last_day"]) == (
        len(days),
        days[0].isoformat(),
        days[-1].isoformat(),
    )


def test_what_was_predicted_and_what_came_stand_side_by_side_by_silence_and_by_band() -> None:
    shop = finished_shop()
    found = read_json(shop / "reports/metrics.json")["list"]
    rows = pl.read_parquet(shop / "data/predictions/list.parquet")
    for groups in (found["by_silent_days"], found["by_band"]):
        assert sum(group["rows"] for group in groups) == rows.height
        for key, column in (("predicted", "probability"), ("observed", "churned")):
            total = sum(group["rows"] * group[key] for group in groups)
            assert total == pytest.approx(rows[column].sum())
    week = rows.filter(pl.col("silent_days").is_between(7, 9))
    (of_week,) = (group for group in found["by_silent_days"] if group["group"] == "7_to_9_days")
    assert of_week["rows"] == week.height
    assert of_week["predicted"] == pytest.approx(week["probability"].mean())
    assert of_week["observed"] == pytest.approx(week["churned"].mean())
    high = rows.filter(pl.col("probability") >= 0.17)
    (of_high,) = (group for group in found["by_band"] if group["group"] == "high")
    assert (of_high["rows"], of_high["observed"]) == (high.height, pytest.approx(high["churned"].mean()))


def test_groups_of_silence_cover_every_day_in_order_up_to_the_longest() -> None:
    silent = pl.DataFrame({"silent_days": list(range(9))})
    assert silent_group(silent).to_list() == [
        "0_days", "1_days", "2_days", "3_days", "4_days", "5_to_6_days", "5_to_6_days", "7_to_8_days", "7_to_8_days",
    ]  # fmt: skip
    mixed = silent.reverse().with_columns(probability=0.5, churned=pl.lit(value=True))
    groups = predicted_and_observed(mixed, silent_group(mixed))
    assert [group["group"] for group in groups] == silent_group(silent).unique(maintain_order=True).to_list()


def test_the_grade_is_of_the_lists_against_their_best_baseline(tmp_path: Path) -> None:
    lists = made()
    section = section_of(lists, tmp_path)
    found = graded(lists, section)
    aucs = {name: roc_auc_score(lists.rows["churned"], other) for name, other in lists.baselines.items()}
    best = max(aucs, key=lambda name: aucs[name])
    assert found["grade"] == "A"
    assert found["auc_gain"]["over"] == best
    own = roc_auc_score(lists.rows["churned"], lists.rows["probability"])
    assert found["auc_gain"]["value"] == pytest.approx(own - aucs[best])
    flattered = Lists(lists.rows, {"silence": lists.rows["probability"].to_numpy()})
    assert graded(flattered, section_of(flattered, tmp_path))["grade"] == "C"


def test_the_grade_of_the_metrics_is_that_of_the_lists() -> None:
    metrics = read_json(finished_shop() / "reports/metrics.json")
    over = metrics["auc_gain"]["over"]
    assert metrics["auc_gain"]["value"] == metrics["list"]["gains"][over]["auc"]["value"]
    assert over in metrics["grade_because"]
    aucs = {name: part["auc"]["value"] for name, part in metrics["list"]["baselines"].items()}
    assert over == max(aucs, key=lambda name: aucs[name])


def test_a_number_that_is_off_for_the_silent_shows_among_them(tmp_path: Path) -> None:
    lists = made(users=2000)
    silent = pl.col("silent_days") > 0
    off = lists.rows.with_columns(
        probability=pl.when(silent).then(pl.col("probability") * 0.5).otherwise("probability")
    )
    found = section_of(Lists(off, lists.baselines), tmp_path)
    assert found["silent"]["calibration_error"].value > 0.15
    assert found["came_today"]["calibration_error"].value < 0.1
    later = after_silence(Lists(off, lists.baselines), FEW)
    assert later["3_days"]["calibration_error"].value > later["0_days"]["calibration_error"].value


def test_without_a_list_whose_outcome_is_known_the_reason_stands_there_and_the_grade_is_c(
    tmp_path: Path,
) -> None:
    none = Lists(made(users=1).rows.clear(), {})
    section = section_of(none, tmp_path)
    assert section == {"because": "no day of the test period has a list whose outcome is known", "lists": 0}
    found = graded(none, section)
    assert (found["grade"], found["grade_because"]) == ("C", section["because"])
    assert found["auc_gain"]["over"] is None
    assert after_silence(none, FEW) == {}
