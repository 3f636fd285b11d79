"""A score made early knows what was known then: at the day's end that is the login row, and nothing later counts."""

import importlib
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from models.learning.trained_model import TrainedModel
from pipeline.config.params import load_params
from pipeline.evaluation.earliness import LogFiles, scores_at
from pipeline.log.log_in_use import read_log_in_use
from pipeline.runner.stage import run_stage
from pipeline.storage.files import read_json
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets, write_parquet
from pipeline.storage.manifest import write_manifest
from pipeline.storage.model_folder import LOGIN, load_features, load_login_model
from tests.support.tiny import project, visits

STAGES = ("rates", "external", "ingest", "activity", "logins", "landmarks", "readiness", "train", "evaluate")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = visits(120)
    late = lines.filter(pl.col("what") == "visit").with_columns(
        pl.col("time").str.to_datetime().dt.offset_by("20m").dt.to_string("%Y-%m-%d %H:%M:%S"),
        what=pl.lit("refund"),
    )
    folder = project(tmp_path_factory.mktemp("early"), pl.concat([lines, late.gather_every(3)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in STAGES:
            run_stage(
                importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml"))
            )
    return folder


def scores(
    shop: Path, events: Path, sample: pl.DataFrame, trained: TrainedModel, after: timedelta | None
) -> pl.Series:
    params = load_params(shop / "params.yaml")
    log = params.log.model_copy(update={"contract": str(shop / "shop.yaml")})
    external, report = shop / "data/external_checked", shop / "reports/external.json"
    in_use = read_log_in_use(log, shop / "data/events/log.json", external, report)
    features = load_features(shop / "data/model/evaluated" / LOGIN, trained.features)
    sources = in_use.row_sources(params.rates, shop / "data/external/rates.parquet")
    files = LogFiles(events, shop / "data/activity", external)
    return scores_at(sample, files, sources, trained, features, after)


def sampled(shop: Path) -> tuple[pl.DataFrame, TrainedModel]:
    rows = read_buckets(shop / "data/logins").sort("user_id", "login_day")
    return rows.gather_every(7), load_login_model(shop / "data/model/evaluated")


def test_at_the_end_of_the_day_the_score_is_the_login_row_s_own(shop: Path) -> None:
    sample, trained = sampled(shop)
    measured = scores(shop, shop / "data/events", sample, trained, None)
    assert measured.to_list() == pytest.approx(trained.predict(sample).tolist(), abs=1e-12)


def test_what_happens_after_the_moment_changes_no_score(shop: Path, tmp_path: Path) -> None:
    sample, trained = sampled(shop)
    moment = timedelta(minutes=5)
    for bucket in buckets_in(shop / "data/events"):
        events = pl.read_parquet(bucket_file(shop / "data/events", bucket))
        begun = pl.col("at").min().over("user_id", pl.col("at").dt.date())
        write_parquet(events.filter(pl.col("at") <= begun + moment), bucket_file(tmp_path, bucket))
    write_manifest(tmp_path)
    early, late = (scores(shop, shop / "data/events", sample, trained, after) for after in (moment, None))
    assert (early - late).abs().max() > 0  # type: ignore[operator]
    is_first = sample["login_number"] == 1  # nothing was cut from earlier days
    cut = scores(shop, tmp_path, sample.filter(is_first), trained, moment)
    assert cut.to_list() == pytest.approx(early.filter(is_first).to_list(), abs=1e-12)


def test_metrics_tell_quality_within_the_day(shop: Path) -> None:
    measured = read_json(shop / "reports/metrics.json")["earliness"]["within_day"]
    assert set(measured) == {"5_minutes", "1_hour", "end_of_day", "not_yet_logins"}
    assert measured["5_minutes"]["rows"] == measured["end_of_day"]["rows"]
    assert measured["5_minutes"]["log_loss"]["value"] > 0
