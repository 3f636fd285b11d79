"""The report: one page without network, user ids or clock, that says what there is and no more."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.crm.summary_text import choice_in_words
from pipeline.stages import report
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import write_parquet
from tests.support.finished import finished, run_in


def page(root: Path) -> str:
    run_in(root, report.run)
    return (root / "reports/report.html").read_text("utf-8")


def changed_json(path: Path, **changes: Any) -> None:
    write_json(read_json(path) | changes, path)


def test_the_page_tells_grade_numbers_and_reasons(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content, metrics = page(root), read_json(root / "reports/metrics.json")
    listed = pl.read_parquet(root / "data/crm/list.parquet").filter(pl.col("action") == "contact")
    first = listed.drop_nulls("reason_1_text").row(0, named=True)
    assert f"<b>Grade {metrics['grade']}:</b>" in content
    assert f"{metrics['list']['auc']['value']:.3f}" in content
    assert f"{metrics['test']['auc']['value']:.3f}" in content
    assert f"{metrics['baselines']['silence']['auc']['low']:.3f} to" in content
    assert f"<li>{first['reason_1_text']}</li>" in content
    assert f"{first['churn_probability']:.1%}" in content
    assert "within 14 days." in content
    assert content.count("<img ") == 19


def test_the_figures_of_the_business_stand_there_with_intervals_and_reasons(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content, report = unescape(page(root)), read_json(root / "reports/business.json")
    months = [row for row in report["figures"] if row["grain"] == "month" and not row["partial"]]
    last = {row["kpi"]: row for row in months if row["period"] == months[-1]["period"]}
    assert f"The last whole period is {months[-1]['period']}" in content
    churn = last["churn_rate"]
    shown = f"{churn['value']:.1%}<small>{churn['low']:.1%} to {churn['high']:.1%}</small>"
    assert shown in content
    assert "revenue, refunds, net revenue" in content  # among those that are not known
    assert "as the log has no amounts." in content


def test_styles_and_segments_stand_there_in_words(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content = unescape(page(root))
    for style in read_json(root / "data/profiles/styles.json")["styles"]:
        assert f"<b>{style['name']}</b><small>{style['says']}</small>" in content
        assert ", ".join(style["causes_text"]) in content
    assert "600 users have no play style: the log has fewer than three groups or kinds of events." in content
    for segment in read_json(root / "reports/segments.json")["segments"]:
        assert f"<td>{segment['says']}</td>" in content


def test_play_styles_stand_there_with_what_their_users_do_and_reach(tmp_path: Path) -> None:
    root = finished(tmp_path)
    style = {
        "name": "Mostly quests", "says": "Their actions: 90% quests.", "users": 1234, "share": 0.4,
        "churned_share": 0.25, "advice": "two quests, as 40% of peers do",
    }  # fmt: skip
    write_json({"styles": [style], "without": {}}, root / "data/profiles/play_styles.json")
    run_in(root, report.run)
    content = unescape(page(root))
    assert "<b>Mostly quests</b><small>Their actions: 90% quests.</small>" in content
    assert (
        '1,234</td><td class="n">40%</td><td class="n">25%</td><td>two quests, as 40% of peers do</td>'
        in content
    )


def test_what_was_left_out_of_the_log_is_shown_with_and_without_a_day_since_when(tmp_path: Path) -> None:
    root = finished(tmp_path)
    some = {
        "reason": "x",
        "what": "lines without a user",
        "lost": 2102,
        "of": 677_328,
        "share": 0.0031,
        "names": {},
    }
    since = {"since": "2024-03-01", "share_before": 0.01, "share_since": 0.4}
    check = {"check": "left_out", "verdict": "warn", "figures": {"reasons": [some, some | since]}, "says": "Some.",
             "advice": ""}  # fmt: skip
    path = root / "reports/readiness.json"
    checks = [one for one in read_json(path)["checks"] if one["check"] != "left_out"]
    changed_json(path, checks=[*checks, check])
    content = page(root)
    assert content.count("<td>lines without a user</td>") == 2
    assert content.count("2024-03-01: 1% before, 40% since") == 1


def test_the_page_is_the_same_each_time_and_needs_no_network(tmp_path: Path) -> None:
    root = finished(tmp_path)
    first = page(root)
    assert page(root) == first
    sources = re.findall(r'(?:src|href)="([^"]{0,40})', first)
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "<script" not in first


def test_no_user_id_is_on_the_page(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content = page(root)
    assert not any(user in content for user in pl.read_parquet(root / "data/crm/list.parquet")["user_id"])


def test_value_at_risk_stands_there_when_the_log_tells_amounts(tmp_path: Path) -> None:
    assert "value at risk" in page(finished(tmp_path / "with"))
    assert "value at risk" not in page(finished(tmp_path / "without", amounts=False))


def test_the_page_has_those_to_contact_in_the_order_of_the_list_and_nobody_else(tmp_path: Path) -> None:
    root = finished(tmp_path)
    path = root / "data/crm/list.parquet"
    listed = pl.read_parquet(path).with_columns(action=pl.lit("holdout"), goal=pl.lit("two more visits"))
    action = pl.when(pl.col("rank") == 5).then(pl.lit("contact")).otherwise("action")
    write_parquet(listed.with_columns(action=action), path)
    content = page(root)
    assert "The first 1 of 1 users to contact" in content
    assert content.count('<td class="n">5</td><td class="n">') == 1
    assert content.count("Goal: two more visits.") == 1


def test_the_page_says_what_the_choice_is_expected_to_bring_and_what_is_assumed(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content = unescape(page(root))
    summary = read_json(root / "data/crm/summary.json")
    for line in choice_in_words(summary):
        assert f"<p>{line}</p>" in content
    assert f"{summary['expected']['profit']:,.2f} {summary['currency']} of profit" in content
    assert content.index("Whom to contact") < content.index("Quality of the list")


def test_causes_stand_there_with_what_they_cost(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content, causes = unescape(page(root)), read_json(root / "reports/causes.json")
    named = [cause for cause in causes["causes"] if cause["users"]]
    assert named
    for cause in named:
        assert f'{cause["says"]} <span class="soft">{cause["code"]}</span>' in content
        assert f"{cause['value_at_risk']:,.0f} {causes['currency']}" in content
    write_json(
        causes | {"causes": [], "no_cause": {"users": 0, "mean_churn_probability": None}},
        root / "reports/causes.json",
    )
    assert "may leave" not in page(root)


def test_the_truth_stands_there_when_the_log_has_one(tmp_path: Path) -> None:
    root = finished(tmp_path)
    assert "truth of the demo log" not in page(root)
    stuck = {"top1": 0.6, "top2": 0.8, "leavers": 1234}
    reasons = {**stuck, "by_cause": {"friends_gone": stuck}, "all": {**stuck, "top1": 0.57}}
    reasons["list"] = {**stuck, "top1": 0.43}
    changed_json(root / "reports/metrics.json", oracle={"auc": 0.91, "gini_ratio": 0.87}, reasons=reasons)
    content = page(root)
    for text in (
        "truth of the demo log",
        "as a share of the Gini of the true probability",
        "0.870",
        "friends gone",
        "1,234",
        "60%",
        "57%",
        "43%",
    ):
        assert text in content
    changed_json(root / "reports/metrics.json", reasons={"leavers": 0, "by_cause": {}, "all": {"leavers": 0}})
    assert "true cause of leaving" not in page(root)


def test_lines_and_quarantine_stand_there_when_ingest_counted_them(tmp_path: Path) -> None:
    root = finished(tmp_path)
    changed_json(
        root / "reports/ingest.json",
        log_start="2024-01-01",
        lines=12_345,
        kept=12_000,
        duplicates=40,
        quarantined={"total": 305},
        users=400,
    )
    content = page(root)
    assert "12,345 read, 12,000 kept, 40 duplicates, 305 quarantined" in content


def test_the_page_says_what_a_login_is_and_how_many_days_fall_short(tmp_path: Path) -> None:
    root = finished(tmp_path)
    content, days = page(root), read_json(root / "reports/activity.json")
    share = f"{25 / days['user_days']:.1%}"
    assert "at least 1 event of purchase, visit and 5 minutes of use: " in content
    assert (
        f"{days['login_days']:,} of {days['user_days']:,} days; 25 ({share}) have less and are left out"
        in content
    )
    kinds = {"kinds": [f"k{n}" for n in range(9)], "least_minutes": 0.0, "least_events": 3}
    changed_json(root / "reports/activity.json", presence=kinds)
    assert "at least 3 events of k0, k1, k2, k3, k4, k5 and 3 other kinds: " in page(root)
    changed_json(root / "reports/activity.json", presence=kinds | {"kinds": None})
    assert "at least 3 events of any kind: " in page(root)


def test_every_readiness_check_stands_there_with_its_advice(tmp_path: Path) -> None:
    content = page(finished(tmp_path))
    for text in (
        '<span class="band ">pass</span>',
        "<td>Enough.</td>",
        '<span class="band medium">warn</span>',
    ):
        assert text in content
    assert "<td>Half came once.<small>Mind it.</small></td>" in content


def test_text_from_the_log_cannot_become_markup(tmp_path: Path) -> None:
    root = finished(tmp_path)
    path = root / "data/crm/list.parquet"
    write_parquet(pl.read_parquet(path).with_columns(reason_1_text=pl.lit("<script>alert(1)</script>")), path)
    assert "&lt;script&gt;alert(1)" in page(root)


def test_plays_stand_there_once_the_list_has_them(tmp_path: Path) -> None:
    root = finished(tmp_path)
    path = root / "data/crm/list.parquet"
    write_parquet(pl.read_parquet(path).with_columns(next_step=pl.lit("show a new level")), path)
    assert "<td>show a new level</td>" in page(root)


def test_an_empty_list_and_an_unmeasured_quality_are_said(tmp_path: Path) -> None:
    root = finished(tmp_path)
    path = root / "data/crm/list.parquet"
    write_parquet(pl.read_parquet(path).clear(), path)
    metrics = read_json(root / "reports/metrics.json")
    metrics["segments"] = {"nobody": {"auc": {"value": None, "low": None, "high": None}}}
    write_json(metrics, root / "reports/metrics.json")
    changed_json(root / "reports/definition.json", resurrection_rate=None, horizon_is_safe=None)
    content = page(root)
    for text in (
        "There is nobody to contact: the list has no users.",
        "<td>nobody</td>",
        "too short to say how many come back",
    ):
        assert text in content
