"""The figures of all users show what moves the risk, name nobody, and cope with what is not there."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.define import DIMENSIONS
from models.explanation.contributions import contributions
from pipeline.reporting.charts.feature_effects import Sampled, explained_sample, feature_figures
from pipeline.reporting.charts.style import Figure, svg_of
from pipeline.reporting.charts.style_map import places_evenly, style_map
from pipeline.storage.model_folder import load_login_model
from tests.support.finished import finished


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
    trained = load_login_model(root / "data/model/scoring")
    found = explained_sample(profiles, root / "data/logins", trained)
    assert found.values.shape == found.contributions.shape == (profiles.height, len(trained.features))
    total = found.contributions.sum(axis=1)
    expected = profiles.select(pl.sum_horizontal(DIMENSIONS)).to_series()
    assert np.allclose(total, expected, atol=1e-5)
    assert list(feature_figures(found)) == ["features", "dependence"]
    assert np.allclose(
        contributions(trained.booster, pl.DataFrame(found.values, schema=[*trained.features]))[0],
        found.contributions,
    )


def sampled(**contribution: list[float]) -> Sampled:
    values = np.array([[float("nan"), 2.0, 3.0]] * len(contribution)).T
    return Sampled(tuple(contribution), values, np.array(list(contribution.values())).T)


def test_features_stand_by_what_they_move_and_those_that_move_nothing_are_absent() -> None:
    found = sampled(little=[0.1, 0.1, -0.1], nothing=[0.0, 0.0, 0.0], much=[1.0, -1.0, 0.5])
    figures = feature_figures(found)
    strips = figures["features"].to_dict()
    assert strips["title"]["text"] == "Strongest feature: much"
    points = [row for row in drawn(figures["features"]) if "feature" in row]
    assert [row["feature"] for row in points if row["value_rank"] is not None] == ["much"] * 2 + [
        "little"
    ] * 2
    assert [row["feature"] for row in points if row["value_rank"] is None] == ["much", "little"]
    assert {row["value"] for row in drawn(figures["dependence"]) if "value" in row} == {2.0, 3.0}
    assert all(svg_of(figure).startswith("<svg") for figure in figures.values())


def test_features_are_called_by_their_words_and_two_of_the_same_words_stay_two() -> None:
    found = sampled(a=[1.0, 1.0, 1.0], b=[0.5, 0.5, 0.5], c=[0.1, 0.1, 0.1])
    figures = feature_figures(found, {"a": "minutes in the week", "b": "minutes in the week"})
    called = {row["feature"] for row in drawn(figures["features"]) if "feature" in row}
    assert called == {"minutes in the week", "minutes in the week (2)", "c"}


def test_a_model_that_learnt_nothing_has_no_such_figures() -> None:
    assert feature_figures(sampled(a=[0.0, 0.0, 0.0])) == {}


def test_the_map_is_coloured_by_risk_or_by_style_where_there_is_one() -> None:
    plain = style_map(people(50))
    styled = style_map(people(50).with_columns(style=pl.lit("Quiet socials")))
    assert plain is not None
    assert styled is not None
    assert plain.to_dict()["encoding"]["color"]["field"] == "login_probability"
    assert styled.to_dict()["layer"][0]["encoding"]["color"]["field"] == "style"
    assert "1  Quiet socials" in {row.get("style") for row in drawn(styled)}
    assert "user-" not in svg_of(plain) + svg_of(styled)


def test_the_map_shows_styles_where_they_lie_apart_each_with_its_number() -> None:
    contribution = people(90, used=4)
    style = pl.Series("style", ["a"] * 50 + ["b"] * 30 + ["c"] * 10)
    shifted = contribution.with_columns(
        style,
        rhythm=pl.col("rhythm") + pl.Series(9.0 * (style == "a").cast(pl.Float64)),
        intensity=pl.col("intensity") + pl.Series(9.0 * (style == "b").cast(pl.Float64)),
    )
    figure = style_map(shifted)
    assert figure is not None
    assert figure.to_dict()["title"]["text"].endswith("of the differences between styles")
    numbers = {row["style"]: row["number"] for row in drawn(figure) if "number" in row}
    assert numbers == {"a": "1", "b": "2", "c": "3"}
    places = pl.DataFrame([row for row in drawn(figure) if "login_probability" in row])
    middles = places.group_by("style").agg(pl.col("first", "second").mean(), far=pl.col("first").std())
    assert middles["first"].max() - middles["first"].min() > 2 * middles["far"].max()


@pytest.mark.parametrize(("count", "used"), [(2, 3), (50, 1), (50, 0), (0, 3)])
def test_where_nothing_sets_users_apart_there_is_no_map(count: int, used: int) -> None:
    assert style_map(people(count, used)) is None


def test_a_map_of_many_users_is_drawn_of_some() -> None:
    figure = style_map(people(6_000))
    assert figure is not None
    assert len(drawn(figure)) == 2_000
    assert figure.to_dict()["title"]["subtitle"] == (
        "2,000 of 6,000 users at their last login, compared with their peers"
    )
    assert places_evenly(3, 10) == [0, 1, 2]
    assert places_evenly(0, 10) == []
