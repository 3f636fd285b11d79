"""Stage `readiness` always writes its report; `train` refuses what it says to stop."""

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.external.attributes import is_external
from pipeline.errors import InputError
from pipeline.learning.dataset import features_of_rows
from pipeline.storage.files import read_json
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, write_parquet
from pipeline.storage.manifest import write_manifest
from tests.support.stage_runs import BEFORE_TRAINING, run_here
from tests.support.tiny import parameters, project, visits

SHOP: dict[str, Any] = {
    "log__path": "shop.csv", "log__contract": "shop.yaml", "engine__buckets": 3, "label__horizon_days": 14,
    "split__min_rows": 20,
}  # fmt: skip
CHECKS = ["classes", "history", "outages", "clock", "left_out", "bots", "one_visit", "leak"]


def checks(folder: Path) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in read_json(folder / "reports/readiness.json")["checks"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("ready"), visits())
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *BEFORE_TRAINING)
    return folder


def test_every_check_says_what_it_found_and_advises_unless_it_passes(shop: Path) -> None:
    by_name = checks(shop)
    assert list(by_name) == CHECKS
    for check in by_name.values():
        assert set(check) == {"check", "verdict", "figures", "says", "advice"}
        assert check["figures"]
        assert check["says"].endswith(".")
        assert bool(check["advice"]) == (check["verdict"] != "pass")


def test_the_figures_are_those_of_the_rows(shop: Path) -> None:
    rows = pl.concat(
        [read_bucket(shop / "data/logins", bucket) for bucket in buckets_in(shop / "data/logins")]
    )
    by_name = checks(shop)
    assert by_name["classes"]["figures"]["churned"] == rows["churned"].sum()
    assert by_name["history"]["figures"]["look_back_days"] == 90
    assert by_name["history"]["figures"]["log_days"] == by_name["outages"]["figures"]["days"]
    assert by_name["leak"]["figures"]["features"] == len(features_of_rows(shop / "data/logins"))
    assert read_json(shop / "reports/readiness.json")["verdict"] == "warn"  # fewer than 500 rows churned


@pytest.fixture
def copy(shop: Path, tmp_path: Path) -> Path:
    shutil.copytree(shop, tmp_path / "copy")
    return tmp_path / "copy"


def test_warnings_are_said_in_one_line_each_and_a_stop_is_no_failure(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters(copy, **SHOP, readiness__stop_rows=400)
    run_here(copy, monkeypatch, "readiness")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("readiness: stop: classes: ")
    assert len(lines) == sum(check["verdict"] != "pass" for check in checks(copy).values())
    assert read_json(copy / "reports/readiness.json")["verdict"] == "stop"


def test_train_refuses_with_the_check_its_figure_and_what_to_do(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters(copy, **SHOP, readiness__stop_rows=400)
    run_here(copy, monkeypatch, "readiness")
    churned = checks(copy)["classes"]["figures"]["churned"]
    message = (
        rf"readiness\.json: classes: .* within 14 days, and {churned} were not; .* at least 400(?s:.*)"
        "Take a longer log"
    )
    with pytest.raises(InputError, match=message):
        run_here(copy, monkeypatch, "train")
    assert not (copy / "data/model").exists()


def with_leak(folder: Path, name: str) -> None:
    """The feature `name` of the login rows tells who churns."""
    logins = folder / "data/logins"
    gone_when_churned = pl.when(pl.col("churned")).then(float("nan")).otherwise(1.0).cast(pl.Float32)
    for bucket in buckets_in(logins):
        rows = read_bucket(logins, bucket).with_columns(gone_when_churned.alias(name))
        write_parquet(rows, bucket_file(logins, bucket))
    write_manifest(logins)


def test_a_leak_from_outside_stops_training_and_is_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = next(one.name for one in features_of_rows(copy / "data/logins") if is_external(one))
    with_leak(copy, outside)
    run_here(copy, monkeypatch, "readiness")
    with pytest.raises(InputError, match=rf"leak: {outside} \(AUC 1\.000\)(?s:.*)readiness\.leak_auc"):
        run_here(copy, monkeypatch, "train")


def test_the_user_s_own_behaviour_may_be_that_telling(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_leak(copy, "logins_life")
    run_here(copy, monkeypatch, "readiness")
    assert (checks(copy)["leak"]["verdict"], checks(copy)["leak"]["figures"]["own_behaviour"]) == (
        "warn", ["logins_life"],
    )  # fmt: skip


def test_the_same_log_gives_the_same_report(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (shop / "reports/readiness.json").read_bytes()
    run_here(shop, monkeypatch, "readiness")
    assert (shop / "reports/readiness.json").read_bytes() == before


def test_days_on_which_a_user_only_received_are_no_active_days(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is who only received, since the user's own events lie outside the log, a user of the check."""
    usual = checks(copy)["bots"]
    file = bucket_file(copy / "data/activity", 0)
    days = pl.read_parquet(file)
    received_only = days.filter(pl.col("user_id").is_first_distinct()).with_columns(
        pl.lit("who only received").alias("user_id"), events=pl.lit(0, pl.Int64), logins=pl.lit(0, pl.Int64)
    )
    before = days.with_columns(pl.col("day") - pl.duration(days=1), events=pl.lit(0, pl.Int64))
    several = pl.concat([days, before.join(days, on=["user_id", "day"], how="anti"), received_only])
    write_parquet(several.sort("user_id", "day"), file)
    write_manifest(copy / "data/activity")
    run_here(copy, monkeypatch, "readiness")
    assert checks(copy)["bots"] == usual
