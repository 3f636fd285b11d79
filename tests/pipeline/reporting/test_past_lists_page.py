"""The page of past lists shows what the report has, and names nobody."""

from pathlib import Path
from typing import Any

import polars as pl

from pipeline.reporting.past_lists_page import past_lists_page
from pipeline.storage.files import read_json, write_json
from tests.pipeline.judging.test_report import ledger, report
from tests.support.episodes import episodes


def plain(made: Any, folder: Path) -> dict[str, Any]:
    write_json(made, folder / "judge.json")
    return dict(read_json(folder / "judge.json"))


def test_effects_money_and_predictions_are_on_the_page(tmp_path: Path) -> None:
    rows = ledger(episodes(1, users=6_000, saves=0.5))
    page = past_lists_page(plain(report(rows), tmp_path))
    assert all(line.replace("'", "&#39;") in page for line in report(rows)["says"])
    assert page.count("data:image/svg+xml") == 2
    assert all(
        words in page
        for words in ("play: one_step", "Money over 30 days, in EUR", "AUC expected", "2024-01-07")
    )
    assert not [user for user in rows["user_id"].head(50) if user in page]


def test_without_an_effect_the_page_says_so(tmp_path: Path) -> None:
    rows = ledger(episodes(2))
    lost = rows.filter((pl.col("arm") == "contact") | ~pl.col("churned"))
    page = past_lists_page(plain(report(lost), tmp_path))
    assert "No effect is shown" in page
    assert "not what was drawn" in page
    assert "Money over" not in page
