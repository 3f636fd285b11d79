"""The days after the log, in a world with contacts and in one without, on common random numbers.

Each draw is a function of the seed, the user, the day and the purpose, so both worlds draw the same. Promise: for users
whom nobody contacts the first decision is the same in both; after it, only friends can carry a difference to them.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pipeline.demo.arrays import NEVER, AnyArray, Flags, copied, joined
from pipeline.demo.behaviour.days import Answer, Setting, live, not_contacted
from pipeline.demo.campaign.contacts import Contacts
from pipeline.demo.campaign.pending import Silence, leaves, resumed
from pipeline.demo.draws import Keyed
from pipeline.demo.output.end_state import EndState
from pipeline.demo.output.lines import Lines, log_lines
from pipeline.demo.output.sessions import sessions
from pipeline.demo.world.state import World

_NUMBERED = "session"
"""The field of a line that numbers it within its world, and so may differ where nothing else does."""


@dataclass(frozen=True, slots=True)
class After:
    """One world after the log: its lines, and `came`, (days, users): who logged in on each day."""

    lines: Lines
    came: Flags


@dataclass(frozen=True, slots=True)
class Worlds:
    """The same days without contacts and with them."""

    untreated: After
    treated: After


def both(
    state: EndState,
    at: Setting,
    silent: Silence,
    days: int,
    seed: int,
    contacted: Contacts,
    returns: AnyArray,
) -> Worlds:
    """Live `days` days on from `state`. `silent`: what is open about all of its users.

    `returns`: of each user, the chance that a contact brings back one who has left; 0 without a contact.
    """
    last = silent.day
    pending = resumed(Keyed(seed, last), silent, at)
    back = pending.gone & (Keyed(seed, contacted.day).uniform("return", silent.who) < returns)

    def from_here(answer: Answer, returned: Flags) -> After:
        left = (pending.gone & ~returned) | (
            ~pending.gone & leaves(silent, pending.due, pending.luck, answer)
        )
        due = np.where(returned, contacted.day, pending.due)
        next_login = np.where(left, NEVER, due).astype(np.int32)
        world = replace(copied(state.world), left=left, next_login=next_login)
        return _lived(state, world, at, range(last + 1, last + 1 + days), seed, answer)

    return Worlds(from_here(not_contacted, np.zeros_like(back)), from_here(contacted, back))


def _lived(state: EndState, world: World, at: Setting, days: range, seed: int, answer: Answer) -> After:
    people = state.people
    came = np.zeros((len(days), people.signup_day.size), dtype=np.bool_)
    first_session = state.sessions
    parts: list[Lines] = []
    for number, day in enumerate(days):
        draws = Keyed(seed, day)
        evening = live(draws, people, world, at, day, answer)
        played = sessions(draws, evening, people, at.clock.weekday_of(day))
        parts.append(log_lines(draws, evening, people, world, at, played, first_session))
        first_session += played.row.size
        came[number, evening.who] = True
    return After(joined(*parts), came)


def differing(worlds: Worlds) -> AnyArray:
    """The numbers of the users whose lines differ between the worlds, in order."""
    one, other = (_counted(after.lines) for after in (worlds.untreated, worlds.treated))
    keys = [name for name in one.columns if name != "len"]
    either = pl.concat([one, other.with_columns(-pl.col("len"))]).group_by(keys).agg(pl.col("len").sum())
    users: AnyArray = either.filter(pl.col("len") != 0)["user"].unique().sort().to_numpy()
    return users


def _counted(lines: Lines) -> pl.DataFrame:
    frame = pl.DataFrame({name: getattr(lines, name) for name in Lines.__slots__ if name != _NUMBERED})
    keys = frame.with_columns(pl.col("amount").fill_nan(None))
    return keys.group_by(keys.columns).agg(pl.len().cast(pl.Int64))
