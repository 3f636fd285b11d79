"""Try a campaign on the demo: live on from the end of its log with and without the contacts of a list.

Promise: the same list, parameters and demo log give the same bytes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.config.campaign import Campaign
from pipeline.config.sections import Label, Params
from pipeline.crm.choice import CONTACT, HOLDOUT
from pipeline.demo.arrays import Flags, Ints
from pipeline.demo.behaviour.days import Setting, setting
from pipeline.demo.campaign.contacts import Effects, contacts
from pipeline.demo.campaign.pending import silence
from pipeline.demo.campaign.truth import CLASSES, expected, truth_table
from pipeline.demo.campaign.worlds import Worlds, both, differing
from pipeline.demo.output.end_state import EndState, generator_of
from pipeline.demo.output.text import as_text, names
from pipeline.errors import InputError
from pipeline.storage.commit import written_together
from pipeline.storage.datasets import (
    CAMPAIGN_EVENTS,
    CAMPAIGN_LOG,
    CAMPAIGN_SUMMARY,
    CAMPAIGN_TRUTH,
    SIMULATED_LOG,
    SIMULATED_STATE,
)
from pipeline.storage.files import write_json
from pipeline.storage.frames import columns_of, read_table, write_one_after_another, write_parquet
from pipeline.storage.simulated_state import read_state

_NEEDED = ("user_id", "as_of", "action", "play")
_EPISODE = "episode"  # only a list of `lastlogin score` has episodes
MOST_DAYS = 365
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lived:
    """Both worlds of a campaign; the events of the one with contacts, the truth of both, and the summary."""

    worlds: Worlds
    events: pl.DataFrame
    truth: pl.DataFrame
    summary: dict[str, Any]


def simulate_campaign(params: Params, root: Path, list_path: Path, days: int, out: Path) -> dict[str, Any]:
    """Write events.parquet, log.parquet, truth.parquet and summary.json to the folder `out`, and give the summary.

    The log is that of the demo with the events of the world with contacts after it.

    Raises InputError when the list, the days, the definition of churn or the state of the demo log cannot be used.
    """
    _check_definition(params.label, days)
    listed = _read_list(list_path)
    state = read_state(root / SIMULATED_STATE.path)
    _check_list(listed, state, list_path)
    lived = live_on(listed, state, params.label.horizon_days, params.campaign, days)
    with written_together({"out": out}) as outputs:
        write_parquet(lived.events, outputs["out"] / CAMPAIGN_EVENTS.path.name)
        write_one_after_another(
            [root / SIMULATED_LOG.path, outputs["out"] / CAMPAIGN_EVENTS.path.name],
            outputs["out"] / CAMPAIGN_LOG.path.name,
        )
        write_parquet(lived.truth, outputs["out"] / CAMPAIGN_TRUTH.path.name)
        write_json(lived.summary, outputs["out"] / CAMPAIGN_SUMMARY.path.name)
    return lived.summary


def live_on(listed: pl.DataFrame, state: EndState, horizon_days: int, campaign: Campaign, days: int) -> Lived:
    """The `days` days after the log in both worlds. `listed`: user_id, as_of, action and play, each user once."""
    at = setting(state.days, horizon_days, days)
    users, last = state.people.signup_day.size, state.days - 1
    user_ids = names(users)
    who = _numbers(listed["user_id"], user_ids)
    known = listed.select(
        pl.when(pl.col("action").is_in([CONTACT, HOLDOUT])).then("play").alias("play"),
        pl.when(_is_contacted(listed.columns)).then("play").alias("contacted_play"),
    )
    play, contacted_play = (_of_every_user(who, known[name], users) for name in known.columns)
    contacted: Flags = contacted_play.is_not_null().to_numpy()
    effects = _effects(campaign)
    worlds = both(
        state,
        at,
        silence(state.people, state.world, at, last, np.arange(users)),
        days,
        int(generator_of(state).integers(2**62)) + campaign.seed,
        contacts(state.world, last + 1, contacted_play, effects),
        np.where(contacted, effects.return_share, 0.0),
    )
    chances = expected(state, at, last, play, contacted, effects, who)
    truth = truth_table(listed.with_columns(known["play"]), who, contacted, state, at, worlds, chances)
    lines = worlds.treated.lines
    events = as_text(lines, user_ids, state.people.country[lines.user], state.events, at.clock)
    return Lived(worlds, events, truth, _summary(listed, truth, worlds, contacted, days, at))


def _is_contacted(columns: list[str]) -> pl.Expr:
    """Whether a listed user is contacted; a user whose episode began on an earlier day was contacted then."""
    contact = pl.col("action") == CONTACT
    if _EPISODE not in columns:
        return contact
    return contact & (pl.col(_EPISODE).is_null() | (pl.col(_EPISODE) == pl.col("as_of")))


def _effects(campaign: Campaign) -> Effects:
    return Effects(
        campaign.effects.model_dump(),
        campaign.half_life_days,
        campaign.settled_ratio,
        campaign.sleeping_ratio,
        campaign.low_engagement,
        campaign.return_share,
    )


def _numbers(user_id: pl.Series, user_ids: pl.Series) -> Ints:
    """The number of each user; user ids rise with it."""
    return np.asarray(user_ids.search_sorted(user_id, "left"), dtype=np.int64).reshape(-1)


def _of_every_user(who: Ints, play: pl.Series, users: int) -> pl.Series:
    codes = np.full(users, None, dtype=object)
    codes[who] = play.to_list()
    return pl.Series("play", codes.tolist(), dtype=pl.String)


def _check_definition(label: Label, days: int) -> None:
    newcomers = label.newcomers.logins is not None or label.newcomers.days is not None
    if label.kind != "inactivity" or label.lead_days > 0 or newcomers:
        raise InputError(
            f"params.yaml: label is of kind {label.kind}, with lead_days {label.lead_days} and "
            f"{'a horizon' if newcomers else 'no horizon'} of newcomers' own.\n"
            "The truth of a simulated campaign is for kind inactivity, lead_days 0 and one horizon for all: set these."
        )
    if not label.horizon_days <= days <= MOST_DAYS:
        raise InputError(
            f"--days {days}: out of range.\nThe days must cover label.horizon_days = {label.horizon_days}, "
            f"and be at most {MOST_DAYS}."
        )


def _read_list(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such list.\nMake it: dvc repro score, or name another with --list.")
    if path.suffix != ".parquet":
        raise InputError(
            f"{path}: not a Parquet file.\nGive the list as Parquet: list.parquet stands beside list.csv."
        )
    columns = columns_of(path)
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        raise InputError(
            f"{path}: the list lacks {', '.join(lacking)}.\nMake it with this version: dvc repro score"
        )
    wanted = [name for name in (*_NEEDED, _EPISODE) if name in columns]
    return read_table(path, wanted).with_columns(pl.col("play").cast(pl.String))


def _check_list(listed: pl.DataFrame, state: EndState, path: Path) -> None:
    """Raise InputError unless the list is of users of the demo log, each once, as of its last day."""
    last = setting(state.days, 1).clock.date_of(state.days - 1)
    other_days = listed.filter(pl.col("as_of").ne_missing(last))["as_of"].unique().sort().to_list()
    if other_days:
        raise InputError(
            f"{path}: the list is as of {_some(other_days)}, and the demo log ends on {last}.\n"
            "Users live on from the end of the log: give a list as of that day."
        )
    known = listed["user_id"].is_in(names(state.people.signup_day.size).implode())
    unknown = listed.filter(~known.fill_null(value=False))["user_id"].unique().sort().to_list()
    if unknown:
        raise InputError(
            f"{path}: {len(unknown)} of the listed users are not in the demo log: {_some(unknown)}.\n"
            f"Give a list of the demo log in {SIMULATED_STATE.path.parent}, or make the log again: dvc repro simulate"
        )
    twice = listed.filter(listed["user_id"].is_duplicated())["user_id"].unique().sort().to_list()
    if twice:
        raise InputError(f"{path}: {_some(twice)} more than once.\nGive a list with each user once.")


def _some(values: list[Any]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(map(str, values[:_SHOWN])) + more


def _summary(
    listed: pl.DataFrame, truth: pl.DataFrame, worlds: Worlds, contacted: Flags, days: int, at: Setting
) -> dict[str, Any]:
    """How many were contacted, what it changed among them, and to whom else friends have carried it."""
    reached = truth.filter("contacted")
    differ = differing(worlds)
    of_play = listed.filter(pl.Series(truth["contacted"]))["play"].value_counts().sort("play")
    by_class = reached["class"].value_counts()
    counts = dict(by_class.iter_rows())
    return {
        "as_of": str(at.clock.date_of(at.clock.days - 1)),
        "days": days,
        "horizon_days": at.horizon_days,
        "listed": listed.height,
        "contacted": reached.height,
        "plays": dict(of_play.iter_rows()),
        "of_contacted": {
            name: reached[name].mean() if reached.height else None
            for name in ("expected_y0", "expected_y1", "y0", "y1")
        },
        "revenue_of_contacted": {
            name: round(float(reached[name].sum()), 2) for name in ("revenue0", "revenue1")
        },
        "classes": {name: counts.get(name, 0) for name in CLASSES.values()},
        "not_contacted_with_other_events": int((~contacted[differ]).sum()),
        "events": worlds.treated.lines.user.size,
    }
