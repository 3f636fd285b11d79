"""Drift of a log: an ordinary day passes or warns, a broken log stops the list."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.contract.external_data import Attribute, ExternalData
from models.checks.drift import References, Shift, effective_users
from models.learning.trained_model import TrainedModel
from models.metrics.quality import auc
from pipeline.checks.drift import (
    DriftReport,
    check_columns,
    check_gone,
    check_kinds,
    check_moved,
    check_outcomes,
    check_score,
    drift_of,
    of_the_day,
)
from pipeline.commands.score import refuse_drift
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.learning.dataset import read_rows, read_rows_since
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_of_model
from pipeline.storage.model_folder import load_login_model, load_references
from tests.support.model_rows import lay_out, params, run_both
from tests.support.paths import CONTRACTS, PARAMS_FILE
from tests.support.rows import made_up


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedModel, References]:
    root = tmp_path_factory.mktemp("drift")
    lay_out(root)
    run_both(root)
    return (
        root,
        load_login_model(root / "data/model/scoring"),
        load_references(root / "data/model/scoring/login"),
    )


def drift_report(
    trained: tuple[Path, TrainedModel, References],
    rows: pl.DataFrame | None = None,
    calendar: tuple[str, ...] = (),
    **report: Any,
) -> dict[str, Any]:
    root, model, references = trained
    facts = replace(read_facts(root / "data/events/log.json"), **report)
    rows = read_rows(root / "data/logins") if rows is None else rows
    return drift_of(params(root).drift, model, references, rows, facts, calendar).as_json()


def test_the_rows_that_are_read_give_the_report_of_all_rows(
    trained: tuple[Path, TrainedModel, References],
) -> None:
    root, model, references = trained
    older = load_login_model(root / "data/model/evaluated")
    for one, ripened in ((model, False), (older, True)):
        few = read_rows_since(root / "data/logins", one.card.data_end)
        assert few.height < read_rows(root / "data/logins").height
        report = drift_report((root, one, references), few)
        assert report == drift_report((root, one, references))
        assert (report["ripened"] is not None) == ripened


def moved(trained: tuple[Path, TrainedModel, References], **columns: pl.Expr) -> pl.DataFrame:
    return read_rows(trained[0] / "data/logins").with_columns(**columns)


def test_the_rows_of_an_ordinary_day_do_not_stop_the_list(
    trained: tuple[Path, TrainedModel, References],
) -> None:
    figures = drift_report(trained)
    rows = read_rows(trained[0] / "data/logins").filter(~pl.col("ripe"))
    assert figures["verdict"] != "stop"
    assert (figures["rows"], figures["users"]) == (rows.height, rows["user_id"].n_unique())
    assert set(figures["features"]) == {"login_share_30d", "gap_last_days", "tenure_days", "logins_life"}
    assert not {"tenure_days", "logins_life"} & set(figures["features_moved"])
    assert figures["ripened"] is None
    assert figures["expected"]["base_rate"]["value"] == pytest.approx(trained[1].predict(rows).mean())


def test_a_feature_that_moves_is_named(trained: tuple[Path, TrainedModel, References]) -> None:
    figures = drift_report(trained, moved(trained, tenure_days=pl.col("tenure_days") + 3))
    assert figures["verdict"] == "warn"
    assert figures["features_moved"][0] == "tenure_days"
    assert "features have drifted: tenure_days" in " ".join(figures["because"])


def test_a_feature_of_the_day_may_move_but_not_vanish(trained: tuple[Path, TrainedModel, References]) -> None:
    rows = moved(trained, tenure_days=pl.col("tenure_days") + 3)
    figures = drift_report(trained, rows, calendar=("tenure_days",))
    assert "tenure_days" not in figures["features_moved"]
    assert "features have drifted: tenure_days" not in " ".join(figures["because"])
    assert list(figures["calendar"]) == ["tenure_days"]
    assert figures["calendar"]["tenure_days"]["psi"] > 1
    assert set(figures["features"]) == {"login_share_30d", "gap_last_days", "logins_life"}
    gone = drift_report(
        trained, moved(trained, tenure_days=pl.lit(float("nan"), pl.Float32)), calendar=("tenure_days",)
    )
    assert (gone["verdict"], gone["features_gone"]) == ("stop", ["tenure_days"])


def test_the_context_of_the_day_is_told_from_what_is_known_of_the_user() -> None:
    external_data = ExternalData(attributes=(Attribute("seats", "number"),))
    contract = load_contract(CONTRACTS / "cdnow.yaml")
    features = features_of_model(["gap_last_days", "seats", "weekday"], contract, external_data)
    assert of_the_day(features) == {"weekday"}


def test_probabilities_that_move_far_and_features_without_values_stop(
    trained: tuple[Path, TrainedModel, References],
) -> None:
    figures = drift_report(trained, moved(trained, login_share_30d=pl.lit(0.01, pl.Float32)))
    assert figures["verdict"] == "stop"
    assert "the probabilities have drifted" in figures["because"][0]
    figures = drift_report(trained, moved(trained, tenure_days=pl.lit(float("nan"), pl.Float32)))
    assert (figures["verdict"], figures["features_gone"]) == ("stop", ["tenure_days"])
    with pytest.raises(
        InputError, match=r"have a value: tenure_days\. Check that the export[\s\S]*No list was written"
    ):
        refuse_drift(figures, "shop.csv")


def test_unseen_kinds_and_columns_that_are_no_longer_told_are_said(
    trained: tuple[Path, TrainedModel, References],
) -> None:
    root, model, references = trained
    known = root, model, replace(references, kinds=("login",), tells=("amount",))
    figures = drift_report(known, kinds={"login": 900, "teleport": 60})
    assert figures["unseen_kinds"] == {"share": 60 / 960, "kinds": {"teleport": 60}}
    assert figures["missing_columns"] == ["amount"]
    assert "6.2% of the events are of kinds that training did not have: teleport" in figures["because"]
    assert "the log no longer has amount, as it had in training" in figures["because"]
    assert drift_report(known, kinds={"login": 10, "teleport": 60})["verdict"] == "stop"


def test_the_truth_stands_next_to_what_was_expected_once_labels_are_ripe(
    trained: tuple[Path, TrainedModel, References], tmp_path: Path
) -> None:
    lay_out(tmp_path, made_up(users=900, days=70))
    run_both(tmp_path)
    model = load_login_model(tmp_path / "data/model/scoring")
    early = trained[0], model, load_references(tmp_path / "data/model/scoring/login")
    rows = read_rows(trained[0] / "data/logins")
    figures = drift_report(early)["ripened"]
    later = rows.filter(pl.col("ripe") & (pl.col("login_day") > model.card.data_end))
    assert figures["from"] == later["login_day"].min() > model.card.data_end
    truth = auc(later["churned"].cast(pl.Float64).to_numpy(), model.predict(later))
    assert figures["truth"]["auc"]["value"] == pytest.approx(truth)
    assert figures["truth"]["base_rate"]["value"] == pytest.approx(later["churned"].mean())
    expected = figures["expected"]["base_rate"]
    assert expected["expected"]["value"] == pytest.approx(expected["observed"]["value"], abs=0.1)
    assert expected["observed"] == figures["truth"]["base_rate"]
    because = drift_report(early, rows.with_columns(~pl.col("churned")))["because"]
    assert any("on later logins, AUC is" in reason and "was expected" in reason for reason in because)


def test_references_are_those_of_the_fitted_rows(trained: tuple[Path, TrainedModel, References]) -> None:
    root, _, references = trained
    rows = read_rows(root / "data/logins")
    fitted = rows.filter("ripe")
    assert references.periods.users[0] == effective_users(
        fitted.filter(pl.col("login_day") > fitted["login_day"].max() - timedelta(days=14))["user_id"]
    )
    missing = references.features["login_share_30d"]
    assert missing.shares[0] == pytest.approx(fitted["login_share_30d"].is_nan().mean())


def test_each_check_says_by_itself_what_it_found() -> None:
    missing = check_columns({"amount"}, ("amount", "currency"))
    assert (missing.name, missing.verdict, missing.figures) == ("columns", "warn", {"missing": ["currency"]})
    assert check_columns({"amount", "currency"}, ("amount",)).verdict == "pass"
    drift = load_params(PARAMS_FILE).drift
    assert check_gone([], 4, drift).verdict == "pass"
    assert check_gone(["a"], 100, drift).verdict == "warn"
    assert check_gone(["a", "b"], 2, drift).verdict == "stop"
    assert check_kinds({"login": 1, "new": 9}, (), drift).verdict == "pass"  # training knew no kinds
    assert check_kinds({"login": 1, "new": 9}, ("login",), drift).verdict == "stop"


def test_each_check_that_does_not_pass_says_what_to_do() -> None:
    drift = load_params(PARAMS_FILE).drift
    far, near = Shift(5.0, 0.0, 0.0, 0.0, 0.0), Shift(0.0, 0.0, 0.0, 0.0, 0.0)
    parts = {"expected": 0.8, "observed": 0.6, "difference": -0.2}
    auc = {
        "expected": {"auc": {part: {"value": value, "high": value + 0.05} for part, value in parts.items()}}
    }
    found = [
        check_score(far, drift), check_moved({"a": far}, drift), check_gone(["a"], 2, drift),
        check_kinds({"new": 9}, ("login",), drift), check_columns((), ("amount",)), check_outcomes(auc),
    ]  # fmt: skip
    assert len({check.advice for check in found}) == len(found)
    for check in found:
        assert check.verdict != "pass"
        assert (check.advice[0].isupper(), check.advice[-1]) == (True, ".")
        assert "train again (dvc repro)" in check.advice
    assert check_score(near, drift).advice == check_moved({"a": near}, drift).advice == ""


def test_a_warning_on_stderr_has_the_reason_and_the_advice(capsys: pytest.CaptureFixture[str]) -> None:
    check = check_columns((), ("amount",))
    report = DriftReport((check,), {}).as_json()
    assert (report["because"], report["advice"]) == ([check.sentence], [check.advice])
    refuse_drift(report, "shop.csv")
    assert f"- {check.sentence}. {check.advice}\n" in capsys.readouterr().err


@pytest.fixture(scope="module")
def ageing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedModel, References]:
    """A model of rows with a total that grows with the age of the log, as totals of a lifetime do."""
    root = tmp_path_factory.mktemp("ageing")
    rows = made_up(users=900, days=120)
    age = (pl.col("login_day") - rows["login_day"].min()).dt.total_days().cast(pl.Float32)
    lay_out(root, rows.with_columns(constant=(age + pl.col("login_number")).cast(pl.Float32)))
    run_both(root)
    return (
        root,
        load_login_model(root / "data/model/scoring"),
        load_references(root / "data/model/scoring/login"),
    )


def test_a_total_that_grows_as_in_training_is_no_drift(
    ageing: tuple[Path, TrainedModel, References],
) -> None:
    figures = drift_report(ageing)
    grown = figures["features"]["logins_life"]
    assert grown["psi"] > 1  # it moves far, as it always did
    assert figures["features_moved"] == []


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("logins_life", pl.col("logins_life") * 100),  # another unit
        ("logins_life", pl.col("logins_life") * 0),  # what it counts is gone
        ("gap_last_days", pl.col("gap_last_days") * 0),
        ("tenure_days", pl.col("tenure_days") + 2),
    ],
)
def test_a_real_change_is_found_among_features_that_grow(
    ageing: tuple[Path, TrainedModel, References], name: str, changed: pl.Expr
) -> None:
    figures = drift_report(ageing, moved(ageing, **{name: changed.cast(pl.Float32)}))
    assert figures["features_moved"] == [name]
