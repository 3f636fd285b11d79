"""Who meets the conditions of each list for import, by the facts of the list's day.

Promise: a fact that is not known meets no condition.
"""

from dataclasses import dataclass

import polars as pl

from features.advice.facts import DETRACTOR, PROMOTER
from features.advice.list_facts import ListName
from pipeline.config.import_lists import ImportLists

_LESS_USE = "less_use"
_ROUNDING = 1e-9
TRIGGERS: tuple[ListName, ...] = ("upgrade", "reward", "survey")
"""The lists on which something brings a user, with its name `trigger` and its day `trigger_on`."""


@dataclass(frozen=True, slots=True)
class _Trigger:
    """Something that brings a user onto a list: its `name`, when it `holds`, and its `day`."""

    name: str
    holds: pl.Expr
    day: pl.Expr


def eligible(facts: pl.DataFrame, asked: ImportLists) -> pl.DataFrame:
    """`wants_LIST` for each list but that of users to save, and `trigger_LIST, trigger_on_LIST` of those in `TRIGGERS`.

    `facts`: one row per user: the facts of the texts, `as_of`, `churned`, `bought_on`, `goal_on`, `level_on`,
    `lowest_plan` and `use_30d`. Whoever is listed has a `risk_band`; whoever has `churned` has none.

    - winback: has churned, at most `winback_days` ago.
    - promoters: the last score is 9 or 10 and at most `promoter_score_days` old; low band; a user for
      `promoter_tenure_days`.
    - upgrade: at least `upgrade_limit_share` of what the plan allows is used, or a level or a goal was reached at most
      `upgrade_days` ago; the lowest plan; low band.
    - reward: the sign-up has its anniversary within the next `reward_anniversary_days`, or the user is among the
      `reward_share` of listed users with most use and has been one for `reward_tenure_days`.
    - survey: bought something or reached a goal at most `survey_days` ago; no answer for `survey_pause_days`; no
      detractor.
    """
    known = facts.with_columns(_share_with_less_use())
    low, listed = pl.col("risk_band") == "low", pl.col("risk_band").is_not_null()
    of_upgrade = [
        _Trigger("limit", _share_of_limit() >= asked.upgrade_limit_share, pl.col("as_of")),
        _Trigger("level", _days_since("level_on") <= asked.upgrade_days, pl.col("level_on")),
        _Trigger("goal", _days_since("goal_on") <= asked.upgrade_days, pl.col("goal_on")),
    ]
    ahead = (pl.col("anniversary_on") - pl.col("as_of")).dt.total_days()
    often = (pl.col(_LESS_USE) >= 1 - asked.reward_share - _ROUNDING) & (
        pl.col("tenure_days") >= asked.reward_tenure_days
    )
    of_reward = [
        _Trigger("anniversary", ahead <= asked.reward_anniversary_days, pl.col("anniversary_on")),
        _Trigger("use", often, pl.col("as_of")),
    ]
    of_survey = [
        _Trigger("purchase", _days_since("bought_on") <= asked.survey_days, pl.col("bought_on")),
        _Trigger("goal", _days_since("goal_on") <= asked.survey_days, pl.col("goal_on")),
    ]
    promoter = (pl.col("nps_group") == PROMOTER) & (_days_since("score_on") <= asked.promoter_score_days)
    answered = _days_since("score_on") < asked.survey_pause_days
    detractor = pl.col("nps_group") == DETRACTOR
    wants = {
        "winback": pl.col("churned") & (pl.col("days_since_left") <= asked.winback_days),
        "promoters": promoter & low & (pl.col("tenure_days") >= asked.promoter_tenure_days),
        "upgrade": _any(of_upgrade) & pl.col("lowest_plan") & low,
        "reward": _any(of_reward) & listed,
        "survey": _any(of_survey) & listed & ~(answered | detractor).fill_null(value=False),
    }
    triggers = {"upgrade": of_upgrade, "reward": of_reward, "survey": of_survey}
    return known.select(
        *(holds.fill_null(value=False).alias(f"wants_{name}") for name, holds in wants.items()),
        *(
            made
            for name, several in triggers.items()
            for made in (_first(several, "name", name), _first(several, "day", name))
        ),
    )


def _any(triggers: list[_Trigger]) -> pl.Expr:
    return pl.any_horizontal(trigger.holds.fill_null(value=False) for trigger in triggers)


def _first(triggers: list[_Trigger], part: str, of: str) -> pl.Expr:
    """The name or the day of the first of `triggers` that holds; null without one."""
    values = ((pl.lit(one.name) if part == "name" else one.day, one.holds) for one in triggers)
    made = pl.coalesce(pl.when(holds.fill_null(value=False)).then(value) for value, holds in values)
    return made.alias(f"trigger_{of}" if part == "name" else f"trigger_on_{of}")


def _days_since(name: str) -> pl.Expr:
    return (pl.col("as_of") - pl.col(name)).dt.total_days()


def _share_of_limit() -> pl.Expr:
    return pl.col("limit_used") / pl.col("limit_most")


def _share_with_less_use() -> pl.Expr:
    """The share, 0 to 1, of the listed users with any use who use it less; null without use.

    Users of equal use stand together, so that a tenth of the users is never more than a tenth.
    """
    use = pl.when(pl.col("risk_band").is_not_null() & (pl.col("use_30d") > 0)).then(pl.col("use_30d"))
    return ((use.rank("min").cast(pl.Float64) - 1) / use.count()).alias(_LESS_USE)
