"""What the bench of contributions tries: rows and models that are the same each time, and figures of all sides."""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from benchmarks.measurements import contributions as bench
from benchmarks.support import peer_runs
from benchmarks.support.processes import Cost
from benchmarks.tasks import explained_rows
from benchmarks.tasks.explained_rows import FEATURES, made_up

ROWS = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few rows and a small model of 8 leaves."""
    folder = tmp_path_factory.mktemp("explained")
    small(folder, 8, ROWS)
    return folder


def small(folder: Path, leaves: int, rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explained_rows, "_TRAINING_ROWS", 2_000)
        patch.setattr(explained_rows, "TREES", 5)
        explained_rows.main("make", folder, leaves, rows)


def test_the_rows_are_the_same_each_time_counts_among_them_and_some_missing() -> None:
    (values, hidden), (again, _) = made_up(3_000, seed=1), made_up(3_000, seed=1)
    assert np.array_equal(values, again, equal_nan=True)
    assert not np.array_equal(values, made_up(3_000, seed=2)[0], equal_nan=True)
    assert values.shape == (3_000, FEATURES)
    assert hidden.shape == (3_000, 10)
    assert np.isnan(values).mean() == pytest.approx(0.05, abs=0.005)
    counts = values[:, ::2]
    assert np.array_equal(counts, np.round(counts), equal_nan=True)


def test_rows_and_a_model_of_the_named_leaves_are_written_and_rows_only_once(made: Path) -> None:
    trees = lgb.Booster(model_file=made / "8.txt").dump_model()["tree_info"]
    assert [tree["num_leaves"] for tree in trees] == [8] * 5
    assert np.load(made / "rows.npy").shape == (ROWS, FEATURES)
    small(made, 2, 2 * ROWS)
    assert np.load(made / "rows.npy").shape == (ROWS, FEATURES)


@pytest.mark.parametrize("side", ["ours", "lightgbm"])
def test_each_side_says_its_seconds_of_wall_and_processor_time(
    side: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explained_rows.main(side, made, 8, ROWS)
    wall, cpu = json.loads(capsys.readouterr().out)
    assert wall > 0
    assert cpu > 0


def test_shap_says_its_seconds_too_where_its_environment_is_there(made: Path) -> None:
    peers = peer_runs.ENVIRONMENT / "bin/python"
    if not (peer_runs.ENVIRONMENT / "made-from.txt").is_file():
        pytest.skip(f"{peer_runs.ENVIRONMENT.name} is absent: make bench makes it, with the peers in it")
    cost, (wall, cpu) = bench._measured(
        [peers, bench.ROOT / "benchmarks/peers/shap_trees.py", made, "8", str(ROWS)], made
    )
    assert 0 < wall < cost.seconds
    assert 0 < cpu < cost.cpu_seconds


def test_rates_are_of_the_rows_that_a_side_explained_with_peers_left_out_where_they_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spent = {"make": (0.0, 0.0), "ours": (2.0, 4.0), "lightgbm": (5.0, 10.0)}
    monkeypatch.setattr(bench, "_run", lambda _, what, *__: (Cost(9.0, 9.0, 300.0), spent[what]))
    monkeypatch.setattr(bench, "_measured", lambda *_: (Cost(9.0, 9.0, 900.0), (8.0, 16.0)))
    monkeypatch.setattr(bench.peer_runs, "peers_python", lambda: Path("python"))
    wall, processor = bench._of_trees(tmp_path, 8)
    assert (wall.ours, processor.ours) == (200_000 / 2, 200_000 / 4)
    assert list(wall.peers.values()) == [20_000 / 5, 20_000 / 8]
    assert list(processor.peers.values()) == [20_000 / 10, 20_000 / 16]
    assert (wall.peak_mib, wall.rows) == (300.0, 200_000)
    assert "their rate is extrapolated" in capsys.readouterr().err
    monkeypatch.setattr(bench.peer_runs, "peers_python", lambda: None)
    assert [list(entry.peers) for entry in bench._of_trees(tmp_path, 8)] == [
        ["LightGBM pred_contrib, from 20,000 rows"]
    ] * 2


def test_what_a_process_says_of_itself_counts_and_its_whole_cost_where_it_says_nothing(
    tmp_path: Path,
) -> None:
    _, seconds = bench._measured(bench.python("-c", "print([0.5, 0.25])"), tmp_path)
    assert seconds == (0.5, 0.25)
    cost, seconds = bench._measured(bench.python("-c", "print('done')"), tmp_path)
    assert seconds == (cost.seconds, cost.cpu_seconds)
    assert cost.seconds > 0


def test_the_stage_is_measured_on_copied_users_and_taken_for_a_million(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def noted(command: list[str | Path], *_: object) -> Cost:
        ran.append(" ".join(map(str, command[1:])))
        return Cost(30.0, 50.0, 700.0)

    monkeypatch.setattr(bench, "cost_of", noted)
    entry = bench._of_stage(tmp_path / "stage")
    assert ran[-3:] == [
        "-m pipeline.stages.train",
        "-m benchmarks.tasks.copied_users data/logins 100",
        "-m pipeline.stages.profile",
    ]
    assert (entry.ours, entry.peak_mib, entry.rows) == (30.0 * 5, 700.0, 200_000)
    assert "extrapolated to 150 s" in capsys.readouterr().err
