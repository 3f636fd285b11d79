"""Play styles are compared with the planted ones of users with five logins or more."""

from pathlib import Path

import numpy as np
import polars as pl

from pipeline.demo.world.kinds import STYLES
from pipeline.evaluation.planted_play import play_styles_found
from pipeline.learning.play_counts import PlayCounts
from pipeline.storage.frames import write_parquet
from tests.support.model_rows import params
from tests.support.rows import day

USES = ("progress", "explore", "social")


def planted(folder: Path, *, shuffled: bool = False) -> tuple[Path, PlayCounts, pl.DataFrame]:
    """The truth, what users did, and their login rows: 150 users of three styles, of five logins but for one."""
    random = np.random.default_rng(4)
    style = np.repeat([0, 1, 2], 50)
    counts = np.array([random.multinomial(60, np.roll([0.8, 0.1, 0.1], one)) for one in style])
    users = [f"u{i:03d}" for i in range(150)]
    drawn = random.permutation(style) if shuffled else style
    truth = pl.DataFrame({"user_id": users, "login_day": [day(9)] * 150}).with_columns(
        pl.Series(f"latent_{name}", np.where(drawn == number, 0.9, 0.1), dtype=pl.Float32)
        for number, name in enumerate(STYLES)
    )
    write_parquet(truth, folder / "truth.parquet")
    done = pl.DataFrame({"user_id": users, **{use: counts[:, i] for i, use in enumerate(USES)}})
    rows = pl.DataFrame({"user_id": users, "login_number": [4] + [5] * 149})
    return folder / "truth.parquet", PlayCounts(USES, USES, done), rows


def test_styles_that_are_the_planted_ones_have_all_of_the_information(tmp_path: Path) -> None:
    truth, done, rows = planted(tmp_path)
    found = play_styles_found(truth, done, rows, params(tmp_path).styles)
    assert found == {"nmi": 1.0, "users": 149, "known_share": 1.0, "styles": 3}


def test_styles_that_have_nothing_to_do_with_the_planted_ones_have_hardly_any(tmp_path: Path) -> None:
    truth, done, rows = planted(tmp_path, shuffled=True)
    found = play_styles_found(truth, done, rows, params(tmp_path).styles)
    assert found is not None
    assert found["nmi"] < 0.1


def test_a_truth_without_styles_is_not_compared(tmp_path: Path) -> None:
    truth, done, rows = planted(tmp_path)
    write_parquet(pl.read_parquet(truth).select("user_id", "login_day"), truth)
    assert play_styles_found(truth, done, rows, params(tmp_path).styles) is None
