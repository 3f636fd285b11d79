"""The model of silent users is as rich as its log allows, and is chosen without its test period."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.errors import DataError
from models.learning.calibration import IDENTITY
from models.learning.scorer import Blend, blended, log_odds, text_of
from models.learning.silent_training import (
    BLEND,
    LOGISTIC,
    RATES,
    TREES,
    Columns,
    FittedLinear,
    beyond_rows,
    fit_silent,
    refit_silent,
    settings_of_silent,
    silent_model,
    silent_rows,
)
from models.learning.split import ripe_range, within
from models.metrics.quality import auc
from models.rows import labels
from tests.support.landmark_rows import COLUMNS, HORIZON, SETTINGS, landmarks, login_model, split_of

ROWS = silent_rows(landmarks(), 0)
SPLIT = split_of()
NO_ORIGIN = replace(SPLIT, origins=())
FITTED = fit_silent(ROWS, COLUMNS, SPLIT, SETTINGS, 30)
PLAIN = fit_silent(ROWS, COLUMNS, NO_ORIGIN, SETTINGS, 30)
BEST_OF = {TREES: FITTED, LOGISTIC: PLAIN}


def test_settings_have_half_the_leaves_and_steps_that_grow_with_the_rows_up_to_three_times() -> None:
    by_rows = {rows: settings_of_silent(SETTINGS, rows) for rows in (500, 20_000, 40_000, 1_000_000)}
    assert {one.leaves for one in by_rows.values()} == {4}
    assert [one.learning_rate for one in by_rows.values()] == pytest.approx([0.1, 0.1, 0.2, 0.3])
    assert [one.patience_rounds for one in by_rows.values()] == [10, 10, 5, 5]
    wild = settings_of_silent(replace(SETTINGS, leaves=2, learning_rate=0.9), 1_000_000)
    assert (wild.leaves, wild.learning_rate) == (2, 1.0)


def test_training_rows_are_drawn_silent_and_within_the_horizon_and_those_beyond_are_apart() -> None:
    drawn = landmarks().filter("drawn")
    silent = drawn["silent_days"]
    assert ROWS.height == silent.is_between(1, HORIZON - 1).sum() > 1_000
    assert beyond_rows(landmarks(), 0).height == (silent >= HORIZON).sum() > 500
    assert ROWS["login_day"].equals(ROWS["as_of"].alias("login_day"))
    led = landmarks().with_columns(pl.col("window_days") + 5)
    assert silent_rows(led, 5).height == ROWS.height


def test_much_data_makes_trees_that_tell_who_returns() -> None:
    assert FITTED.form == TREES
    test = ROWS.filter(within(SPLIT.test))
    assert auc(labels(test), log_odds(FITTED.scorer, test, 1)) > 0.7


def test_without_an_origin_it_is_the_regression_and_without_enough_rows_the_rates() -> None:
    training = ROWS.filter(within(SPLIT.training))
    fewer = int(min(training["churned"].sum(), (~training["churned"]).sum()))
    at, above = (fit_silent(ROWS, COLUMNS, SPLIT, SETTINGS, least) for least in (fewer, fewer + 1))
    assert (at.form, above.form) == (LOGISTIC, RATES)
    for fit in (at, above):
        assert text_of(fit.scorer).count("silent_days") == 1
        assert fit.calibration == IDENTITY
        assert fit.note == "identity from 0 out-of-time predictions at 0 origins"
    assert (at.scorer.features, above.scorer.features) == (COLUMNS.logistic, COLUMNS.rates)


def test_a_plainer_form_that_is_surely_better_at_the_origins_is_taken() -> None:
    noise = Columns(
        ("noise", "constant", "silent_days"), ("silent_to_mean_gap", "revenue_often"), ("silent_days",)
    )
    overdone = replace(SETTINGS, learning_rate=1.0, leaves=60, l2=0.0, patience_rounds=60)
    known = ROWS.with_columns(revenue_often=pl.col("churned").cast(pl.Float32))
    fit = fit_silent(known, noise, SPLIT, overdone, 30)
    assert (fit.form, fit.trees) == (LOGISTIC, None)
    validated = sum(ROWS.filter(within(origin.validation)).height for origin in SPLIT.origins)
    assert fit.note == f"{fit.calibration.kind} from {validated} out-of-time predictions at 2 origins"


def test_a_blend_is_taken_when_trees_and_regression_see_different_things() -> None:
    """The trees may use one signal, the regression the other: together they are surely better than either."""
    random = np.random.default_rng(5)
    told = ROWS["churned"].cast(pl.Float64).fill_null(0).to_numpy()
    one, other = (told + random.normal(0, 0.6, ROWS.height) for _ in range(2))
    two = ROWS.with_columns(
        noise=pl.Series(one, dtype=pl.Float32), constant=pl.Series(other, dtype=pl.Float32)
    )
    columns = Columns(("noise", "silent_days"), ("constant",), ("silent_days",))
    fit = fit_silent(two, columns, SPLIT, SETTINGS, 30)
    assert fit.form == BLEND
    assert np.allclose(
        log_odds(fit.scorer, two, 1),
        blended(log_odds(fit.trees.booster, two, 1), fit.linear.scorer.log_odds(two)),
    )
    scoring = refit_silent(two, fit, SPLIT)
    assert (scoring.form, type(scoring.scorer)) == (BLEND, Blend)
    tested = two.filter(within(SPLIT.test))
    assert np.allclose(scoring.out_of_time.log_odds[-tested.height :], log_odds(fit.scorer, tested, 1))


@pytest.mark.parametrize("split", [SPLIT, NO_ORIGIN], ids=[TREES, LOGISTIC])
def test_nothing_of_the_test_period_reaches_the_evaluated_model(split: object) -> None:
    after = within(SPLIT.test)
    changed = ROWS.with_columns(
        pl.when(after).then(~pl.col("churned")).otherwise("churned").alias("churned"),
        pl.when(after).then(9).otherwise("stay").cast(pl.Float32).alias("stay"),
    )
    one, other = (fit_silent(rows, COLUMNS, split, SETTINGS, 30) for rows in (ROWS, changed))
    assert text_of(one.scorer) == text_of(other.scorer)
    assert one.calibration == other.calibration


@pytest.mark.parametrize("form", BEST_OF)
def test_the_model_that_scores_is_of_the_same_form_and_learns_from_all_ripe_rows(form: str) -> None:
    evaluated = BEST_OF[form]
    split = SPLIT if form == TREES else NO_ORIGIN
    scoring = refit_silent(ROWS, evaluated, split)
    tested, ripe = ROWS.filter(within(SPLIT.test)), ROWS.filter(within(ripe_range(ROWS)))
    assert scoring.form == form
    assert text_of(scoring.scorer) != text_of(evaluated.scorer)
    predictions = len(evaluated.out_of_time.churned) + tested.height
    assert len(scoring.out_of_time.churned) == predictions
    assert "including those of the test period" in scoring.note
    assert str(predictions) in scoring.note
    share = ROWS.filter(within(SPLIT.training)).height / ripe.height
    assert scoring.out_of_time.weight[-1] == pytest.approx(share)


def test_early_predictions_weigh_less_when_the_model_that_scores_has_more_rows() -> None:
    regression = FittedLinear(PLAIN.linear.scorer, FITTED.out_of_time)
    plain = replace(FITTED, form=LOGISTIC, trees=None, linear=regression)
    earlier = len(FITTED.out_of_time.weight)
    weights = [refit_silent(ROWS, fit, SPLIT).out_of_time.weight for fit in (FITTED, plain)]
    assert np.allclose(*weights)
    assert (weights[0][:earlier] < FITTED.out_of_time.weight).all()


def test_the_card_tells_the_form_and_the_rows_and_the_reach_of_the_regression_beyond() -> None:
    period = SPLIT.training
    model = silent_model(FITTED, landmarks(), COLUMNS, period, login_model().card)
    trained = ROWS.filter(within(period))
    assert (model.card.rows, model.card.features) == (trained.height, COLUMNS.trees)
    assert model.card.base_rate == pytest.approx(trained["churned"].mean())
    assert (model.card.trained_from, model.card.trained_to) == (period.first, period.last)
    assert model.card.calibration_note.startswith("trees: ")
    beyond = beyond_rows(landmarks(), 0).filter(within(period))
    assert model.beyond is not None
    assert model.beyond.most_silent_days == beyond["silent_days"].max()


def test_training_rows_beyond_the_horizon_of_one_class_make_no_model_beyond() -> None:
    beyond = pl.col("silent_days") >= HORIZON
    gone = landmarks().with_columns(
        churned=pl.when(beyond & pl.col("ripe")).then(pl.lit(value=True)).otherwise("churned")
    )
    assert silent_model(FITTED, gone, COLUMNS, SPLIT.training, login_model().card).beyond is None


def test_one_class_only_is_refused_with_its_counts() -> None:
    gone = ROWS.with_columns(churned=pl.col("ripe"))
    with pytest.raises(DataError, match=r"(?s)landmark rows: of the \d+ of .* 0 came back and \d+ did not"):
        fit_silent(gone, COLUMNS, SPLIT, SETTINGS, 30)
    with pytest.raises(DataError, match="of the 0 of"):
        fit_silent(ROWS.clear(), COLUMNS, SPLIT, SETTINGS, 30)
