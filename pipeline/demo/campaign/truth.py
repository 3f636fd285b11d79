"""The truth of a campaign: what each listed user does without the contacts and with them, and what was expected.

Churned means no login in the horizon after the list's day, with lead 0.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.demo.arrays import AnyArray, Flags, Floats, Ints
from pipeline.demo.behaviour.days import Setting, not_contacted
from pipeline.demo.behaviour.money import euro_rates
from pipeline.demo.campaign.contacts import Effects, contacts
from pipeline.demo.campaign.pending import churn_probability, silence
from pipeline.demo.campaign.worlds import After, Worlds
from pipeline.demo.output.end_state import EndState
from pipeline.demo.world.countries import currency_numbers

CLASSES = {
    (True, False): "persuadable",
    (False, False): "sure_thing",
    (True, True): "lost_cause",
    (False, True): "sleeping_dog",
}
"""By churned without and with a contact."""

SCHEMA = pl.Schema(
    {
        "user_id": pl.String(),
        "as_of": pl.Date(),
        "contacted": pl.Boolean(),
        "y0": pl.Boolean(),
        "y1": pl.Boolean(),
        "revenue0": pl.Float64(),
        "revenue1": pl.Float64(),
        "expected_y0": pl.Float64(),
        "expected_y1": pl.Float64(),
        "expected_if_contacted": pl.Float64(),
        "class": pl.String(),
    }
)
"""`y0`, `y1`: churned in the world without and with contacts. `revenue0`, `revenue1`: net, in euro, in all days lived.
`expected_y0`, `expected_y1`: the exact probabilities, given the log. `expected_if_contacted`: that with the user's
play, contacted or held out; null without a play. `class`: of those contacted.
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """Probabilities of churn of each user: without contacts, with them, and if contacted with the user's play."""

    untreated: Floats
    treated: Floats
    if_contacted: Floats


def expected(
    state: EndState, at: Setting, day: int, play: pl.Series, contacted: Flags, effects: Effects, who: Ints
) -> Expected:
    """What is to be expected of `who`, from the log up to the end of `day`. `play`: of every user, or null."""
    open_of = silence(state.people, state.world, at, day, who)
    answer = contacts(state.world, day + 1, play, effects)
    nobody = np.zeros(who.size)
    without = churn_probability(open_of, at, at.horizon_days, not_contacted, nobody)
    with_play = churn_probability(
        open_of, at, at.horizon_days, answer, np.full(who.size, effects.return_share)
    )
    return Expected(without, np.where(contacted[who], with_play, without), with_play)


def truth_table(
    listed: pl.DataFrame,
    who: Ints,
    contacted: Flags,
    state: EndState,
    at: Setting,
    worlds: Worlds,
    chances: Expected,
) -> pl.DataFrame:
    """SCHEMA, in the order of `listed` (user_id, as_of, play). `who`: their numbers; `contacted`: of every user."""
    y0, y1 = (_churned(after, at.horizon_days)[who] for after in (worlds.untreated, worlds.treated))
    revenue0, revenue1 = (_revenue(after, state, at)[who] for after in (worlds.untreated, worlds.treated))
    reached = contacted[who]
    outcomes = zip(y0.tolist(), y1.tolist(), reached.tolist(), strict=True)
    classes = [CLASSES[without, contact] if counts else None for without, contact, counts in outcomes]
    has_play = listed["play"].is_not_null()
    table = listed.select("user_id", "as_of").with_columns(
        contacted=pl.Series(reached),
        y0=pl.Series(y0),
        y1=pl.Series(y1),
        revenue0=pl.Series(revenue0),
        revenue1=pl.Series(revenue1),
        expected_y0=pl.Series(chances.untreated),
        expected_y1=pl.Series(chances.treated),
        expected_if_contacted=pl.Series(chances.if_contacted).set(~has_play, None),
    )
    return table.with_columns(pl.Series("class", classes, dtype=pl.String)).match_to_schema(SCHEMA)


def _churned(after: After, horizon_days: int) -> Flags:
    return np.asarray(~after.came[:horizon_days].any(axis=0), dtype=np.bool_)


def _revenue(after: After, state: EndState, at: Setting) -> Floats:
    """Net revenue of each user in euro, at the ECB's rate of each day."""
    lines, country = after.lines, state.people.country
    paid = np.flatnonzero(~np.isnan(lines.amount))
    rates = euro_rates(at.clock, state.days, state.days + after.came.shape[0])
    user: AnyArray = lines.user[paid]
    rate = rates[lines.day[paid] - state.days, currency_numbers()[country[user]]]
    total = np.bincount(user, weights=lines.amount[paid] / rate, minlength=country.size)
    return np.asarray(total.round(4), dtype=np.float64)
