"""The lists for import of a finished shop, against its raw lines; and of the same shop with opt-outs and contacts."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.advice.list_facts import LISTS
from pipeline.crm.lists.columns import OWN
from pipeline.storage.files import read_json
from tests.support.shop import EDGES, finished_shop
from tests.support.stage_runs import run_here
from tests.support.tiny import SHOP, parameters

HORIZON = 14


def list_of(shop: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(shop / f"data/crm/lists/{name}.parquet")


def on_lists(shop: Path) -> list[str]:
    return [user for name in LISTS for user in list_of(shop, name)["user_id"]]


def counts_of(shop: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(shop / "data/crm/summary.json")["lists"]
    return found


def raw(shop: Path) -> tuple[pl.DataFrame, date]:
    """`user, day, what` of the raw lines up to the last day of the log, and that day."""
    end = date.fromisoformat(read_json(shop / "reports/ingest.json")["log_end"])
    lines = pl.read_csv(shop / "shop.csv", infer_schema=False)
    days = lines.select(user="customer", day=pl.col("time").str.head(10).str.to_date(), what="what")
    return days.filter(pl.col("day") <= end), end


def last_day(lines: pl.DataFrame, *kinds: str) -> dict[str, date]:
    return dict(
        lines.filter(pl.col("what").is_in(kinds)).group_by("user").agg(pl.col("day").max()).iter_rows()
    )


def test_every_list_has_the_columns_of_the_crm_list_and_its_own_and_nobody_is_on_two() -> None:
    shop = finished_shop()
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    assert {file.name for file in (shop / "data/crm/lists").iterdir()} == {
        f"{name}.{ending}" for name in LISTS for ending in ("csv", "parquet")
    }
    for name in LISTS:
        made = list_of(shop, name)
        assert dict(made.schema) == {**listed.schema, "why": pl.String, **OWN[name]}
        assert made["why"].null_count() == 0
        assert made["rank"].is_sorted()
        assert pl.read_csv(shop / f"data/crm/lists/{name}.csv", infer_schema=False).columns == made.columns
        assert counts_of(shop)[name]["users"] == made.height
    assert len(on_lists(shop)) == len(set(on_lists(shop)))
    held_out = listed.filter(pl.col("action") == "holdout")["user_id"]
    assert held_out.len() > 0
    assert not set(held_out) & set(on_lists(shop))


def test_who_is_contacted_is_to_be_saved_with_the_reason_of_the_list() -> None:
    shop = finished_shop()
    contacted = pl.read_parquet(shop / "data/crm/list.parquet").filter(pl.col("action") == "contact")
    save = list_of(shop, "save")
    assert save.drop("why").equals(contacted, null_equal=True)
    assert save.height > 3
    for why, reason, silence in save.select("why", "reason_1_text", "silence_text").iter_rows():
        assert all(part in why for part in (reason, silence) if part) or why.startswith("the risk")


def test_who_has_not_come_for_the_horizon_is_to_be_won_back() -> None:
    shop = finished_shop()
    lines, end = raw(shop)
    came = last_day(lines, "visit", "purchase")
    away = {user: (end - day).days for user, day in came.items() if (end - day).days >= HORIZON}
    made = list_of(shop, "winback")
    assert dict(made.select("user_id", "days_since_left").iter_rows()) == away
    beyond = pl.read_parquet(shop / "data/crm/beyond_horizon.parquet")
    numbers = dict(beyond.select("user_id", "churn_probability").iter_rows())
    for user, chance, because in made.select("user_id", "return_probability", "return_because").iter_rows():
        assert chance == (pytest.approx(1 - numbers[user]) if user in numbers else None)
        assert (because is None) == (user in numbers)
    first = made.row(0, named=True)
    day = came[first["user_id"]]
    assert first["why"] == f"last came on {day.day} {day:%B}"
    assert (first["play"], first["action"], first["arm"]) == ("winback_simple", "contact", None)
    assert made["reason_1"].null_count() == made.height
    assert (
        made["came_for"].null_count() == made.height
    )  # everybody visits, and all who bought came for purchases


def test_who_has_just_bought_is_asked_unless_the_money_came_back() -> None:
    shop = finished_shop()
    lines, end = raw(shop)
    bought, refunded = last_day(lines, "purchase"), last_day(lines, "refund")
    recent = {
        user for user, day in bought.items() if (end - day).days <= 2 and refunded.get(user, date.min) < day
    }
    made = list_of(shop, "survey")
    others = set(on_lists(shop)) - set(made["user_id"])
    listed = pl.read_parquet(shop / "data/crm/list.parquet")
    held_out = set(listed.filter(pl.col("action") == "holdout")["user_id"])
    assert set(made["user_id"]) == (recent & set(listed["user_id"])) - others - held_out
    assert made.height > 0
    assert set(made["trigger"]) == {"purchase"}


def test_a_list_that_the_log_cannot_fill_is_empty_and_says_why() -> None:
    entries = counts_of(finished_shop())
    assert entries["promoters"]["because"] == (
        "the log has no scores of surveys: its contract names no columns.score"
    )
    assert entries["upgrade"]["because"] == (
        "the log tells neither goals nor levels, and its contract names no meaning.limit"
    )
    assert entries["reward"]["because"] == "no user meets its conditions"
    assert {name for name, entry in entries.items() if entry["because"]} == {"promoters", "upgrade", "reward"}


def test_who_opted_out_is_on_no_list_and_who_was_contacted_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(finished_shop(), shop)
    before = {name: list_of(shop, name) for name in LISTS}
    end = before["winback"]["as_of"][0]
    out = [before[name]["user_id"][0] for name in ("save", "winback", "survey")]
    recent, later = before["winback"]["user_id"][1], before["winback"]["user_id"][2]
    (shop / "out.csv").write_text("\n".join(["user_id", *out]) + "\n", "utf-8")
    rows = [f"{recent},{end - timedelta(days=3)}T08:00:00,way_past,email"]
    rows += [f"{later},{end - timedelta(days=50)}T08:00:00,winback_simple,email"]
    (shop / "contacts.csv").write_text(
        "\n".join(["user_id,contacted_at,play,channel", *rows]) + "\n", "utf-8"
    )
    rule = {"name": "opted_out", "path": "out.csv", "column": "user_id", "until": None}
    changes = {"never_contact__rules": [rule], "contacts__path": "contacts.csv"}
    parameters(shop, **{**SHOP, **EDGES, **changes})
    run_here(shop, monkeypatch, "score")
    assert not {*out, recent, later} & set(on_lists(shop))
    assert counts_of(shop)["winback"]["left_out"] == {"asked_before": 1, "cool_down": 1, "opted_out": 1}
    assert len(on_lists(shop)) == len(set(on_lists(shop)))
