"""Each kind of label through all stages, on a tiny shop; and the morning's list, which keeps the model's label."""

import importlib
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from pipeline.commands import score as morning
from pipeline.config.params import load_params
from pipeline.errors import InputError
from pipeline.learning.churn_in_use import churn_of
from pipeline.runner.stage import run_stage
from pipeline.stages import evaluate, logins
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets
from pipeline.storage.model_folder import load_login_model, load_models
from tests.support.tiny import CONTRACT, START, parameters, project, visits

STAGES = (
    "rates",
    "ingest",
    "activity",
    "logins",
    "landmarks",
    "listed",
    "define",
    "readiness",
    "train",
    "evaluate",
    "profile",
    "health",
    "score",
    "business",
    "report",
)
SUBSCRIBED = {
    **CONTRACT,
    "groups": {**CONTRACT["groups"], "access": ["joined", "cancelled"]},
    "meaning": {"subscription_start": ["joined"], "subscription_end": ["cancelled"]},
}
PERSONAL = {"times": 2.0, "quantile": 0.9, "least_days": 4, "most_days": 20}
NEWCOMERS = {"logins": 3, "days": None, "horizon_days": 7}
LEAD = 2
KINDS: dict[str, dict[str, Any]] = {
    "drop": {"label__kind": "drop", "label__drop": {"share": 0.6, "usual_days": 60}},
    "cancel": {"label__kind": "cancel"},
    "personal": {"label__kind": "personal", "label__personal": PERSONAL},
    "newcomers": {"label__newcomers": NEWCOMERS},
}


def subscribers() -> pl.DataFrame:
    """Lines of a shop where most join at the first visit, and many of them cancel on some later day."""
    lines, random = visits(), np.random.default_rng(8)
    marks = []
    for user, first in lines.group_by("customer").agg(pl.col("time").min()).sort("customer").rows():
        if random.random() < 0.9:
            marks.append((user, first, "joined", "", "DE"))
            left = np.datetime64(first) + np.timedelta64(int(random.exponential(40) * 1440), "m")
            if left < np.datetime64(START.replace(tzinfo=None)) + np.timedelta64(160, "D"):
                end = str(left.astype("datetime64[s]")).replace("T", " ")
                marks.append((user, end, "cancelled", "", "DE"))
    return pl.concat([lines, pl.DataFrame(marks, schema=lines.schema, orient="row")])


@pytest.fixture(scope="module", params=KINDS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = project(
        tmp_path_factory.mktemp(request.param),
        subscribers(),
        SUBSCRIBED,
        train__threads=1,
        label__lead_days=LEAD,
        **KINDS[request.param],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in STAGES:
            run_stage(
                importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml"))
            )
    return request.param, folder


def test_every_stage_runs_and_outcomes_are_known_once_the_window_is_over(shop: tuple[str, Path]) -> None:
    _, folder = shop
    rows = read_buckets(folder / "data/logins")
    end = date.fromisoformat(read_json(folder / "reports/ingest.json")["log_end"])
    closed = pl.col("login_day") + pl.duration(days="window_days") <= end
    assert rows.select((pl.col("ripe") == closed).all()).item()
    assert (rows["churned"].is_null() == ~rows["ripe"]).all()


def test_listed_are_users_who_were_silent_for_less_than_their_own_horizon(shop: tuple[str, Path]) -> None:
    """A window is the lead and then the horizon N of the row: at most N - 1 days of silence."""
    kind, folder = shop
    end = date.fromisoformat(read_json(folder / "reports/ingest.json")["log_end"])
    last = read_buckets(folder / "data/logins").sort("user_id", "login_day").group_by("user_id").last()
    silent = last.with_columns(silent=(pl.lit(end) - pl.col("login_day")).dt.total_days())
    expected = silent.filter(pl.col("silent") <= pl.col("window_days") - LEAD - 1)
    listed = pl.read_parquet(folder / "data/crm/list.parquet")
    found = dict(listed.select("user_id", "silent_days").iter_rows())
    assert len(found) == listed.height > 3
    if kind == "cancel":  # of these only users with a running subscription
        assert found.items() <= dict(expected.select("user_id", "silent").iter_rows()).items()
    else:
        assert found == dict(expected.select("user_id", "silent").iter_rows())
    assert listed["churn_probability"].is_between(0, 1).all()


def test_the_number_of_the_list_is_the_list_model_s_whatever_churn_is(shop: tuple[str, Path]) -> None:
    _, folder = shop
    listed = pl.read_parquet(folder / "data/crm/list.parquet").filter(pl.col("silent_days") > 0)
    rows = read_buckets(folder / "data/listed").join(listed, on="user_id", how="semi").sort("user_id")
    numbers = load_models(folder / "data/model/scoring").predict(rows)
    told = listed.sort("user_id")["churn_probability"].to_list()
    assert told == pytest.approx(numbers.tolist(), abs=1e-12)
    assert (listed["churn_probability"] != listed["login_probability"]).all()


def test_the_window_of_a_row_is_no_feature_and_the_model_keeps_its_definition(shop: tuple[str, Path]) -> None:
    _, folder = shop
    model = load_login_model(folder / "data/model/scoring")
    assert "window_days" not in model.features
    assert model.card.churn == churn_of(load_params(folder / "params.yaml").label)


def test_the_test_period_ends_where_all_windows_are_closed(shop: tuple[str, Path]) -> None:
    _, folder = shop
    rows = read_buckets(folder / "data/logins")
    first, last = read_json(folder / "reports/metrics.json")["periods"]["test"].split(" to ")
    tested = rows.filter(pl.col("login_day").is_between(date.fromisoformat(first), date.fromisoformat(last)))
    assert tested["ripe"].all()
    assert pl.read_parquet(folder / "data/predictions/test.parquet").height == tested.height


def test_the_report_says_what_churn_is(shop: tuple[str, Path]) -> None:
    kind, folder = shop
    sentences = {
        "drop": "fewer than 60% of the user", "cancel": "lost when the subscription ends within 14 days",
        "personal": "2 times the 90% quantile of the gaps so far, 4 to 20 days",
        "newcomers": "within 14 days (7 for newcomers), counted from 2 days after a login",
    }  # fmt: skip
    assert sentences[kind] in (folder / "reports/report.html").read_text("utf-8")


def test_the_morning_s_list_uses_the_definition_of_the_model_and_not_that_of_the_parameters(
    shop: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = shop
    monkeypatch.chdir(folder)
    champion = shutil.copytree(folder / "data/model/scoring", tmp_path / "champion")
    shutil.copy(folder / "reports/metrics.json", champion)
    monkeypatch.setattr(morning, "champion_of", lambda *_: champion)
    parameters(tmp_path)
    params = load_params(Path("params.yaml")).model_copy(
        update={"label": load_params(tmp_path / "params.yaml").label}
    )
    out = morning.score_log(params, "shop.csv", "shop.yaml", None, tmp_path / "lists").folder
    assert out is not None
    ours = pl.read_parquet(out / "list.parquet").drop("episode")
    assert ours.equals(pl.read_parquet("data/crm/list.parquet").drop("episode"), null_equal=True)


def test_a_model_of_another_label_is_refused(shop: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    _, folder = shop
    monkeypatch.chdir(folder)
    params = load_params(Path("params.yaml"))
    other = params.model_copy(update={"label": params.label.model_copy(update={"horizon_days": 13})})
    with pytest.raises(
        InputError,
        match=r"(?s)evaluated: the model was fitted with another definition of churn.*horizon_days=13",
    ):
        run_stage(evaluate.run, other)


def test_of_contracts_only_logins_under_one_are_rows_and_only_running_ones_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, subscribers(), SUBSCRIBED, label__kind="cancel", train__threads=1)
    monkeypatch.chdir(folder)
    for stage in (*STAGES[:6], "readiness", "train", "evaluate", "profile", "health", "score"):
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))
    lines = subscribers().with_columns(day=pl.col("time").str.head(10).str.to_date())
    joined, cancelled = (
        {user: (day, time) for user, day, time in marks.select("customer", "day", "time").iter_rows()}
        for marks in (lines.filter(pl.col("what") == what) for what in ("joined", "cancelled"))
    )
    cancelled = {user: day for user, (day, time) in cancelled.items() if time > joined[user][1]}
    visited = lines.filter(pl.col("what").is_in(["visit", "purchase"])).select("customer", "day").unique()
    end = date.fromisoformat(read_json(folder / "reports/ingest.json")["log_end"])
    expected = {
        (user, day): cancelled.get(user, date.max)
        for user, day in visited.rows()
        if user in joined and joined[user][0] <= day <= end
        and day < cancelled.get(user, date.max)
    }  # fmt: skip
    rows = read_buckets(folder / "data/logins")
    assert {(user, day) for user, day in rows.select("user_id", "login_day").rows()} == set(expected)
    ripe = rows.filter("ripe").select("user_id", "login_day", "churned").rows()
    grace = 1  # days after which an end is certain
    assert all(churned == ((expected[user, day] - day).days + grace <= 14) for user, day, churned in ripe)
    listed = set(pl.read_parquet("data/crm/list.parquet")["user_id"])
    gone = {user for user, day in cancelled.items() if day <= end}
    assert listed
    assert not listed & gone


def test_a_contract_that_names_no_end_cannot_be_asked_for_cancellations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, visits(20, 60), label__kind="cancel")
    monkeypatch.chdir(folder)
    message = r"shop\.yaml: meaning\.subscription_end is missing, and label\.kind = cancel(?s:.*)params\.yaml"
    for stage in ("rates", "ingest", "activity"):
        run_stage(importlib.import_module(f"pipeline.stages.{stage}").run, load_params(Path("params.yaml")))
    with pytest.raises(InputError, match=message):
        run_stage(logins.run, load_params(Path("params.yaml")))
    assert not (folder / "data/logins").exists()


@pytest.mark.parametrize(
    "change",
    [
        ["label.kind=drop", "label.drop.share=0.3"],
        ["label.newcomers.logins=5", "label.newcomers.horizon_days=7"],
        ["label.newcomers={logins: 5, days: null, horizon_days: 7}"],
        ["label.kind=personal", "label.personal.most_days=60"],
    ],
)
def test_a_label_can_be_set_for_one_experiment(change: list[str], tmp_path: Path) -> None:
    from dvc.utils.hydra import apply_overrides  # noqa: PLC0415  # DVC takes a second

    parameters(tmp_path)
    before = yaml.safe_load((tmp_path / "params.yaml").read_text("utf-8"))
    apply_overrides(tmp_path / "params.yaml", change)
    assert load_params(tmp_path / "params.yaml").label != type(load_params(tmp_path / "params.yaml").label)(
        **before["label"]
    )
