"""Each user has a play style or the reason for having none. A style that stays or matches keeps its name."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from models.segmentation.styles import NamedStyles, Styles
from pipeline.explanation.play_styles import NamedPlay, as_json, changed_share, named_play, play_columns

USES = ("quests", "trade", "talk")
WORDS = ("quests", "trade", "chats")
MIXES = np.array([(0.75, 0.22, 0.03), (0.05, 0.85, 0.1), (0.05, 0.1, 0.85)])
ASKED: dict[str, Any] = {
    "most_apart": 1.0, "least": 2, "most": 5, "bootstrap": 3, "seed": 1, "least_stability": 0.8,
}  # fmt: skip


def players(seed: int = 1) -> np.ndarray:
    """(181, uses) counts: 60 users of each mix, and one who did little."""
    random = np.random.default_rng(seed)
    done = [random.multinomial(80, mix, 60) for mix in MIXES]
    return np.concatenate([*done, [[3, 3, 3]]]).astype(np.float64)


def styled(counts: np.ndarray, former: NamedStyles | None = None, uses: tuple[str, ...] = USES) -> NamedPlay:
    return named_play(counts, uses, WORDS[: len(uses)], 90, former, **ASKED)


def test_users_are_named_by_what_they_do_and_who_did_little_has_the_reason() -> None:
    columns = play_columns(styled(players()), players(), None)
    assert columns["play_style"].unique(maintain_order=True).to_list() == [
        "Mostly quests, some trade", "Mostly trade", "Mostly chats", None,
    ]  # fmt: skip
    assert columns["play_style_text"].drop_nulls().to_list() == ["fewer than 10 events in 90 days"]
    assert columns["play_style_before"].null_count() == 181


def test_a_log_with_fewer_than_three_uses_has_no_play_styles_and_says_so() -> None:
    few = players()[:, :2]
    play = styled(few, uses=USES[:2])
    columns = play_columns(play, few, None)
    assert columns["play_style"].null_count() == 181
    assert set(columns["play_style_text"]) == {"the log has fewer than three groups or kinds of events"}
    people = columns.with_columns(login_probability=0.5, churned=False, goal_text=pl.lit(None, pl.String))
    content = as_json(play, few, None, people)
    assert content["styles"] == []
    assert content["without"] == {"the log has fewer than three groups or kinds of events": 181}


def test_former_styles_that_stay_keep_their_names() -> None:
    first = styled(players())
    assert first.found is not None
    former = NamedStyles(first.found.styles, ("one", "two", "three"))
    again = styled(players(seed=3), former)
    assert (again.names, again.new) == (("one", "two", "three"), (False, False, False))
    assert play_columns(again, players(seed=3), former)["play_style_before"].null_count() == 181


def test_a_new_style_beside_matching_ones_is_new_under_a_name_of_its_own() -> None:
    centres = np.sqrt(np.array([MIXES[2], (0.4, 0.3, 0.3), (0.02, 0.01, 0.97)]))
    former = NamedStyles(Styles(USES, centres, {}, 1.0), ("talkers", "Mostly trade", "silent"))
    now = styled(players(), former)
    assert dict(zip(now.names, now.new, strict=True)) == {
        "talkers": False, "Mostly quests, some trade": True, "Mostly trade (2)": True,
    }  # fmt: skip
    moved = play_columns(now, players(), former)
    assert set(moved["play_style_before"][:120]) == {"Mostly trade"}
    assert moved["play_style_before"][180] is None  # the user who did little


def test_the_share_of_users_who_changed_leaves_out_those_without_a_style() -> None:
    assert changed_share(["a", "a", None, "b", "b"], ["a", "b", "a", None, "b"]) == pytest.approx(1 / 3)
    assert changed_share([None], ["a"]) is None


def test_a_style_tells_its_users_what_they_do_and_the_goal_that_peers_reach() -> None:
    play = styled(players())
    goals = ["find their request answered"] * 40 + ["two quests, as 40% of peers do"] * 20 + [None] * 121
    people = play_columns(play, players(), None).with_columns(
        login_probability=pl.lit(0.25), churned=pl.Series([True, None] * 90 + [None]),
        goal_text=pl.Series(goals, dtype=pl.String),
    )  # fmt: skip
    content = as_json(play, players(), 0.05, people)
    quests = next(style for style in content["styles"] if style["name"] == "Mostly quests, some trade")
    assert content["changed_since_the_day_before"] == 0.05
    assert quests["says"].startswith("Their actions: 7")
    assert quests["advice"] == "two quests, as 40% of peers do"
    assert (quests["users"], quests["churned_share"]) == (60, 0.5)
    assert quests["share"] == pytest.approx(60 / 181)
    assert sum(quests["mean_shares"].values()) == pytest.approx(1)
