"""Why a user is on a list for import, and what to do: the first text of the list that fits, in words.

Promise: a text is only said if all that it names is known.
"""

from datetime import date

import polars as pl

from features.advice.choice import filled
from features.advice.list_facts import ListName
from features.advice.list_texts import ListText, ListTexts, TextsOfList
from features.advice.texts import placeholders
from pipeline.crm.lists.day_words import days_in_words

SCHEMA = {"code": pl.String, "why": pl.String, "says": pl.String, "ask": pl.String}
"""`code`: of the text. `says`: empty where the list has no next steps of its own."""


def texts_for(facts: pl.DataFrame, name: ListName, texts: ListTexts, as_of: date) -> pl.DataFrame:
    """`SCHEMA` for each of `facts`, in order; null where no text of the list fits.

    Raises PlaysError when a condition does not run on the facts.
    """
    chosen = pl.DataFrame(
        {part: pl.repeat(None, facts.height, dtype=dtype, eager=True) for part, dtype in SCHEMA.items()}
    )
    words = _with_words(facts, texts.lists[name], as_of, texts.language)
    for text in texts.lists[name].texts:
        fits = text.when.of(facts) & chosen["code"].is_null()
        if not fits.any():
            continue
        made = words.select(
            pl.lit(text.code).alias("code"),
            filled(text.why[texts.language]).alias("why"),
            (filled(text.says[texts.language]) + pl.lit(".") if text.says else pl.lit("")).alias("says"),
            pl.lit(text.ask, pl.String).alias("ask"),
        )
        fits &= made.select(pl.col("why").is_not_null() & pl.col("says").is_not_null()).to_series()
        chosen = pl.DataFrame([made[part].zip_with(fits, chosen[part]) for part in SCHEMA])
    return chosen


def every_why(facts: pl.DataFrame, name: ListName, texts: ListTexts, as_of: date) -> pl.DataFrame:
    """`user_id, code, why` of every text of the list for each of `facts`, whether it fits or not.

    `why` is null where the text names something that the facts do not have.
    """
    words = _with_words(facts, texts.lists[name], as_of, texts.language)
    of_texts = (
        words.select(
            "user_id", pl.lit(text.code).alias("code"), filled(text.why[texts.language]).alias("why")
        )
        for text in texts.lists[name].texts
    )
    return pl.concat(of_texts)


def _with_words(facts: pl.DataFrame, of_list: TextsOfList, as_of: date, language: str) -> pl.DataFrame:
    """`facts` with days in words, and all columns that the texts name."""
    named = {name for text in of_list.texts for name in _named(text, language)}
    days = [name for name in named if facts.schema.get(name) == pl.Date]
    absent = [pl.lit(None, pl.String).alias(name) for name in sorted(named) if name not in facts.columns]
    return facts.with_columns(*(days_in_words(facts[name], as_of, language) for name in days), *absent)


def _named(text: ListText, language: str) -> list[str]:
    says = text.says.get(language, "")
    return [*placeholders(text.why[language]), *placeholders(says)]
