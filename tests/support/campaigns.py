"""A small demo world at the end of its log, and lists of its users, for trying campaigns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.config.campaign import Campaign
from pipeline.config.params import load_params
from pipeline.config.sections import Simulate
from pipeline.demo.arrays import Ints
from pipeline.demo.campaign.contacts import PLAYS
from pipeline.demo.output.end_state import EndState
from pipeline.demo.output.text import names
from pipeline.demo.world.clock import LAST_DAY
from pipeline.demo.world.kinds import SOURCES
from pipeline.stages.simulate import run
from pipeline.storage.simulated_state import read_state
from tests.support.paths import PARAMS_FILE

HORIZON = 14
LABEL = load_params(PARAMS_FILE).label.model_copy(update={"horizon_days": HORIZON})
CAMPAIGN: Campaign = load_params(PARAMS_FILE).campaign
NOTHING = CAMPAIGN.model_copy(
    update={
        "effects": CAMPAIGN.effects.model_copy(update=dict.fromkeys(PLAYS, 0.0)),
        "settled_ratio": 1.0,
        "sleeping_ratio": 1.0,
        "return_share": 0.0,
    }
)
"""A world in which contacts change nothing."""


def end_of_demo(folder: Path, users: int = 400, days: int = 60) -> EndState:
    """The state at the end of a demo log that is written to `folder`."""
    run(Simulate(users=users, days=days, seed=7), LABEL, folder)
    return read_state(folder / "state")


def without_friends(state: EndState) -> EndState:
    """The same users, who know nobody and never will."""
    world = state.world
    alone = replace(world, friend=np.full_like(world.friend, -1), known=np.zeros_like(world.known))
    return replace(state, world=alone)


def silent_users(state: EndState) -> Ints:
    """The numbers of the users who came within the horizon: those that a list has."""
    return np.flatnonzero(state.days - 1 - state.world.seen_day < HORIZON)


def right_plays(state: EndState, who: Ints) -> list[str]:
    """The play for the strongest rate of each user."""
    play_for = {source: play for play, source in PLAYS.items()}
    return [play_for[SOURCES[number]] for number in state.world.rates[who, :-1].argmax(axis=1)]


def listed(state: EndState, actions: tuple[str, ...] = ("contact", "holdout")) -> pl.DataFrame:
    """A list of the silent users with their right plays; `actions` in turn. Only those contacted show a play."""
    who = silent_users(state)
    action = [actions[number % len(actions)] for number in range(who.size)]
    plays = zip(action, right_plays(state, who), strict=True)
    return pl.DataFrame(
        {
            "user_id": names(state.people.signup_day.size).gather(who),
            "as_of": [LAST_DAY] * who.size,
            "action": action,
            "arm": [one if one in {"contact", "holdout"} else None for one in action],
            "play": pl.Series([play if one == "contact" else None for one, play in plays], dtype=pl.String),
        }
    )
