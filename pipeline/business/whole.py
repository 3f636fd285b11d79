"""The figures of the whole log, from the sums of its buckets.

Each family of figures has a module of its own in `models/business`. A new one adds its sums in `bucket.py`, its figures
in `models/business/kpis.py`, and here what they need and why they are missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial, reduce
from operator import add

import numpy as np
import polars as pl

from models.arrays import Floats
from models.business.cohorts import cohort_table
from models.business.fade import fade_curve
from models.business.figures import FIGURES, Known, figures
from models.business.groups import Draws, added, drawn
from models.business.kpis import Need
from models.business.listed import listed_figures
from models.business.money import top_share
from models.business.periods import YEAR_DAYS, Grain, Periods
from models.labels.sequence import day_number
from pipeline.business.bucket import BucketSums, bucket_sums
from pipeline.business.sources import Sources
from pipeline.business.spend import read_spend, spend_by_period, spend_missing
from pipeline.errors import InputError
from pipeline.runner.local import over_buckets
from pipeline.storage.frames import buckets_in

_TOP_DRAWS = 100
"""Resamplings of the concentration, each of which looks at every buyer."""
_USUAL_LENGTHS = 0.95
"""Share of the payments whose paid time must have passed since the log began for the MRR to be known."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`figures`: the flat table. `movements`: what the figures `mrr_*` are of."""

    figures: pl.DataFrame
    cohorts: pl.DataFrame
    fade: pl.DataFrame
    movements: str | None


def business_figures(sources: Sources, listed: pl.DataFrame | None) -> Figures:
    """All figures as of the log's last day. `listed`: the CRM list of this day, if there is one.

    Raises InputError when the spend table, an attribute or a subscription cannot be used.
    """
    _check_attributes(sources)
    spend = read_spend(sources)
    buckets = buckets_in(sources.folders.activity)
    parts = over_buckets(partial(bucket_sums, sources=sources), buckets, "business")
    draws = drawn(sources.settings.bootstrap, sources.settings.seed)
    tables = [_of_grain(grain, sources, parts, draws, spend) for grain in sources.grains]
    if listed is not None:
        tables.append(listed_figures(listed, sources.log_end, draws.times.shape[0], sources.settings.seed))
    sizes, cells = (pl.concat(frames) for frames in zip(*(part.cohorts for part in parts), strict=True))
    periods = sources.periods(sources.settings.period)
    paid = sources.currency is not None
    return Figures(
        pl.concat([pl.DataFrame(schema=FIGURES), *tables]),
        cohort_table(sizes, cells, periods, paid=paid),
        fade_curve(reduce(add, (part.fade for part in parts)), draws),
        None if not paid else "MRR" if sources.has_subscriptions else "net revenue of the period",
    )


def _of_grain(
    grain: Grain, sources: Sources, parts: Sequence[BucketSums], draws: Draws, spend: pl.DataFrame | None
) -> pl.DataFrame:
    periods = sources.periods(grain)
    sums = added(part.totals[grain] for part in parts)
    sums["all_lost"] = sums["lost"] + sums["new_and_lost"]
    whole: dict[str, Floats] = {
        "margin": np.asarray(sources.settings.margin),
        "discount": (1 + sources.settings.discount_rate) ** (periods.days / YEAR_DAYS) - 1,
    }
    whole_draws: dict[str, Floats] = {}
    if sources.currency is not None:
        buyers = pl.concat([part.payers[grain] for part in parts])
        few = Draws(draws.times[:_TOP_DRAWS])
        whole["top_share"], shares = top_share(buyers, few, len(periods))
        turns = np.arange(len(draws.times)) % len(shares)
        whole_draws["top_share"] = shares[turns]
    whole["spend"] = np.full(len(periods), np.nan) if spend is None else spend_by_period(spend, periods)
    known = Known(
        periods,
        sums,
        whole,
        whole_draws,
        _missing(sources, periods, parts, spend_missing(spend, whole["spend"])),
        periods.ends > day_number(sources.log_end) - sources.horizon_days,
    )
    norms = sources.settings.norms if grain == sources.settings.period else {}
    return figures(known, draws, norms)


def _missing(
    sources: Sources, periods: Periods, parts: Sequence[BucketSums], no_spend: Sequence[str | None]
) -> Mapping[Need, Sequence[str | None]]:
    """Why the figures of each period are not known, by need."""
    count = len(periods)
    customers = _known_from(sources, parts, sources.horizon_days)
    start = [
        f"the log begins on {sources.facts.log_start}: who was a customer is known from {customers} on"
        if early
        else None
        for early in _starts_before(periods, customers)
    ]
    no_amounts = "the log has no amounts" if sources.currency is None else None
    movements: list[str | None] = [no_amounts] * count
    if no_amounts is None and sources.has_subscriptions:
        paid = _known_from(sources, parts, 0)
        movements = [
            f"the log begins on {sources.facts.log_start}: which subscriptions run is known from {paid} on"
            if early
            else None
            for early in _starts_before(periods, paid)
        ]
    elif no_amounts is None:
        before = np.append(True, periods.partial[:-1])
        movements = ["the log does not cover the whole period before" if part else None for part in before]
    scores = None if "score" in sources.facts.tells else "the log has no answers from 0 to 10"
    return {
        "start": start,
        "amounts": [no_amounts] * count,
        "movements": movements,
        "scores": [scores] * count,
        "spend": no_spend,
    }


def _known_from(sources: Sources, parts: Sequence[BucketSums], horizon_days: int) -> date:
    """The first day at whose end it is known who is a customer: so long after the log's beginning as one can be away.

    With subscriptions, as long as most payments pay for, and the days of grace. `horizon_days` 0: of subscriptions.
    """
    days = horizon_days - 1
    if sources.churn.kind == "cancel" or not horizon_days:
        lengths = (
            pl.concat([part.lengths for part in parts]).group_by("length_days").agg(pl.col("payments").sum())
        )
        paid = lengths.sort("length_days").with_columns(
            share=pl.col("payments").cum_sum() / pl.col("payments").sum()
        )
        usual = paid.filter(pl.col("share") >= _USUAL_LENGTHS)["length_days"]
        days = int(usual[0]) + sources.settings.grace_days if len(usual) else 0
    return sources.facts.log_start + timedelta(days=days)


def _starts_before(periods: Periods, known_from: date) -> list[bool]:
    """Whether each period starts when nobody knows yet who is a customer."""
    return [bool(begin - 1 < day_number(known_from)) for begin in periods.begins]


def _check_attributes(sources: Sources) -> None:
    held = set() if sources.contract.users is None else set(sources.contract.users.attributes)
    unknown = [name for name in sources.settings.cohorts_by if name not in held]
    if unknown:
        raise InputError(
            f"params.yaml: business.cohorts_by names {unknown[0]!r}, and {sources.contract.name} has no such "
            f"attribute of users.\nExpected some of: {', '.join(sorted(held)) or 'none, as it has no table of users'}"
        )
