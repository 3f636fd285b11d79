"""What a plain recount of the raw events contradicts in a CRM list.

Promise: a sentence is compared up to its value; what is usual for the user and among peers is not recounted.
"""

import math
from collections.abc import Iterator, Mapping

import polars as pl

from features.catalogue.roles import GAP_MEAN
from features.define import Feature
from features.wording.sentences import sentence
from pipeline.explanation.silence import in_words
from pipeline.verification.facts import Contradiction, facts_of, per_feature


def plain_contradictions(
    listed: pl.DataFrame, plain: pl.DataFrame, features: Mapping[str, Feature], *, silent_by_login: bool
) -> Iterator[Contradiction]:
    """The reasons and silences of `listed` (each user once) that the recounted values contradict.

    `plain`: `user_id`, `came` (the last day with a login) and the features that were counted. `silent_by_login`: the
    silence begins at the last login of the raw events.
    """
    known = listed.join(plain.select("user_id"), on="user_id", how="semi", maintain_order="left")
    if silent_by_login:
        yield from _silences(known, plain)
    counted = pl.col("feature").is_in(list(plain.columns))
    facts = per_feature(facts_of(known).filter(counted), plain, "value").drop_nulls("text")
    for fact in facts.iter_rows(named=True):
        feature = features[fact["feature"]]
        day = fact["last_login_day"] if fact["silent_days"] > 0 and not feature.moves else None
        right = sentence(feature, fact["value"], math.nan, day=day)
        if not begins_with(fact["text"], right):
            yield Contradiction(
                fact["user_id"], fact["column"], fact["text"], f"{right} (by a plain recount)"
            )


def begins_with(text: str, part: str) -> bool:
    """Whether `text` is `part`, alone or with what is usual after it.

    >>> begins_with("logins so far: 3, usually 2.0", "logins so far: 3"), begins_with("events: 1,200", "events: 1")
    (True, False)
    """
    rest = text.removeprefix(part)
    return text.startswith(part) and (not rest or rest.startswith((", ", "; ")))


def _silences(listed: pl.DataFrame, plain: pl.DataFrame) -> Iterator[Contradiction]:
    gaps = pl.col(GAP_MEAN) if GAP_MEAN in plain.columns else pl.lit(None, pl.Float32)
    rows = listed.join(
        plain.select("user_id", "came", gap=gaps), on="user_id", how="left", maintain_order="left"
    )
    for user_id, as_of, says, came, gap, logins in rows.select(
        "user_id", "as_of", "silence_text", "came", "gap", "login_number"
    ).iter_rows():
        right = None if came is None else in_words((as_of - came).days, gap, logins)
        if says != right:
            yield Contradiction(user_id, "silence_text", str(says), f"{right} (by a plain recount)")
