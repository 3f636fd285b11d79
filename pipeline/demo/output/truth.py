"""The truth of the simulator, per user and login day. Only the stage `evaluate` may read it.

Promise: `probability` is exactly the chance with which the simulation drew "no login within the
horizon", given everything up to the end of that login day.
"""

from dataclasses import fields

import numpy as np
import polars as pl

from pipeline.demo.arrays import NEVER, AnyArray
from pipeline.demo.behaviour.days import Evening
from pipeline.demo.behaviour.hazard import Strain
from pipeline.demo.world.clock import Clock
from pipeline.demo.world.kinds import CAUSES, STYLES
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World

TRUTH_FILE = "truth.parquet"
"""Its name in the folder of the log."""


def rows(evening: Evening, people: Population, world: World) -> dict[str, AnyArray]:
    """One entry per login of the day in each column; user, day and cause still as numbers."""
    who = evening.who
    latent: dict[str, AnyArray] = {
        "engagement": evening.now.engagement,
        "home": people.home[who],
        "gap_scale": evening.gap_scale,
        "generosity": people.generosity[who],
        "subscribed": world.renews_on[who] != NEVER,
        "logins": world.logins[who],
        "rhythm": people.rhythm[who],
    }
    latent |= {field.name: getattr(evening.strain, field.name) for field in fields(Strain)}
    latent |= {style: evening.now.style[:, number] for number, style in enumerate(STYLES)}
    return {
        "user": who.astype(np.int32),
        "day": np.full(who.size, evening.day, dtype=np.int32),
        "probability": evening.probability,
        "leave_hazard": evening.hazard,
        "left": evening.leaves,
        "cause": np.where(evening.leaves, evening.cause, -1).astype(np.int8),
        "strongest": np.where(evening.leaves, evening.strongest, -1).astype(np.int8),
        **{f"latent_{name}": values.astype(np.float32) for name, values in latent.items()},
    }


def table(parts: list[dict[str, AnyArray]], user_ids: pl.Series, clock: Clock) -> pl.DataFrame:
    """All `parts` as one frame, sorted by user_id and login_day; user_ids rise with the user's number."""
    whole = pl.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    whole = whole.sort("user", "day")
    causes = pl.Series([*CAUSES, None])
    named = [
        causes.gather(whole[name].replace(-1, len(CAUSES)).cast(pl.UInt32)).alias(name)
        for name in ("cause", "strongest")
    ]
    return whole.select(
        user_ids.gather(whole["user"]).alias("user_id"),
        (pl.lit(clock.date_of(0)) + pl.duration(days="day")).alias("login_day"),
        "probability",
        "leave_hazard",
        "left",
        *named,
        pl.col("^latent_.*$"),
    )
