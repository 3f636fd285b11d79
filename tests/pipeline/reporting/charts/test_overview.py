"""The title of every figure states the result. Figures cope with what a log lacks, and need no network."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.define import DIMENSIONS
from pipeline.reporting.charts.horizon import definition_figures
from pipeline.reporting.charts.overview import (
    auc_comparison,
    dimension_importance,
    figures_of,
    gains,
    profile_sample,
    reliability,
    return_curve,
    roc,
)
from pipeline.reporting.charts.style import Figure, save_figures, svg_of
from pipeline.storage.files import read_json
from tests.support.finished import finished, params

CURVE = pl.DataFrame({"days": [1, 2, 3], "still_away": [0.9, 0.5, 0.3], "come_back_later": [0.8, 0.25, 0.1]})
ROC = pl.DataFrame({"false_positive_rate": [0.0, 0.5, 1.0], "true_positive_rate": [0.0, 0.8, 1.0]})


def title_of(figure: Figure) -> str:
    title: str = figure.to_dict()["title"]["text"]
    return title


def auc(value: float | None) -> dict[str, Any]:
    return {"auc": {"value": value, "low": value, "high": value}}


def people(count: int, **contributions: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "user_id": [f"user-{number}" for number in range(count)],
            "login_number": pl.Series(range(1, count + 1), dtype=pl.Int32),
            "login_probability": [0.9 - number / 100 for number in range(count)],
            **{name: [contributions.get(name, 0.0)] * count for name in DIMENSIONS},
        }
    )


def all_figures(root: Path) -> dict[str, Figure]:
    return figures_of(
        read_json(root / "reports/metrics.json"),
        root / "reports/plots",
        pl.read_csv(root / "reports/return_curve.csv"),
        pl.read_parquet(root / "data/profiles/profiles.parquet"),
        params(root).label,
    )


def test_a_finished_project_has_all_figures_the_same_each_time_and_none_names_a_user(tmp_path: Path) -> None:
    root = finished(tmp_path)
    drawn = {name: svg_of(figure) for name, figure in all_figures(root).items()}
    assert list(drawn) == [
        "return_curve", "return_groups", "horizon_costs", "list_auc", "auc", "roc", "gains", "reliability",
        "list_calibration", "earliness", "lift", "origins", "leak_price", "dimensions", "profiles",
    ]  # fmt: skip
    assert drawn == {name: svg_of(figure) for name, figure in all_figures(root).items()}
    users = pl.read_parquet(root / "data/profiles/profiles.parquet")["user_id"]
    assert not any(user in svg for svg in drawn.values() for user in users)


def test_figures_are_saved_as_png_and_as_a_page_that_needs_no_network(tmp_path: Path) -> None:
    save_figures({"gains": gains(_gains(0.4))}, tmp_path)
    assert (tmp_path / "gains.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "gains.html").read_text("utf-8")
    assert "vega" in page
    assert "<script src=" not in page


def _gains(at_a_tenth: float) -> pl.DataFrame:
    return pl.DataFrame({"contacted_share": [0.0, 0.1, 1.0], "found_share": [0.0, at_a_tenth, 1.0]})


def test_titles_say_what_is_seen() -> None:
    bins = pl.DataFrame({"predicted": [0.1, 0.5], "observed": [0.2, 0.4], "rows": [5, 5]})
    compared = auc_comparison(auc(0.81), {"silence": auc(0.7), "own_gap": auc(0.75)}, "AUC on lists")
    assert title_of(gains(_gains(0.4))) == "The 10% most at risk contain 40% of the last logins"
    assert title_of(roc(ROC, 0.814)) == "A last login has the higher score in 81% of pairs"
    assert title_of(reliability(bins, 0.1)) == "Prediction and outcome differ by 10.0 points on average"
    assert title_of(compared) == "AUC 0.810; the best baseline, own gap, has 0.750"
    assert (
        title_of(return_curve(CURVE, 2))
        == "50% are still away after 2 days, and 25% of them come back within the next 2 days"
    )
    assert title_of(dimension_importance(people(9, rhythm=0.1, social=-0.5))) == "Social moves the risk most"


def test_what_could_not_be_measured_is_not_in_the_title() -> None:
    bins = pl.DataFrame({"predicted": [0.1], "observed": [0.0], "rows": [5]})
    figures = [
        roc(ROC, None),
        reliability(bins, None),
        auc_comparison(auc(None), {"silence": auc(None)}, "AUC on lists"),
        return_curve(CURVE, 90),
        dimension_importance(people(3)),
    ]
    assert [title_of(figure) for figure in figures] == [
        "ROC curve",
        "Predicted and observed churn",
        "AUC of the model and of the baselines",
        "Users still away after a login",
        "Nothing moves the risk",
    ]
    for figure in figures:
        assert svg_of(figure).startswith("<svg")


@pytest.mark.parametrize("count", [1, 4, 6, 50])
def test_a_sample_of_profiles_runs_from_the_most_to_the_least_at_risk(count: int) -> None:
    rows = profile_sample(people(count, rhythm=0.4)).to_dict()["datasets"]
    (values,) = rows.values()
    shown = [row["user"] for row in values]
    assert len(shown) == min(count, 6)
    assert (shown[0], shown[-1]) == (
        "1: 90 % risk, login 1",
        f"{len(shown)}: {91 - count} % risk, login {count}",
    )


def test_without_a_return_curve_or_users_the_other_figures_are_there(tmp_path: Path) -> None:
    root = finished(tmp_path)
    figures = figures_of(
        read_json(root / "reports/metrics.json"),
        root / "reports/plots",
        CURVE.clear(),
        people(0),
        params(root).label,
    )
    assert list(figures) == [
        "list_auc",
        "auc",
        "roc",
        "gains",
        "reliability",
        "list_calibration",
        "earliness",
        "lift",
        "origins",
        "leak_price",
    ]


def test_the_curve_of_all_shows_shares_alone(tmp_path: Path) -> None:
    curve = pl.read_csv(finished(tmp_path) / "reports/return_curve.csv").filter(pl.col("group") == "all")
    drawn = return_curve(curve, 14).to_dict()["datasets"].values()
    assert all(0 <= row["share"] <= 1 for rows in drawn for row in rows if "share" in row)
    assert {row["what"] for rows in drawn for row in rows if "what" in row} == {
        "still away", "of these, share that comes back within the same time",
    }  # fmt: skip


def test_newcomers_and_veterans_have_curves_with_the_recommended_horizon() -> None:
    curve = pl.concat(
        CURVE.with_columns(
            pl.lit(name).alias("group"), (pl.col("days") == best).alias("recommended"),
            false_churn_cost=9.0 - pl.col("days"), waiting_cost=2.0 * pl.col("days"),
        )
        for name, best in (("all", 2), ("newcomers", 1), ("veterans", 3))
    )  # fmt: skip
    drawn = definition_figures(curve, 2)
    assert title_of(drawn["return_groups"]) == "Recommended: 1 days for newcomers, 3 for veterans"
    assert title_of(drawn["horizon_costs"]) == "2 days is the safe horizon with the lowest cost"
    points = [row for rows in drawn["horizon_costs"].to_dict()["datasets"].values() for row in rows]
    assert {(row["group"], row["days"]): row["cost"] for row in points}["veterans", 3] == 12.0
    unsafe = definition_figures(curve.with_columns(recommended=pl.lit(value=False)), 2)
    assert list(unsafe) == ["return_groups"]
    assert title_of(unsafe["return_groups"]) == "Newcomers and veterans still away after a login"


@pytest.mark.parametrize("horizon_days", [90, 3000])
def test_a_log_of_decades_has_a_curve_that_can_be_drawn(horizon_days: int) -> None:
    days = range(1, 8000)
    shares = [1 / day for day in days]
    long = pl.DataFrame({"days": days, "still_away": shares, "come_back_later": shares})
    drawn = return_curve(long, horizon_days).to_dict()
    assert max(len(rows) for rows in drawn["datasets"].values()) <= 1002
