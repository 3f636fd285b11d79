"""After any lists, the changes leave a CRM as a whole upload of the last list would, and resets."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crm.sinks.cells import Cells, cells_of
from pipeline.crm.sinks.changes import changes_of, with_those_of
from pipeline.crm.sinks.profile import CHURN_PERCENT, PROFILES, CrmProfile, Resets
from pipeline.crm.sinks.profile_files import write_cells, write_changes
from tests.support.crm_tools import Store, cells, rows_of, upload

SCHEMA = {
    "user_id": pl.String, "churn_probability": pl.Float64, "risk_band": pl.String, "action": pl.String,
    "episode": pl.Date, "play": pl.String, "duty": pl.Boolean, "locale": pl.String,
}  # fmt: skip
WITH_CHANGES = [name for name, profile in PROFILES.items() if profile.resets is not None]


@st.composite
def lists(draw: st.DrawFn) -> pl.DataFrame:
    users = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
    rows = [
        {
            "user_id": user,
            "churn_probability": draw(st.sampled_from([0.101, 0.102, 0.6])),
            "risk_band": draw(st.sampled_from(["low", "high"])),
            "action": draw(st.sampled_from(["contact", "watch"])),
            "episode": draw(st.sampled_from([None, date(2024, 3, 1)])),
            "play": draw(st.sampled_from([None, "hint", "none"])),
            "duty": draw(st.booleans()),
            "locale": draw(st.sampled_from([None, "en", "de"])),
        }
        for user in users
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def cells_for(profile: CrmProfile, listed: pl.DataFrame) -> Cells:
    return cells_of(listed, ("locale",), profile, plain_ids=False)


def resets_of(profile: CrmProfile) -> Resets:
    assert profile.resets is not None
    return profile.resets


def after(profile: CrmProfile, days: list[pl.DataFrame], folder: Path) -> Store:
    """A store that got the changes of each day in turn."""
    store: Store = {}
    former = None
    for listed in days:
        now = cells_for(profile, listed)
        changes = changes_of(now, former, resets_of(profile))
        names = write_changes(changes.table, now, profile, folder)
        store = upload(store, now.key, [folder / name for name in names], null=profile.null)
        former = now.table
    return store


@pytest.mark.parametrize("name", WITH_CHANGES)
@settings(max_examples=25)
@given(st.lists(lists(), min_size=1, max_size=5))
def test_the_changes_give_what_a_whole_upload_gives_and_resets(name: str, days: list[pl.DataFrame]) -> None:
    profile = PROFILES[name]
    last = cells_for(profile, days[-1])
    with TemporaryDirectory() as folder:
        held = after(profile, days, Path(folder))
        names = write_cells(last, profile, Path(folder))
        whole = upload({}, last.key, [Path(folder) / name for name in names], null=profile.null)
    for user in set(held) | set(whole):
        for column, kind in last.own.items():
            ours, wanted = cells(held, user, column), cells(whole, user, column)
            assert ours == wanted or (wanted is None and ours == getattr(resets_of(profile), kind))
        ours, wanted = cells(held, user, "locale"), cells(whole, user, "locale")
        assert ours == wanted or wanted is None  # the CRM's own: never reset


@settings(max_examples=25)
@given(lists(), lists())
def test_only_what_changed_is_written(before: pl.DataFrame, now: pl.DataFrame) -> None:
    braze = PROFILES["braze"]
    former, cells_now = cells_for(braze, before), cells_for(braze, now)
    assert changes_of(former, former.table, resets_of(braze)).table.is_empty()
    changes = changes_of(cells_now, former.table, resets_of(braze))
    old, new = ({row.pop("external_id"): row for row in one.table.to_dicts()} for one in (former, cells_now))
    reset = {name: getattr(resets_of(braze), kind) for name, kind in former.own.items()}
    count = 0
    for row in changes.table.to_dicts():
        user = row.pop("external_id")
        for column, cell in row.items():
            if cell is not None:
                count += 1
                assert cell != old.get(user, {}).get(column)
                assert cell == (new.get(user, {}).get(column) or reset[column])
    assert changes.values == count
    assert changes.users_reset == len(set(old) - set(new))


def one(user: str = "a", **values: Any) -> pl.DataFrame:
    row = {
        "user_id": user, "churn_probability": 0.6212, "risk_band": "high", "action": "contact",
        "episode": date(2024, 3, 1), "play": "hint", "duty": True, "locale": "en",
    } | values  # fmt: skip
    return pl.DataFrame([row], schema=SCHEMA)


def braze_changes(before: pl.DataFrame, now: pl.DataFrame, folder: Path) -> list[dict[str, str]]:
    braze = PROFILES["braze"]
    cells_now = cells_for(braze, now)
    changes = changes_of(cells_now, cells_for(braze, before).table, resets_of(braze))
    (name,) = write_changes(changes.table, cells_now, braze, folder)
    return [{column: cell for column, cell in row.items() if cell} for row in rows_of(folder / name)]


def test_a_user_who_is_no_longer_chosen_loses_the_play(tmp_path: Path) -> None:
    now = one(action="watch", play=None, episode=None, churn_probability=0.6238)
    assert braze_changes(one(), now, tmp_path) == [
        {"external_id": "a", "action": "watch", "play": "none", "episode": "1970-01-01"}
    ]


def test_a_user_who_left_the_list_is_reset_and_keeps_what_the_list_carried(tmp_path: Path) -> None:
    assert braze_changes(one(), one("b"), tmp_path)[1] == {
        "external_id": "a", CHURN_PERCENT: "-1", "risk_band": "none", "action": "none", "episode": "1970-01-01",
        "play": "none", "duty": "FALSE",
    }  # fmt: skip


@settings(max_examples=25)
@given(lists(), lists(), lists(), st.booleans())
def test_a_replaced_list_may_have_reached_the_tool_or_not(
    former: pl.DataFrame,
    replaced: pl.DataFrame,
    now: pl.DataFrame,
    arrived: bool,  # noqa: FBT001
) -> None:
    braze = PROFILES["braze"]
    last = cells_for(braze, now)
    both = with_those_of(
        *(changes_of(last, cells_for(braze, one).table, resets_of(braze)) for one in (former, replaced))
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        held = after(braze, [former, replaced] if arrived else [former], folder)
        names = write_changes(both.table, last, braze, folder)
        held = upload(held, last.key, [folder / file for file in names])
    whole = {row.pop(last.key): row for row in last.table.to_dicts()}
    for user, row in held.items():
        for column, cell in row.items():
            wanted = whole.get(user, {}).get(column)
            if wanted is not None or column != "locale":
                assert cell == wanted or (
                    wanted is None and cell == getattr(resets_of(braze), last.own[column])
                )
    assert set(whole) <= set(held)


def test_the_first_list_is_all_changes() -> None:
    braze = PROFILES["braze"]
    now = cells_for(braze, one())
    changes = changes_of(now, None, resets_of(braze))
    assert changes.table.equals(now.table)
    assert (changes.values, changes.users_reset) == (7, 0)


def test_cells_of_another_version_may_have_other_columns() -> None:
    braze = PROFILES["braze"]
    now = cells_for(braze, one())
    older = now.table.drop("duty").with_columns(gone=pl.lit("x"))
    changed = changes_of(now, older, resets_of(braze)).table
    assert changed.select("external_id", "duty").rows() == [("a", "TRUE")]
    assert changed.drop("external_id", "duty").null_count().row(0) == (1,) * 6
