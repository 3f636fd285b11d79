"""A user is in one episode at a time and keeps what its first day gave."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crm.ledger.episodes import first_days, running_episodes

FIRST = date(2024, 3, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def row(
    user: str, number: int, begun: int | None, arm: str | None = "contact", window: int = 14
) -> dict[str, object]:
    return {
        "user_id": user, "as_of": day(number), "episode": None if begun is None else day(begun), "arm": arm,
        "play": f"play of {begun}", "next_step": "do", "style": "s", "window_days": window,
    }  # fmt: skip


def ledger(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {"user_id": pl.String, "as_of": pl.Date, "episode": pl.Date, "arm": pl.String, "play": pl.String,
              "next_step": pl.String, "style": pl.String, "window_days": pl.Int32}  # fmt: skip
    return pl.DataFrame(list(rows), schema=schema)


def test_an_episode_runs_from_the_day_after_its_first_to_the_end_of_its_window() -> None:
    known = ledger(row("u", 0, 0))
    running = {number: running_episodes(known, day(number)).height for number in (0, 1, 14, 15)}
    assert running == {0: 0, 1: 1, 14: 1, 15: 0}


def test_rows_of_a_running_episode_do_not_lengthen_it() -> None:
    known = ledger(*(row("u", number, 0) for number in range(12)))
    assert first_days(known).height == 1
    assert running_episodes(known, day(14))["episode"].to_list() == [day(0)]
    assert running_episodes(known, day(15)).is_empty()


def test_users_without_an_arm_have_no_episode_and_later_entries_do_not_count() -> None:
    known = ledger(row("watched", 0, None, arm=None), row("later", 5, 5), row("held", 0, 0, arm="holdout"))
    found = running_episodes(known, day(3))
    assert found.select("user_id", "arm", "play").rows() == [("held", "holdout", "play of 0")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=40), st.integers(3, 20))
def test_a_user_who_is_chosen_only_outside_an_episode_is_in_one_at_a_time(
    wishes: list[tuple[str, int]], window: int
) -> None:
    known = ledger()
    for user, number in sorted(wishes, key=lambda wish: wish[1]):
        if user not in running_episodes(known, day(number))["user_id"]:
            known = pl.concat([known, ledger(row(user, number, number, window=window))])
    begun = first_days(known).unique(["user_id", "as_of"]).sort("user_id", "as_of")
    gaps = begun.select(pl.col("as_of").diff().over("user_id").dt.total_days()).to_series().drop_nulls()
    assert (gaps > window).all()
    for number in {
        number + after for _, number in wishes for after in (0, 1, window, window + 1)
    }:  # where it changes
        now = running_episodes(known, day(number))
        assert now["user_id"].is_unique().all()
