"""Stage `simulate`: writes the demo log of an online game, with known causes of churn.

Promise: the same parameters give the same bytes. `truth.parquet` holds for every login day the exact probability with
which its outcome was drawn.
"""

import numpy as np
import polars as pl

from pipeline.config.sections import Label, Simulate
from pipeline.demo.arrays import AnyArray, Smalls
from pipeline.demo.behaviour.days import Evening, live, setting
from pipeline.demo.behaviour.start import begin
from pipeline.demo.draws import Stream
from pipeline.demo.output import plans, text, truth
from pipeline.demo.output.end_state import EndState
from pipeline.demo.output.export import Export
from pipeline.demo.output.lines import log_lines
from pipeline.demo.output.sessions import DAY_SECONDS, Sessions, sessions
from pipeline.demo.world.clock import Clock
from pipeline.demo.world.countries import COUNTRIES
from pipeline.demo.world.kinds import CHANNELS
from pipeline.demo.world.population import Population
from pipeline.runner.stage import Out, main
from pipeline.storage.datasets import SIMULATED, SIMULATED_LOG, SIMULATED_STATE
from pipeline.storage.frames import write_parquet
from pipeline.storage.simulated_state import write_state


def run(simulate: Simulate, label: Label, raw: Out = SIMULATED.path) -> None:
    """Write `events.parquet` (the dirty log), `users.parquet`, `truth.parquet` and the folder `state` below `raw`.

    The truth is for the label's horizon with lead 0.
    """
    raw.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(simulate.seed)
    at = setting(simulate.days, label.horizon_days)
    start = begin(rng, simulate.users, at)
    people, world = start.people, start.world
    book = plans.opened(world)
    user_ids = text.names(simulate.users)
    signup_second = rng.integers(0, DAY_SECONDS, simulate.users).astype(np.int32)
    export = Export(raw / SIMULATED_LOG.path.name, rng, user_ids, people.country, at.clock)
    known: list[dict[str, AnyArray]] = []
    first_session = 0
    draws = Stream(rng)
    for day in range(simulate.days):
        evening = live(draws, people, world, at, day)
        played = sessions(draws, evening, people, at.clock.weekday_of(day))
        export.add(log_lines(draws, evening, people, world, at, played, first_session))
        known.append(truth.rows(evening, people, world))
        first_session += played.row.size
        book.note(evening, played, world)
        _note_sign_ups(signup_second, evening, played, people)
    export.close()
    terms = book.terms(people, signup_second)
    write_parquet(_users(people, user_ids, terms, signup_second, at.clock), raw / "users.parquet")
    write_parquet(truth.table(known, user_ids, at.clock), raw / truth.TRUTH_FILE)
    end = EndState(people, world, simulate.days, export.events, first_session, dict(rng.bit_generator.state))
    write_state(end, raw / SIMULATED_STATE.path.name)


def _note_sign_ups(signup_second: Smalls, evening: Evening, played: Sessions, people: Population) -> None:
    """Note that users who log in for the first time signed up a minute before."""
    new = people.signup_day[evening.who] == evening.day
    signup_second[evening.who[new]] = np.maximum(played.start[played.first[new]] - 60, 0)


def _users(
    people: Population, user_ids: pl.Series, terms: plans.Terms, signup_second: Smalls, clock: Clock
) -> pl.DataFrame:
    """The users table of the game: one row for each plan that a user was on."""
    user = terms.user
    return pl.DataFrame(
        {
            "user_id": user_ids.gather(user),
            "valid_from": text.times(terms.day, terms.second, clock),
            "country": pl.Series([country.code for country in COUNTRIES]).gather(people.country[user]),
            "signed_up_at": text.times(people.signup_day[user], signup_second[user], clock),
            "channel": pl.Series(CHANNELS).gather(people.channel[user]),
            "plan": pl.Series(plans.PLANS).gather(terms.plan),
        }
    )


if __name__ == "__main__":
    main(run)
