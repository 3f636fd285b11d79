"""The stages one after another on a tiny shop, as `dvc repro` runs them."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.catalogue.roles import LOGIN_NUMBER, PAID
from features.define import DIMENSIONS
from models.explanation import peer_reference
from models.targeting.holdout import arms, period_of
from pipeline.errors import InputError
from pipeline.explanation.explain import explain, reason_columns, told_once
from pipeline.learning import last_logins
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.feature_set import features_of_model
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import read_buckets
from pipeline.storage.model_folder import load_login_model, load_models
from tests.support.shop import EDGES, WHOLE, finished_shop
from tests.support.stage_runs import BEFORE_TRAINING, digests, run_here
from tests.support.tiny import CONTRACT, SHOP, parameters, project, visits


@pytest.fixture(scope="module")
def shop() -> Path:
    return finished_shop()


def test_every_login_day_of_the_log_is_one_row_with_its_label(shop: Path) -> None:
    rows = read_buckets(shop / "data/logins")
    lines = pl.read_csv(shop / "shop.csv")
    assert rows.height == lines.select("customer", pl.col("time").str.head(10)).unique().height
    assert rows.columns[:6] == ["user_id", "login_day", "login_number", "churned", "ripe", "window_days"]
    assert rows.schema["login_number"] == pl.Int32
    assert rows.filter(pl.col("ripe") == pl.col("churned").is_null()).is_empty()
    assert set(rows.dtypes[6:]) == {pl.Float32}


def test_the_list_holds_every_user_whose_last_login_is_unripe_once(shop: Path) -> None:
    rows = read_buckets(shop / "data/logins").sort("user_id", "login_day")
    unripe = rows.group_by("user_id").last().filter(~pl.col("ripe"))
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    assert sorted(listed["user_id"]) == sorted(unripe["user_id"])
    assert listed["rank"].to_list() == list(range(1, listed.height + 1))
    today = listed.filter(pl.col("silent_days") == 0)
    assert today["churn_probability"].to_list() == pytest.approx(
        today["login_probability"].to_list(), abs=1e-12
    )
    assert not listed["churn_probability"].equals(listed["login_probability"])
    assert listed.filter(~pl.col("churn_probability").is_between(0, 1)).is_empty()
    assert pl.read_csv(shop / "data/crm/list.csv").columns == listed.columns


def test_the_list_has_the_columns_of_the_design_that_can_be_told_truthfully(shop: Path) -> None:
    assert pl.read_parquet(shop / "data/crm/list.parquet").columns == [
        "user_id", "as_of", "last_login_day", "login_number", "silent_days", "population", "login_probability",
        "churn_probability", "risk_percentile", "risk_band", "expected_revenue", "value_at_risk", "expected_profit",
        "currency", "rank", "action", "excluded_by", "arm", "episode", "cause", "silence_text", "silence_share",
        "reason_1", "reason_2", "reason_3", "reason_1_text", "reason_2_text", "reason_3_text", "style", "play_style",
        "segment_text", "quadrant", "lead_score", "engagement", "health",
        "play", "play_now", "next_step", "goal", "duty", "evidence", "evidence_text", "grade",
        "model_version",
    ]  # fmt: skip


def test_payments_so_far_and_revenue_ahead_are_what_the_raw_lines_say(shop: Path) -> None:
    lines = pl.read_csv(shop / "shop.csv", schema_overrides={"sum": pl.Float64})
    paid = lines.select("customer", "sum", day=pl.col("time").str.head(10).str.to_date())
    facts = read_json(shop / "data/events/log.json")
    end, ahead_days = date.fromisoformat(facts["log_end"]), pl.duration(days=facts["log_days"] // 5)
    rows = read_buckets(shop / "data/landmarks").filter(pl.col("drawn")).sort("user_id", "as_of")
    pairs = rows.select("user_id", "as_of").join(paid, left_on="user_id", right_on="customer", how="left")
    day, as_of = pl.col("day"), pl.col("as_of")
    expected = pairs.group_by("user_id", "as_of").agg(
        so_far=pl.col("sum").filter(day <= as_of).sum(),
        recent=pl.col("sum").filter((day <= as_of) & (day > as_of - pl.duration(days=90))).sum(),
        ahead=pl.col("sum").filter((day > as_of) & (day <= as_of + ahead_days)).sum().clip(lower_bound=0),
    )
    both = rows.join(expected, on=["user_id", "as_of"])
    for found, name in (("net_so_far", "so_far"), ("net_recent", "recent")):
        assert (both[found] / 100).to_list() == pytest.approx(both[name].to_list(), abs=0.006)
    known = both.filter(as_of + ahead_days <= end)
    assert (known["revenue_ahead"] / 100).to_list() == pytest.approx(known["ahead"].to_list(), abs=0.006)
    assert both["revenue_ahead"].null_count() == both.height - known.height > 0
    assert lines.filter(pl.col("what") == "refund").height > 20


def test_value_at_risk_is_probability_times_expected_revenue(shop: Path) -> None:
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    expected = listed["churn_probability"] * listed["expected_revenue"]
    assert listed["value_at_risk"].to_list() == pytest.approx(expected.to_list(), abs=0.011)
    assert listed["expected_revenue"].sum() > 0


def test_contributions_add_up_to_the_model_s_own_log_odds(shop: Path) -> None:
    profiles = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    rows = (
        read_buckets(shop / "data/logins")
        .sort("user_id", "login_day")
        .group_by("user_id", maintain_order=True)
        .last()
    )
    model = load_login_model(shop / "data/model/scoring")
    raw = model.booster.predict(rows.select(model.features).to_numpy(), raw_score=True)
    log_odds = profiles.sort("user_id").select(pl.sum_horizontal("base_log_odds", *DIMENSIONS)).to_series()
    assert log_odds.to_list() == pytest.approx(list(raw), abs=1e-4)


def test_every_user_has_one_profile_with_reasons_in_words(shop: Path) -> None:
    profiles = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    assert profiles["user_id"].is_unique().all()
    assert profiles.filter(pl.col("reason_1").is_null() != pl.col("reason_1_text").is_null()).is_empty()
    assert profiles["reason_1_text"].drop_nulls().str.contains(r"\{|nan").sum() == 0
    assert profiles["reason_1"].null_count() < profiles.height / 2


def test_points_of_probability_add_up_to_the_probability_less_the_model_s_base_rate(shop: Path) -> None:
    profiles = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    added = profiles.select(pl.sum_horizontal(f"points_{name}" for name in DIMENSIONS)).to_series()
    rise = profiles["login_probability"] - profiles["base_probability"]
    assert added.to_list() == pytest.approx(rise.to_list(), abs=1e-12)


def test_every_user_has_a_style_and_a_play_and_the_chosen_keep_their_arm(shop: Path) -> None:
    profiles = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    report = read_json(shop / "data/profiles/styles.json")
    assert {style["name"]: style["users"] for style in report["styles"]} == dict(
        profiles["style"].value_counts().rows()
    )
    assert profiles.select("style", "play", "next_step").null_count().sum_horizontal().item() == 0
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    chosen = listed.filter(pl.col("arm").is_not_null())
    assert chosen.height > 10
    assert chosen["arm"].equals(
        arms(chosen["user_id"], 0.1, "lastlogin", period_of(chosen["as_of"][0], "quarter"))
    )
    assert chosen.filter(pl.col("arm") != pl.col("action")).is_empty()
    assert chosen.filter(pl.col("expected_profit") <= 0).is_empty()


def test_only_a_user_to_be_contacted_has_a_play_a_step_and_a_goal(shop: Path) -> None:
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    contact = listed["action"] == "contact"
    assert contact.any()
    assert listed.filter(contact)["play"].null_count() == 0
    assert (
        listed.filter(~contact).select("play", "next_step", "goal").null_count().row(0)
        == ((~contact).sum(),) * 3
    )


def test_the_summary_accounts_for_every_user_of_the_log(shop: Path) -> None:
    summary = read_json(shop / "data/crm/summary.json")
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    rest = ("listed", "beyond_horizon", "silent_for_longer", "not_scored", "without_login")
    assert summary["users_in_log"] == sum(summary[name] for name in rest)
    assert summary["users_in_log"] == read_buckets(shop / "data/activity")["user_id"].n_unique()
    assert summary["listed"] == listed.height == sum(summary["actions"].values())
    for action in ("contact", "watch", "excluded"):
        assert sum(summary[action].values()) == summary["actions"][action]
    contacts = listed.filter(pl.col("action") == "contact", pl.col("arm").is_not_null())
    assert summary["expected"]["profit"] == pytest.approx(contacts["expected_profit"].sum(), abs=0.01)


def test_a_model_that_hardly_tells_users_apart_promises_nothing_of_any_goal(shop: Path) -> None:
    for name in ("profiles/profiles", "crm/explained"):
        goals = pl.read_parquet(shop / f"data/{name}.parquet")[
            "goal_text", "goal_probability", "goal_instead_of"
        ]
        assert goals.null_count().row(0) == (goals.height,) * 3
    assert pl.read_parquet(shop / "data/crm/list.parquet")["goal"].null_count() == goals.height


def test_each_user_lies_in_one_segment_as_large_as_is_told_with_the_risk_of_those_on_the_list(
    shop: Path,
) -> None:
    report, models = read_json(shop / "reports/segments.json"), load_models(shop / "data/model/scoring")
    of_users = pl.read_parquet(shop / "data/profiles/segments.parquet")
    assert of_users.height == pl.read_parquet(shop / "data/profiles/profiles.parquet").height
    listed = read_buckets(shop / "data/listed").filter(pl.col("silent_days") < pl.col("window_days"))
    numbers = listed.select("user_id", pl.Series("risk", models.predict(listed)))
    measured = (
        of_users.join(numbers, on="user_id", how="left")
        .group_by("segment")
        .agg(pl.len(), pl.col("risk").count().alias("listed"), pl.col("risk").mean())
        .sort("segment")
    )
    for column, key in (("len", "users"), ("listed", "listed")):
        assert measured[column].to_list() == [segment[key] for segment in report["segments"]]
    means = [segment["mean_risk"] for segment in report["segments"]]
    assert measured["risk"].to_list() == [None if mean is None else pytest.approx(mean) for mean in means]
    known = [mean for mean in means if mean is not None]
    assert known == sorted(known, reverse=True)


def test_causes_count_each_listed_user_once_and_their_value_adds_up(shop: Path) -> None:
    listed, report = pl.read_parquet(shop / "data/crm/list.parquet"), read_json(shop / "reports/causes.json")
    parts = [*report["causes"], report["no_cause"]]
    assert sum(part["users"] for part in parts) == report["users"] == listed.height
    assert sum(part["value_at_risk"] for part in parts) == pytest.approx(
        listed["value_at_risk"].sum(), abs=0.5
    )


def test_every_user_has_a_play_style_or_the_reason_for_none(shop: Path) -> None:
    profiles = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    report = read_json(shop / "data/profiles/play_styles.json")
    assert report["dimensions"] == ["visit", "purchase", "refund"]  # of a log with two groups
    known = dict(profiles["play_style"].drop_nulls().value_counts().rows())
    assert known == {style["name"]: style["users"] for style in report["styles"]}
    assert (profiles["play_style"].is_null() == profiles["play_style_text"].is_not_null()).all()
    listed = pl.read_parquet(shop / "data/crm/list.parquet").join(
        profiles, on="user_id", suffix="_of_profile"
    )
    assert listed["play_style"].equals(listed["play_style_of_profile"], null_equal=True)


def test_former_styles_keep_their_names_and_their_users(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = read_json(shop / "data/profiles/styles.json")
    for number, style in enumerate(former["styles"]):
        style["name"] = f"style {number}"
    write_json(former, tmp_path / "former.json")
    play = read_json(shop / "data/profiles/play_styles.json")
    for number, style in enumerate(play["styles"]):
        style["name"] = f"play {number}"
    write_json(play, tmp_path / "play_styles.json")
    again = tmp_path / "again"
    shutil.copytree(shop, again)
    parameters(again, **SHOP, styles__former=str(tmp_path / "former.json"))
    run_here(again, monkeypatch, "profile")
    now = read_json(again / "data/profiles/styles.json")
    assert [style["name"] for style in now["styles"]] == [style["name"] for style in former["styles"]]
    assert not any(style["new"] for style in now["styles"])
    now = read_json(again / "data/profiles/play_styles.json")
    assert [style["name"] for style in now["styles"]] == [style["name"] for style in play["styles"]]
    people = pl.read_parquet(again / "data/profiles/profiles.parquet")
    assert people.select(pl.col("style_before", "play_style_before").is_null().all()).row(0) == (True, True)


def test_styles_that_are_none_are_refused(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "again"
    shutil.copytree(shop, again)
    parameters(again, **SHOP, styles__former="shop.yaml")
    with pytest.raises(InputError, match=r"shop\.yaml: not the styles of an earlier run"):
        run_here(again, monkeypatch, "profile")


def test_running_every_stage_twice_gives_the_same_bytes(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = project(tmp_path / "again", visits(), **EDGES)
    run_here(again, monkeypatch, *WHOLE)
    assert digests(again / "data") == digests(shop / "data")


def test_profiles_do_not_depend_on_how_many_users_are_held_at_a_time(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "again"
    shutil.copytree(shop, again)
    monkeypatch.setattr(last_logins, "BATCH_USERS", 1)
    run_here(again, monkeypatch, "profile")
    whole, parts = (pl.read_parquet(root / "data/profiles/profiles.parquet") for root in (shop, again))
    assert_frame_equal(whole, parts)
    groups = [read_json(root / "data/profiles/peers.json")["groups"] for root in (shop, again)]
    for one, other in zip(*groups, strict=True):
        known = zip(one["usual"], other["usual"], strict=True)
        assert all(a == b or a == pytest.approx(b, rel=1e-12) for a, b in known)


def test_a_row_alone_is_told_the_reasons_of_its_profile(shop: Path) -> None:
    trained = load_login_model(shop / "data/model/scoring")
    people = pl.read_parquet(shop / "data/profiles/profiles.parquet")
    rows = people.select("user_id", "login_day").join(
        read_buckets(shop / "data/logins"), on=["user_id", "login_day"], maintain_order="left"
    )
    features = features_of_model(
        trained.features,
        load_contract(shop / "shop.yaml"),
        read_external_data(shop / "reports/external.json"),
    )
    reference = peer_reference.from_json(read_json(shop / "data/profiles/peers.json"))
    earlier = read_buckets(shop / "data/logins").group_by("user_id", maintain_order=True)
    usual = earlier.agg(pl.col(trained.features).slice(0, pl.len() - 1).fill_nan(None).mean())
    usual = people.select("user_id").join(usual, on="user_id", maintain_order="left")
    placement = reference.among(rows, LOGIN_NUMBER, PAID)
    measured = explain(rows, trained, features, placement, usual)
    alone = reason_columns(told_once(measured.reasons(placement), features), features, [None] * rows.height)
    names = ["reason_1", "reason_2", "reason_3"]
    assert alone.select(names).equals(people.select(names))


def test_nothing_half_written_is_left(shop: Path) -> None:
    assert list(shop.rglob(".part-*")) == []


def test_presence_decides_which_days_are_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buyers = {**CONTRACT, "presence": {"kinds": ["purchase"]}}
    folder = project(tmp_path, visits(40), buyers)
    run_here(folder, monkeypatch, *BEFORE_TRAINING)
    bought = (
        visits(40)
        .filter(pl.col("what") == "purchase")
        .select("customer", pl.col("time").str.head(10))
        .unique()
    )
    assert read_buckets(folder / "data/logins").height == bought.height
    report = read_json(folder / "reports/activity.json")
    came = visits(40).select("customer", pl.col("time").str.head(10)).unique().height
    assert (report["user_days"], report["login_days"]) == (came, bought.height)
    assert report["dropped_by_presence"] == came - bought.height > 0
    assert report["presence"] == {"kinds": ["purchase"], "least_minutes": 0.0, "least_events": 1}


def test_the_warm_up_leaves_out_the_first_rows_and_keeps_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = project(tmp_path / "cold", visits(40))
    warm = project(tmp_path / "warm", visits(40), log__warm_up_days=50)
    run_here(cold, monkeypatch, *BEFORE_TRAINING)
    run_here(warm, monkeypatch, *BEFORE_TRAINING)
    first = date.fromisoformat(read_json(cold / "reports/ingest.json")["log_start"]) + timedelta(days=50)
    kept = read_buckets(cold / "data/logins").filter(pl.col("login_day") >= first)
    assert read_buckets(warm / "data/logins").equals(kept, null_equal=True)
