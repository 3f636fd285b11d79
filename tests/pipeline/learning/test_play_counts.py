"""What a user did is counted over the days up to the last login, in groups or kinds that tell users apart."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features.contract.model import Contract
from features.names import group_measure, kind_measure
from pipeline.learning.play_counts import PLAY_DAYS, play_counts
from pipeline.storage.frames import write_buckets
from tests.support.tables import contract

GROUPS = {"access": ["login"], "quests": ["quest"], "talk": ["chat"], "trade": ["purchase"]}
END = date(2024, 6, 30)
Days = dict[tuple[str, int], dict[str, int]]


def shop(groups: dict[str, list[str]]) -> Contract:
    kinds = [kind for kinds in groups.values() for kind in kinds]
    return contract(groups=groups, meaning={}, presence={"kinds": kinds}, names={})


def laid_out(folder: Path, groups: dict[str, list[str]], days: Days) -> Path:
    """User-days in two buckets. `days`: by user and days before the end, the events of each kind."""
    rows = []
    for (user, ago), kinds in days.items():
        row: dict[str, object] = {
            "user_id": user,
            "day": END - timedelta(days=ago),
            "logins": kinds.get("login", 0),
        }
        for group, members in groups.items():
            row[group_measure(group)] = sum(kinds.get(kind, 0) for kind in members)
            row |= {kind_measure(kind): kinds.get(kind, 0) for kind in members}
        rows.append(row)
    frame = pl.DataFrame(rows).sort("user_id", "day")
    write_buckets([frame.filter(pl.col("user_id") < "m"), frame.filter(pl.col("user_id") >= "m")], folder)
    return folder


DAYS: Days = {
    ("ann", 3): {"login": 1, "quest": 2, "chat": 1},
    ("ann", 1): {"quest": 50},  # after the last login
    ("ann", 3 + PLAY_DAYS - 1): {"login": 1, "chat": 4},
    ("ann", 3 + PLAY_DAYS): {"login": 1, "chat": 100},  # too long ago
    ("zoe", 0): {"login": 1, "purchase": 7},
    ("zoe", 5): {"login": 1, "quest": 1},
}


def test_events_count_from_ninety_days_before_the_last_login_up_to_it(tmp_path: Path) -> None:
    done = play_counts(laid_out(tmp_path / "days", GROUPS, DAYS), shop(GROUPS), END)
    assert done.uses == ("quests", "talk", "trade")  # "access" is on every login day
    assert done.of(pl.Series(["zoe", "ann", "nobody"])).tolist() == [[1, 0, 7], [2, 5, 0], [0, 0, 0]]


def test_an_earlier_day_knows_nothing_of_what_came_later(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "days", GROUPS, DAYS)
    done = play_counts(folder, shop(GROUPS), END - timedelta(days=1), ("quests", "talk", "trade"))
    assert done.of(pl.Series(["zoe"])).tolist() == [[1, 0, 0]]


def test_kinds_count_where_there_are_fewer_than_three_groups(tmp_path: Path) -> None:
    groups = {"play": ["quest", "chat"], "trade": ["purchase"]}
    folder = laid_out(tmp_path / "days", groups, DAYS)
    assert play_counts(folder, shop(groups), END).uses == ("quest", "chat", "purchase")


def test_fewer_than_three_kinds_are_none(tmp_path: Path) -> None:
    groups = {"play": ["quest"], "trade": ["purchase"]}
    done = play_counts(laid_out(tmp_path / "days", groups, DAYS), shop(groups), END)
    assert done.uses == ()
    assert done.of(pl.Series(["ann", "zoe"])).shape == (2, 0)


def test_groups_without_events_do_not_count(tmp_path: Path) -> None:
    days = {key: {kind: n for kind, n in kinds.items() if kind != "purchase"} for key, kinds in DAYS.items()}
    done = play_counts(laid_out(tmp_path / "days", GROUPS, days), shop(GROUPS), END)
    assert done.uses == ("access", "quests", "talk")  # every one is needed


def test_the_uses_of_former_styles_stay_while_the_contract_has_them(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "days", GROUPS, DAYS)
    assert play_counts(folder, shop(GROUPS), END, ("access", "talk", "trade")).uses == (
        "access",
        "talk",
        "trade",
    )
    assert play_counts(folder, shop(GROUPS), END, ("access", "gone", "trade")).uses == (
        "quests",
        "talk",
        "trade",
    )


def test_the_contracts_words_are_used(tmp_path: Path) -> None:
    worded = shop(GROUPS).model_copy(update={"names": {"talk": "chats"}})
    done = play_counts(laid_out(tmp_path / "days", GROUPS, DAYS), worded, END)
    assert done.words == ("quests", "chats", "trade")
