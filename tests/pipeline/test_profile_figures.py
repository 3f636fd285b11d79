"""The figures of all users show what moves the risk, name nobody, and cope with what is not there."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.define import DIMENSIONS
from models.contributions import contributions
from pipeline.chart_style import Figure, svg_of
from pipeline.model_store import load_model
from pipeline.profile_figures import Sampled, explained_sample, feature_figures
from pipeline.style_map import places_evenly, style_map
from tests.pipeline.finished import finished


def drawn(figure: Figure) -> list[dict[str, object]]:
    return [row for rows in figure.to_dict()["datasets"].values() for row in rows]


def people(count: int, used: int = 3) -> pl.DataFrame:
    values = np.random.default_rng(1).normal(size=(count, len(DIMENSIONS)))
    values[:, used:] = 0
    return pl.DataFrame(values, schema=list(DIMENSIONS)).with_columns(
        user_id=pl.format("user-{}", pl.int_range(count)), login_probability=pl.lit(0.25)
    )


def test_a_sample_has_the_contributions_of_the_users_last_logins(tmp_path: Path) -> None:
    root = finished(tmp_path)
    profiles = pl.read_parquet(root / "data/profiles/profiles.parquet")
    trained = load_model(root / "data/model/scoring")
    found = explained_sample(profiles, root / "data/logins", trained)
    assert found.values.shape == found.told.shape == (profiles.height, len(trained.features))
    total = found.told.sum(axis=1)
    expected = profiles.select(pl.sum_horizontal(DIMENSIONS)).to_series()
    assert np.allclose(total, expected, atol=1e-5)
    assert list(feature_figures(found)) == ["features", "dependence"]
    assert np.allclose(
        contributions(trained.booster, pl.DataFrame(found.values, schema=[*trained.features]))[0], found.told
    )


def sampled(**told: list[float]) -> Sampled:
    values = np.array([[float("nan"), 2.0, 3.0]] * len(told)).T
    return Sampled(tuple(told), values, np.array(list(told.values())).T)


def test_features_stand_by_what_they_move_and_those_that_move_nothing_are_absent() -> None:
    found = sampled(little=[0.1, 0.1, -0.1], nothing=[0.0, 0.0, 0.0], much=[1.0, -1.0, 0.5])
    figures = feature_figures(found)
    strips = figures["features"].to_dict()
    assert strips["title"]["text"] == "much moves the risk most of all features"
    assert [row["feature"] for row in drawn(figures["features"])] == ["much"] * 3 + ["little"] * 3
    assert [row["value_rank"] for row in drawn(figures["features"])][:3] == [None, 0.0, 1.0]
    assert {row["value"] for row in drawn(figures["dependence"])} == {2.0, 3.0}
    assert all(svg_of(figure).startswith("<svg") for figure in figures.values())


def test_a_model_that_learnt_nothing_has_no_such_figures() -> None:
    assert feature_figures(sampled(a=[0.0, 0.0, 0.0])) == {}


def test_the_map_is_coloured_by_risk_or_by_style_where_there_is_one() -> None:
    plain = style_map(people(50))
    styled = style_map(people(50).with_columns(style=pl.lit("Quiet socials")))
    assert plain is not None
    assert styled is not None
    colours = [figure.to_dict()["encoding"]["color"]["field"] for figure in (plain, styled)]
    assert colours == ["login_probability", "style"]
    assert "user-" not in svg_of(plain)


@pytest.mark.parametrize(("count", "used"), [(2, 3), (50, 1), (50, 0), (0, 3)])
def test_where_nothing_sets_users_apart_there_is_no_map(count: int, used: int) -> None:
    assert style_map(people(count, used)) is None


def test_a_map_of_many_users_is_drawn_of_some() -> None:
    figure = style_map(people(6_000))
    assert figure is not None
    assert len(drawn(figure)) == 2_000
    assert figure.to_dict()["title"]["subtitle"] == "2,000 of 6,000 users at their last login"
    assert places_evenly(3, 10) == [0, 1, 2]
    assert places_evenly(0, 10) == []
