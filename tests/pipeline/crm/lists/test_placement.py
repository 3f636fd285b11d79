"""A user stands on one list at most, and whoever must not be contacted on none."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.advice.list_facts import LISTS, SAVE
from pipeline.crm.lists.placement import Placed, placed

OTHERS = [name for name in LISTS if name != SAVE]
USER = st.fixed_dictionaries(
    {
        "save": st.booleans(),
        "held_out": st.booleans(),
        "in_episode": st.booleans(),
        "refused": st.sampled_from([None, None, "opted_out", "bot"]),
        **{f"wants_{name}": st.booleans() for name in OTHERS},
        **{f"rests_{name}": st.sampled_from([None, None, "cool_down"]) for name in OTHERS},
        **{name: st.booleans() for name in OTHERS},
    }
)


def placed_of(users: list[dict[str, object]]) -> Placed:
    types = {"save": pl.Boolean, "held_out": pl.Boolean, "in_episode": pl.Boolean, "refused": pl.String}
    types |= {f"wants_{name}": pl.Boolean for name in OTHERS} | {
        f"rests_{name}": pl.String for name in OTHERS
    }
    frame = pl.DataFrame(users, schema={**types, **dict.fromkeys(OTHERS, pl.Boolean)})
    frame = frame.with_columns(user_id="u" + pl.int_range(pl.len()).cast(pl.String))
    ids = {name: frame.filter(name)["user_id"] for name in ("save", "held_out", "in_episode")}
    return placed(
        frame.drop(*OTHERS, "save", "held_out", "in_episode"),
        ids["save"],
        ids["held_out"],
        ids["in_episode"],
        frame.select("user_id", *OTHERS),
    )


@given(st.lists(USER, max_size=8))
def test_lists_are_disjoint_and_nobody_is_on_one_who_must_not_be(users: list[dict[str, object]]) -> None:
    found = placed_of(users)
    assert found.users["user_id"].is_unique().all()
    on = {f"u{number}": None for number in range(len(users))} | dict(found.users.iter_rows())
    for number, user in enumerate(users):
        of_user = on[f"u{number}"]
        if user["save"]:
            assert of_user == SAVE
        elif user["held_out"] or user["in_episode"] or user["refused"]:
            assert of_user is None
        else:
            free = [
                name for name in OTHERS if user[f"wants_{name}"] and not user[f"rests_{name}"] and user[name]
            ]
            assert of_user == next(iter(free), None)


@given(st.lists(USER, max_size=8))
def test_whoever_meets_the_conditions_of_a_list_is_on_it_or_counted_with_a_reason(
    users: list[dict[str, object]],
) -> None:
    found = placed_of(users)
    on = found.users["list"].to_list()
    for name in OTHERS:
        wanting = sum(bool(user[f"wants_{name}"]) for user in users)
        assert wanting == on.count(name) + sum(found.left_out[name].values())


def test_the_first_reason_is_the_one_that_is_counted() -> None:
    wants = {f"wants_{name}": name in ("promoters", "survey") for name in OTHERS}
    user = {"save": False, "held_out": False, "in_episode": False, "refused": None, **wants, "survey": True}
    user |= {f"rests_{name}": None for name in OTHERS} | {"promoters": True}
    held, asked_before = {**user, "held_out": True}, {**user, "rests_promoters": "asked_before"}
    found = placed_of(
        [user, held, {**user, "refused": "opted_out"}, asked_before, {**user, "promoters": False}]
    )
    assert sorted(found.users.iter_rows()) == [("u0", "promoters"), ("u3", "survey"), ("u4", "survey")]
    assert found.left_out["promoters"] == {"asked_before": 1, "held_out": 1, "no_text": 1, "opted_out": 1}
    assert found.left_out["survey"] == {"held_out": 1, "on_promoters": 1, "opted_out": 1}
