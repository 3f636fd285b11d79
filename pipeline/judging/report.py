"""`reports/judge.json` and `judge.parquet`: what past lists were worth, from the ledger with its outcomes.

Promise: what could not be measured is null, with the reason beside it. No user id is in either file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features.advice.plays import Play
from models.effect.episodes import (
    ChurnEffect,
    Groups,
    arms_by,
    churn_effect,
    complier_effect,
    first_episodes,
    group_effects,
    outcome_effect,
)
from models.effect.estimate import Estimate
from models.effect.money import Gain, gain
from models.effect.predictions import ListQuality, list_quality
from models.effect.shares import Arm, difference
from models.labels.churn import Churn
from models.metrics.bootstrap import Bootstrap, Interval
from pipeline.config.secrets import without_secrets
from pipeline.config.sections import Judge, Policy
from pipeline.crm.ledger.episodes import first_days
from pipeline.judging.contacts import costs_of, with_contacts
from pipeline.judging.outcomes import definition_of, ends_of_windows

_NO_EPISODE = "no episode has ended"


@dataclass(frozen=True, slots=True)
class Basis:
    """What the rows are evaluated with. `log`: its name. `churn`: of lists without a definition.

    `ahead_days`: over which login days and revenue are counted.
    """

    log: str
    churn: Churn
    log_end: date
    ahead_days: int
    judge: Judge
    policy: Policy
    plays: Mapping[str, Play]
    bootstrap: Bootstrap
    contacts: pl.DataFrame | None


def ripe_episodes(ledger: pl.DataFrame, log_end: date) -> pl.DataFrame:
    """The episodes of the ledger whose label window has ended."""
    return first_days(ledger).filter(ends_of_windows() <= log_end)


def ripe_lists(ledger: pl.DataFrame, log_end: date) -> list[date]:
    """The days of the lists of which every label window has ended, in order."""
    last = ledger.group_by("as_of").agg(last=ends_of_windows().max())
    return last.filter(pl.col("last") <= log_end)["as_of"].sort().to_list()


def first_ripe_day(ledger: pl.DataFrame) -> date:
    """The first day on which the outcome of an episode is known; without episodes, that of a whole list."""
    episodes = first_days(ledger)
    if episodes.height:
        day: date = episodes.select(ends_of_windows().min()).item()
    else:
        day = ledger.group_by("as_of").agg(last=ends_of_windows().max())["last"].min()  # type: ignore[assignment]
    return day


def judge_report(ledger: pl.DataFrame, outcomes: pl.DataFrame, basis: Basis) -> dict[str, Any]:
    """The content of `judge.json`. `outcomes`: the ripe rows of the ledger, `with_outcomes`."""
    begun = first_days(ledger)
    episodes = with_contacts(first_days(outcomes), basis.contacts)
    effect = churn_effect(episodes, basis.judge.decide_at) if episodes.height else None
    drawn = effect is not None and effect.because is None
    groups = group_effects(episodes, basis.judge.decide_at) if drawn else Groups((), {})
    money = _gain(episodes, basis) if drawn else None
    ripe = ripe_lists(ledger, basis.log_end)
    lists = {day.isoformat(): _quality(outcomes, [day], basis.bootstrap) for day in ripe}
    report = {
        "log": without_secrets(basis.log),
        "until": basis.log_end,
        "decide_at": basis.judge.decide_at,
        "definitions": _definitions(outcomes, basis.churn),
        "lists": {"delivered": ledger["as_of"].n_unique(), "ripe": len(lists)},
        "episodes": {
            "begun": begun.height,
            "ripe": episodes.height,
            "without_outcome": ripe_episodes(ledger, basis.log_end).height - episodes.height,
            "next_ripe_on": begun.filter(ends_of_windows() > basis.log_end)
            .select(ends_of_windows().min())
            .item(),
        },
        "outcome_days": basis.ahead_days,
        "currency": ledger["currency"].drop_nulls().first()
        if ledger["currency"].drop_nulls().len()
        else None,
        "churn": _churn(effect),
        "first_episodes": _churn(
            churn_effect(first_episodes(episodes), basis.judge.decide_at) if drawn else None
        ),
        "groups": list(groups.effects),
        "pooled": dict(groups.pooled),
        "login_days": outcome_effect(episodes, "login_days") if drawn else None,
        "revenue": None if money is None else money[0],
        "money": None if money is None else money[1],
        "contacted": complier_effect(episodes) if drawn and basis.contacts is not None else None,
        "predictions": {"all": _quality(outcomes, ripe, basis.bootstrap), "lists": lists},
    }
    return report | {"says": _in_words(report, effect)}


def _definitions(outcomes: pl.DataFrame, churn: Churn) -> list[str]:
    """The definitions of churn of the lists, in words, each once."""
    kinds = outcomes.unique(["churn", "lead_days"], maintain_order=True)
    return list(dict.fromkeys(definition_of(kinds[row], churn).in_words for row in range(kinds.height)))


def weekly(outcomes: pl.DataFrame) -> pl.DataFrame:
    """A line for each week (its Monday) and play: both arms, their churn, and the plain difference.

    It is not adjusted, since a week has few episodes; the effects of the report are. No verdict is in a line.
    `difference`, `low`, `high`: share of churn of the held out less that of the contacted, null when an arm is empty.
    """
    episodes = first_days(outcomes).with_columns(
        week=pl.col("as_of").dt.truncate("1w"), play=pl.col("play").fill_null("")
    )
    table = arms_by(episodes, ["week", "play"])
    found = [
        difference(Arm(row["contact"], row["contact_churned"]), Arm(row["holdout"], row["holdout_churned"]))
        for row in table.iter_rows(named=True)
    ]
    return table.with_columns(
        pl.Series(
            name, [None if one is None else getattr(one.estimate, key) for one in found], dtype=pl.Float64
        )
        for name, key in (("difference", "value"), ("low", "low"), ("high", "high"))
    )


def _gain(episodes: pl.DataFrame, basis: Basis) -> tuple[Estimate, Gain] | None:
    """The effect on the revenue of an episode, and what it means in money; None if the log has no amounts."""
    if episodes["revenue"].null_count():
        return None
    effect = outcome_effect(episodes, "revenue")
    if effect is None:
        return None
    policy = basis.policy
    costs = costs_of(episodes, basis.plays, policy.contact_cost, policy.stayers_take_offer)
    contacts = episodes.filter(pl.col("arm") == "contact").height
    return effect, gain(effect, contacts, policy.margin, costs)


def _quality(outcomes: pl.DataFrame, days: list[date], bootstrap: Bootstrap) -> ListQuality | None:
    rows = outcomes.filter(pl.col("as_of").is_in(days))
    chosen = rows.filter(pl.col("arm").is_not_null()).height
    return list_quality(rows, chosen, bootstrap) if rows.height else None


def _churn(effect: ChurnEffect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "effect": effect.effect,
        "unadjusted": effect.unadjusted,
        "because": effect.because,
        "sample_ratio": effect.ratio,
        "verdict": effect.verdict.says,
        "needs_held_out": effect.verdict.needs,
        "arms": {
            name: {"episodes": arm.episodes, "churned": arm.churned, "share": arm.share}
            for name, arm in (("contact", effect.contact), ("holdout", effect.holdout))
        },
    }


def _in_words(report: Mapping[str, Any], effect: ChurnEffect | None) -> list[str]:
    """The result in plain sentences."""
    lists, episodes = report["lists"], report["episodes"]
    lines = [
        f"{lists['ripe']:,} of {lists['delivered']:,} lists and {episodes['ripe']:,} of {episodes['begun']:,} episodes "
        f"are ripe as of {report['until']}."
    ]
    lines.append(_effect_in_words(effect))
    money: Gain | None = report["money"]
    if money is not None and effect is not None and effect.verdict.decided:
        profit, currency = money.profit, report["currency"] or ""
        lines.append(
            f"Profit of the contacts over {report['outcome_days']} days: {profit.value:,.0f} {currency} "
            f"({profit.low:,.0f} to {profit.high:,.0f})."
        )
    quality: ListQuality | None = report["predictions"]["all"]
    if quality is not None:
        lines.append(
            f"Among users whom nobody treated, the lists predicted {quality.quality.predicted:.1%} churn, and "
            f"{quality.quality.observed:.1%}{_range(quality.intervals['observed'])} churned; AUC "
            f"{_figure(quality.intervals['auc'])}, calibration error {_figure(quality.intervals['calibration_error'])}."
        )
        lines += [f"{quality.definition}."] if quality.definition else []
    return lines


def _range(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return ""
    return f" ({interval.low:.1%} to {interval.high:.1%})"


def _figure(interval: Interval) -> str:
    if interval.value is None:
        return "not known"
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _effect_in_words(effect: ChurnEffect | None) -> str:
    if effect is None:
        return f"No effect: {_NO_EPISODE}."
    if effect.because is not None:
        return f"No effect: {effect.because}."
    if effect.effect is None:
        return "No effect: an arm has fewer than two episodes."
    found = effect.effect
    interval = (
        f"churn of the held out less that of the contacted: {100 * found.value:.1f} points "
        f"({100 * found.low:.1f} to {100 * found.high:.1f})"
    )
    if not effect.verdict.decided:
        return (
            f"Not yet: {effect.holdout.episodes:,} of the needed {effect.verdict.needs:,} episodes are held out; "
            f"so far, {interval}."
        )
    return f"Verdict: {effect.verdict.says}; {interval}."
