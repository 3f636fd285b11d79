"""The replay of a user's own log finds no difference, unless a feature peeks: then it names it."""

import shutil
from collections.abc import Sequence
from dataclasses import replace as changed
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from features.define import Feature
from pipeline.cli import app
from pipeline.commands import replay
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.log.feature_set import features_in_use
from pipeline.runner.stage import signature_of
from pipeline.storage.datasets import DATA_SETS, EVENTS, RATES
from pipeline.storage.frames import bucket_file, buckets_in, read_bucket, read_buckets, write_parquet
from pipeline.storage.manifest import write_manifest
from tests.support.stage_runs import run_here
from tests.support.tables import declared
from tests.support.tiny import CONTRACT, project, visits

MADE_BEFORE = ("rates", "ingest", "activity")
MONEY: dict[str, Any] = {
    **CONTRACT,
    "columns": {**CONTRACT["columns"], "currency": "money"},
    "currency": {"reporting": "EUR"},
}


def lines() -> pl.DataFrame:
    """A shop whose users pay in pounds or euros."""
    number = pl.col("customer").str.slice(1).cast(pl.Int64)
    return visits(200, 60).with_columns(
        money=pl.when(number % 2 == 0).then(pl.lit("GBP")).otherwise(pl.lit("EUR"))
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("replay"), lines(), MONEY)
    with pytest.MonkeyPatch.context() as patch:
        run_here(folder, patch, *MADE_BEFORE, "logins", "landmarks")
    return folder


@pytest.fixture
def here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(shop)
    return shop


@pytest.fixture
def copy(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(shop, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def replayed(**asked: int) -> replay.Replayed:
    asked = {"rows": 30, "days": 3, "seed": 1} | asked
    return replay.replay(load_params(Path("params.yaml")), Path(), **asked)


@pytest.mark.usefixtures("here")
def test_the_rows_of_an_honest_log_are_as_known_on_their_day() -> None:
    """30 login rows, and as many landmark rows of the same days."""
    outcome = replayed()
    logins, landmarks = (read_buckets(Path(f"data/{name}")) for name in ("logins", "landmarks"))
    assert (outcome.rows, outcome.landmarks, outcome.days, outcome.differences) == (30, 30, 3, ())
    assert {"churned", "ripe", "drawn", "listed", "revenue_ahead"} < set(
        landmarks.columns
    )  # known later, or drawn
    of_logins, of_landmarks = len(logins.columns) - 4, len(landmarks.columns) - 7
    assert outcome.values == 30 * (of_logins + of_landmarks)


@pytest.mark.usefixtures("here")
def test_a_day_of_the_log_s_first_weeks_has_the_features_of_the_whole_log() -> None:
    days = read_buckets(Path("data/logins"), ["login_day"])["login_day"].n_unique() // 3
    outcome = replayed(rows=days, days=days)
    assert (outcome.rows, outcome.days, outcome.differences) == (days, days, ())


def test_a_rate_that_comes_late_or_is_revised_after_the_fact_makes_no_difference(
    shop: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = pl.read_parquet(RATES.path)
    known, number = pl.col("known_at"), pl.col("date").dt.ordinal_day()
    late = rates.with_columns(pl.when(number % 3 == 0).then(known + timedelta(days=5)).otherwise(known))
    revised = rates.with_columns(pl.col("rate") * 1.5, known + timedelta(days=2)).filter(number % 2 == 0)
    write_parquet(pl.concat([late, revised]).sort("date", "currency", "known_at"), RATES.path)
    run_here(copy, monkeypatch, "activity", "logins", "landmarks")
    assert not read_buckets(Path("data/logins")).equals(read_buckets(shop / "data/logins"), null_equal=True)
    assert replayed().differences == ()


@pytest.mark.usefixtures("copy")
def test_a_rate_dated_back_is_a_difference() -> None:
    rates = pl.read_parquet(RATES.path)
    write_parquet(rates.with_columns(pl.col("known_at") + timedelta(days=3)), RATES.path)
    outcome = replayed()
    assert "currency_price_change_7d" in {difference.feature for difference in outcome.differences}


def with_a_peek(*given: Any, **named: Any) -> tuple[Feature, ...]:
    return (
        *features_in_use(*given, **named),
        declared(name="peek", value=pl.col("events").shift(-1)),
    )


def test_a_feature_that_peeks_is_named_with_row_and_both_values(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.log.log_in_use.features_in_use", with_a_peek)
    run_here(copy, monkeypatch, "logins", "landmarks")
    outcome = replayed()
    assert {difference.feature for difference in outcome.differences} == {"peek"}
    first = outcome.differences[0]
    rows = read_buckets(Path("data/logins"))
    peeked = rows.filter((pl.col("user_id") == first.user_id) & (pl.col("login_day") == first.login_day))[
        "peek"
    ]
    assert first.stored == f"{peeked.item():g}"
    assert first.replayed != first.stored
    done = CliRunner().invoke(app, ["replay", "--rows", "30", "--days", "3"])
    assert done.exit_code == 1
    assert str(first) in done.stderr
    assert f"{len(outcome.differences)} differ" in done.stderr


@pytest.mark.usefixtures("copy")
def test_a_landmark_row_that_differs_from_the_list_of_its_day_is_named() -> None:
    folder = Path("data/landmarks")
    for bucket in buckets_in(folder):
        rows = read_bucket(folder, bucket)
        write_parquet(rows.with_columns(pl.col("silent_to_mean_gap") + 1), bucket_file(folder, bucket))
    write_manifest(folder)
    outcome = replayed()
    assert {difference.feature for difference in outcome.differences} == {"silent_to_mean_gap"}


def test_a_row_that_the_day_did_not_have_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = read_buckets(here / "data/logins").head(1).with_columns(user_id=pl.lit("nobody"))
    rows_of = replay._rows_of

    def with_nobody(folder: Path, wanted: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
        outcome = rows_of(folder, wanted, keys)
        return (
            outcome
            if folder != Path("data/logins")
            else pl.concat([outcome, made_up.select(outcome.columns)])
        )

    monkeypatch.setattr(replay, "_rows_of", with_nobody)
    outcome = replayed(rows=2, days=1)
    assert [(d.feature, d.user_id, d.replayed) for d in outcome.differences] == [
        ("the row", "nobody", "absent")
    ]


@pytest.mark.usefixtures("here")
def test_the_command_says_what_it_compared() -> None:
    done = CliRunner().invoke(app, ["replay", "--rows", "10", "--days", "2"])
    assert done.exit_code == 0
    assert done.stdout.startswith("replay: 10 login rows and 10 landmark rows of 2 days,")
    assert "values: all equal" in done.stdout
    few = CliRunner().invoke(app, ["replay", "--rows", "9999", "--days", "1"])
    assert "(asked for 9,999: use more --days) and " in few.stdout
    assert "of 1 days" in few.stdout


def test_every_input_of_the_two_stages_is_cut_in_time() -> None:
    """An input that is added to a stage needs a `cut_by`: how it was on a day of the past."""
    signatures = [signature_of(stage) for stage in replay._STAGES]
    made = {path for signature in signatures for path in signature.outputs.values()}
    read = {path for signature in signatures for path in signature.inputs.values()} - made
    cut = {data_set.path for data_set in DATA_SETS if data_set.cut_by is not None}
    assert read <= cut


@pytest.mark.usefixtures("here")
def test_an_input_that_nobody_cuts_in_time_stops_the_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "data_set_at", lambda _: changed(EVENTS, cut_by=None))
    at = datetime.fromisoformat("2024-02-11T00:00:00+00:00")
    with pytest.raises(NotImplementedError, match="nobody says how data/anonymous is cut in time"):
        replay.lay_out_as_of(Path(), tmp_path, replay.DayEnd(date(2024, 2, 10), at))


def test_what_is_known_by_a_day_ends_with_it(here: Path, tmp_path: Path) -> None:
    at = datetime.fromisoformat("2024-02-11T00:00:00+00:00")
    replay.lay_out_as_of(here, tmp_path, replay.DayEnd(date(2024, 2, 10), at))
    whole, cut = (read_buckets(root / "data/events") for root in (here, tmp_path))
    assert cut.equals(whole.filter(pl.col("at") < at))
    assert whole.height > cut.height > 0
    assert pl.read_parquet(tmp_path / RATES.path)["known_at"].max() < at


@pytest.mark.usefixtures("here")
def test_rows_are_drawn_at_random_and_evenly_over_the_days() -> None:
    folder = Path("data/logins")
    drawn = replay.chosen_rows(folder, 40, 5, seed=1)
    assert drawn.height == drawn.unique().height == 40
    assert drawn["login_day"].value_counts()["count"].to_list() == [8] * 5
    assert drawn.equals(replay.chosen_rows(folder, 40, 5, seed=1))
    assert not drawn.equals(replay.chosen_rows(folder, 40, 5, seed=2))
    every = replay.chosen_rows(folder, 10**6, 10**4, seed=1)
    assert every.height == read_buckets(folder).height


@pytest.mark.usefixtures("copy")
def test_nothing_to_replay_and_rows_of_another_catalogue_are_said() -> None:
    folder = Path("data/logins")
    rows = read_buckets(folder).rename({"logins_life": "logins_ever"})
    for bucket in buckets_in(folder):
        write_parquet(rows if bucket == 0 else rows.clear(), bucket_file(folder, bucket))
    write_manifest(folder)
    with pytest.raises(InputError, match=r"the differences are logins_ever, logins_life"):
        replayed()
    for bucket in buckets_in(folder):
        write_parquet(rows.clear(), bucket_file(folder, bucket))
    write_manifest(folder)
    with pytest.raises(InputError, match="holds no login row"):
        replayed()


@pytest.mark.usefixtures("copy")
def test_an_input_that_is_gone_is_named() -> None:
    RATES.path.unlink()
    with pytest.raises(InputError, match=r"rates\.parquet: no such input"):
        replayed()
