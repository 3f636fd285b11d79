"""What a feature is worth is measured on rows of known worth."""

import importlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import gains
from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage
from tests.support.tiny import project, visits

CHURNED = np.array([0.0, 1.0] * 200)


def test_a_shuffled_column_costs_what_the_prediction_owes_to_it() -> None:
    matrix = np.stack([2 * CHURNED - 1, np.arange(400.0)], axis=1).astype(np.float32)
    before = matrix.copy()
    worths = gains.shuffled_worths(lambda rows: 3.0 * rows[:, 0], matrix, CHURNED, [0, 1])
    right, wrong = np.log1p(np.exp(-3.0)), np.log1p(np.exp(3.0))
    assert worths[0] == pytest.approx((wrong - right) / 2, rel=0.15)  # half of the rows get the other value
    assert worths[1] == 0.0
    assert (matrix == before).all()


def test_log_loss_is_that_of_the_probabilities() -> None:
    p = 1 / (1 + np.exp(-1.5))
    assert gains.log_loss(np.array([1.5, 1.5]), np.array([1.0, 0.0])) == pytest.approx(
        -(np.log(p) + np.log(1 - p)) / 2
    )


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("share_of_kind_chat_30d", "share_of_kind"),
        ("days_with_kind_chat_share", "days_with_kind"),
        ("gap_last_days", "gap"),
        ("days_since_order", "days_since_order"),
    ],
)
def test_features_that_tell_alike_are_one_family(name: str, family: str) -> None:
    assert gains.family(name) == family


def test_a_project_s_features_are_ranked_in_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["gap_last_days", "login_days_30d", "events_today", "weekday"]
    folder = project(tmp_path, visits(), features__only=only)
    monkeypatch.chdir(folder)
    for stage in ("rates", "ingest", "activity", "logins"):
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))
    gains.main([".", "--out", "gains.csv", "--workers", "1"])
    table = pl.read_csv("gains.csv")
    assert set(table.filter(level="feature")["name"]) == set(only)
    assert set(table.filter(level="dimension")["name"]) == {"rhythm", "intensity", "context"}
    assert table["shop"].is_not_null().all()
    gains.main(["--out", "gains.md", "--workers", "1"])
    page = Path("gains.md").read_text("utf-8")
    assert "- shop: " in page
    assert page.count("\n| gap_last_days | ") == 1
    assert "Worth nothing on any of these logs" in capsys.readouterr().out


def test_a_folder_without_login_rows_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        gains.main([str(tmp_path)])
    assert stopped.value.code == 2
    assert "there are no login rows" in capsys.readouterr().err
