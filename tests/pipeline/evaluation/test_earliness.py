"""A score made early knows what was known then: at the day's end that is the login row, and nothing later counts."""

import importlib
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.external.join import ExternalFrames
from models.learning.trained_model import TrainedModel
from pipeline.config.params import load_params
from pipeline.evaluation.earliness import World, of_the_day_before, scores_at
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.facts import read_facts
from pipeline.runner.stage import run_stage
from pipeline.storage.frames import bucket_file, buckets_in, read_buckets, read_json, write_parquet
from pipeline.storage.model_folder import load_model
from tests.support.tiny import project, visits

STAGES = ("rates", "external", "ingest", "activity", "logins", "readiness", "train", "evaluate")


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


def world_of(shop: Path, events: Path) -> World:
    return World(
        events, shop / "data/activity", shop / "data/external_checked",
        read_external_data(shop / "reports/external.json"),
        load_contract(shop / "shop.yaml"), read_facts(shop / "reports/ingest.json"),
        load_params(shop / "params.yaml").rates, pl.read_parquet(shop / "data/external/rates.parquet"),
    )  # fmt: skip


def sampled(shop: Path) -> tuple[pl.DataFrame, TrainedModel]:
    rows = read_buckets(shop / "data/logins").sort("user_id", "login_day")
    return rows.gather_every(7).with_row_index("row"), load_model(shop / "data/model/evaluated")


def test_at_the_end_of_the_day_the_score_is_the_login_row_s_own(shop: Path) -> None:
    sample, trained = sampled(shop)
    found = scores_at(sample, world_of(shop, shop / "data/events"), trained, None)
    assert found.to_list() == pytest.approx(trained.predict(sample).tolist(), abs=1e-12)


def test_what_happens_after_the_moment_changes_no_score(shop: Path, tmp_path: Path) -> None:
    sample, trained = sampled(shop)
    moment = timedelta(minutes=5)
    for bucket in buckets_in(shop / "data/events"):
        events = pl.read_parquet(bucket_file(shop / "data/events", bucket))
        begun = pl.col("at").min().over("user_id", pl.col("at").dt.date())
        write_parquet(events.filter(pl.col("at") <= begun + moment), bucket_file(tmp_path, bucket))
    whole = world_of(shop, shop / "data/events")
    early, late = (scores_at(sample, whole, trained, after) for after in (moment, None))
    assert (early - late).abs().max() > 0  # type: ignore[operator]
    first = sample.filter(pl.col("login_number") == 1)  # nothing was cut from earlier days
    cut = scores_at(first, world_of(shop, tmp_path), trained, moment)
    assert cut.to_list() == pytest.approx(early.gather(first["row"]).to_list(), abs=1e-12)


def test_metrics_tell_quality_within_the_day(shop: Path) -> None:
    found = read_json(shop / "reports/metrics.json")["earliness"]["within_day"]
    assert set(found) == {"5_minutes", "1_hour", "end_of_day", "not_yet_logins"}
    assert found["5_minutes"]["rows"] == found["end_of_day"]["rows"]
    assert found["5_minutes"]["log_loss"]["value"] > 0


def test_what_is_published_on_a_day_counts_early_only_on_the_next_and_a_known_calendar_always() -> None:
    days = pl.DataFrame({"known_day": [date(2024, 3, 1), None]})
    found = of_the_day_before(ExternalFrames(tables={"weather": days}, calendars={"season": days}))
    for frame in (found.tables["weather"], found.calendars["season"]):
        assert frame["known_day"].to_list() == [date(2024, 3, 2), None]
