"""The choice of a play for each user: the first one in the file that fits.

Promise: whoever waits for an answer gets no offer. A text is said only if all that it names is known.
"""

from collections.abc import Sequence
from string import Formatter

import polars as pl

from features.advice.parse_plays import BENEFIT
from features.advice.plays import WATCH, WATCH_SAYS, Play, Plays
from features.advice.texts import placeholders
from features.define import Dimension


def chosen_plays(
    plays: Plays, facts: pl.DataFrame, benefits: Sequence[Dimension | None], at_risk: pl.Series
) -> pl.DataFrame:
    """`play` (a code) and `next_step` (a sentence) for each row of `facts`.

    A play that is set aside in the user's risk band does not fit: the next one may.

    `facts`: `FACTS`, and others that the plays name; what is not there is null. `benefits`: what has kept each user;
    None: not known. `at_risk`: users for whom plays are made; the others get a duty only. `WATCH` is for users for whom
    no play is made.
    Raises PlaysError when a condition does not run on the types of the facts.
    """
    told = _with_texts(plays, facts, benefits)
    code = pl.repeat(None, facts.height, dtype=pl.String, eager=True)
    step = pl.repeat(None, facts.height, dtype=pl.String, eager=True)
    waits = facts["request_open"].fill_null(value=False)
    for play in plays.plays:
        fits = play.when.of(facts) & code.is_null()
        if not play.duty:
            fits &= at_risk
        if play.offer_cost > 0:
            fits &= ~waits
        if play.code in plays.set_aside:
            fits &= ~facts["risk_band"].is_in(plays.set_aside[play.code])
        if not fits.any():
            continue
        text = told.select(_text(play, plays.language).alias("next_step")).to_series()
        fits &= text.is_not_null()
        code = pl.repeat(play.code, facts.height, eager=True).zip_with(fits, code)
        step = text.zip_with(fits, step)
    return pl.DataFrame({"play": code.fill_null(WATCH), "next_step": step.fill_null(WATCH_SAYS)})


def _with_texts(plays: Plays, facts: pl.DataFrame, benefits: Sequence[Dimension | None]) -> pl.DataFrame:
    names = {name for play in plays.plays for name in placeholders(play.says[plays.language])}
    absent = [
        pl.lit(None, pl.String).alias(name) for name in sorted(names) if name not in (*facts.columns, BENEFIT)
    ]
    words = [None if one is None else plays.benefits[one][plays.language] for one in benefits]
    return facts.with_columns(*absent, pl.Series(BENEFIT, words, dtype=pl.String))


def _text(play: Play, language: str) -> pl.Expr:
    """The next step of `play`; null for a user of whom something that it names is not known."""
    text = filled(play.says[language])
    if play.building and BENEFIT not in placeholders(play.says[language]):
        text = text + pl.format("; {}", pl.col(BENEFIT)).fill_null("")
    return text + pl.lit(".")


def filled(text: str) -> pl.Expr:
    """`text` with the columns that it names; null where one of them is null."""
    parts: list[pl.Expr] = []
    for before, name, _, _ in Formatter().parse(text):
        parts.append(pl.lit(before))
        if name is not None:
            parts.append(_as_text(name))
    return pl.concat_str(parts)


def _as_text(name: str) -> pl.Expr:
    """A column as text: whole numbers without decimals, other numbers with one."""
    value = pl.col(name)
    return value.cast(pl.String).str.replace(r"\.0$", "").str.replace(r"^(-?\d+\.\d)\d+$", "$1")
