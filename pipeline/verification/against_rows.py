"""What the rows recomputed from the log say of the listed users: sentences, silence, duty, and the laws of a list."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from features.advice.plays import Plays
from features.catalogue.roles import GAP_LAST, GAP_MEAN, OPEN_REQUESTS, REQUEST_WAITS
from features.define import Feature
from features.wording.sentences import sentence
from models.explanation.peers import Peers
from pipeline.explanation.causes_and_plays import duties
from pipeline.explanation.silence import in_words
from pipeline.explanation.wrong_side import Away, wrong_side
from pipeline.verification.facts import Contradiction, facts_of, per_feature

REQUEST_OPEN = "request_open"
"""The fact on which a play stands that answers an open request."""
NEEDED = (GAP_MEAN, GAP_LAST, OPEN_REQUESTS, REQUEST_WAITS)
"""Features that a list is compared with, whatever its reasons are."""
_ROUNDED = (1.0, 1 + 1e-6, 1 - 1e-6)
"""A mean at the edge of two rounded values may be told as either: the list adds up in single precision."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The users within the horizon as of the list's day, recomputed from the log.

    `rows`: `user_id, as_of, login_day, login_number, silent_days` and features; `usual`: `user_id` and the mean of each
    feature over the earlier login rows. `features`: by name. `peers`: of `rows`.
    """

    rows: pl.DataFrame
    usual: pl.DataFrame
    peers: Peers
    features: Mapping[str, Feature]

    def of_peers(self, names: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """`user_id` and, for each feature, the mean of the user's peers; and the share of them with a value."""
        group = pl.Series("group", self.peers.group)
        known = self.rows.select("user_id", group, pl.col(names).cast(pl.Float64).fill_nan(None))
        mean = known.select("user_id", pl.col(names).mean().over("group"))
        share = known.select("user_id", (pl.col(names).count() / pl.len()).over("group"))
        return mean, share


def contradictions(
    listed: pl.DataFrame, log: Replayed, answer_days: float, newcomer_logins: int, plays: Plays
) -> Iterator[Contradiction]:
    """What the recomputed rows contradict in `listed`, user by user within each column.

    A user who is not within the horizon is named once.
    """
    for user_id in sorted(set(listed["user_id"].filter(listed["user_id"].is_duplicated()))):
        yield Contradiction(user_id, "user_id", "on the list more than once", "one user")
    once = listed.unique("user_id", keep="first", maintain_order=True)
    known = once.join(log.rows.select("user_id"), on="user_id", how="semi", maintain_order="left")
    for user_id, day in once.join(known, on="user_id", how="anti").select("user_id", "as_of").iter_rows():
        yield Contradiction(user_id, "user_id", "on the list", f"not within the horizon on {day}")
    rows = known.select("user_id").join(log.rows, on="user_id", how="left", maintain_order="left")
    yield from _cells(known, rows, answer_days, newcomer_logins)
    yield from _moot(known, rows, log.features, plays)
    logged = known.with_columns(last_login_day=rows["login_day"], silent_days=rows["silent_days"])
    yield from _sentences(facts_of(logged), log)


def carried_contradictions(listed: pl.DataFrame, carried: pl.DataFrame) -> Iterator[Contradiction]:
    """The columns that the list carries, against the users table as of the list's day.

    `listed`: each user once, with the columns of `carried`, which has `user_id`.
    """
    right = listed.select("user_id").join(carried, on="user_id", how="left", maintain_order="left")
    for name in (name for name in carried.columns if name != "user_id"):
        for user_id, listed_value, value in zip(listed["user_id"], listed[name], right[name], strict=True):
            if listed_value != value:
                yield Contradiction(user_id, name, str(listed_value), str(value))


def _cells(
    listed: pl.DataFrame, rows: pl.DataFrame, answer_days: float, newcomer_logins: int
) -> Iterator[Contradiction]:
    """Columns with one right value. `rows`: those of `listed`, in order."""
    gaps = rows[GAP_MEAN].to_list() if GAP_MEAN in rows.columns else [None] * rows.height
    users = zip(rows["silent_days"], gaps, rows["login_number"], strict=True)
    silence = [in_words(days, gap, logins) for days, gap, logins in users]
    newcomer = pl.when(pl.col("login_number") < newcomer_logins)
    right = {
        "last_login_day": rows["login_day"],
        "login_number": rows["login_number"],
        "silent_days": rows["silent_days"],
        "silence_text": pl.Series(silence, dtype=pl.String),
        "population": rows.select(newcomer.then(pl.lit("newcomer")).otherwise(pl.lit("veteran"))).to_series(),
        "duty": duties(rows, answer_days),
    }
    for name, values in right.items():
        for user_id, listed_value, value in zip(listed["user_id"], listed[name], values, strict=True):
            if listed_value != value:
                yield Contradiction(user_id, name, str(listed_value), str(value))


def _moot(
    listed: pl.DataFrame, rows: pl.DataFrame, features: Mapping[str, Feature], plays: Plays
) -> Iterator[Contradiction]:
    """Plays and goals about something that is over: an open request that has been answered."""
    answers = {play.code for play in plays.plays if play.duty and REQUEST_OPEN in play.when.columns}
    if OPEN_REQUESTS not in rows.columns:
        return
    open_ones, goal = rows[OPEN_REQUESTS].fill_nan(None).fill_null(0), features[OPEN_REQUESTS].goal
    columns = (listed[name] for name in ("user_id", "play", "goal"))
    for user_id, play, aim, number in zip(*columns, open_ones, strict=True):
        if number > 0:
            continue
        if play in answers:
            yield Contradiction(user_id, "play", play, "no request is open")
        if goal and aim is not None and goal in aim:
            yield Contradiction(user_id, "goal", aim, "no request is open")


def _sentences(facts: pl.DataFrame, log: Replayed) -> Iterator[Contradiction]:
    """The reasons: each sentence is the one that the log gives, and tells a value on its wrong side.

    `facts`: with the login day and the silence of the log.
    """
    names = sorted(set(facts["feature"].drop_nulls()))
    peers, known = log.of_peers(names)
    for numbers, name in ((log.rows, "value"), (log.usual, "usual"), (peers, "peers"), (known, "known")):
        facts = per_feature(facts, numbers, name)
    facts = _with_away(facts, log.rows)
    for fact in facts.iter_rows(named=True):
        user_id, column, text = fact["user_id"], fact["column"], fact["text"]
        if fact["feature"] is None or text is None:
            what = "no feature" if fact["feature"] is None else "no text"
            yield Contradiction(user_id, column, f"{text or fact['feature']}", f"a reason with {what}")
            continue
        feature = log.features[fact["feature"]]
        day = fact["last_login_day"] if fact["silent_days"] > 0 and not feature.moves else None
        value, usually, among_peers = fact["value"], fact["usual"], fact["peers"]
        about = [(usually * a, among_peers * b) for a, b in product(_ROUNDED, _ROUNDED)]
        readings = [sentence(feature, value, usual, of_peers, day) for usual, of_peers in about]
        if text not in readings:
            yield Contradiction(user_id, column, text, readings[0])
        elif not any(_is_wrong(feature, value, *pair, fact) for pair in about):
            yield Contradiction(user_id, column, text, _no_reason(value, usually, among_peers))


def _with_away(facts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`facts` with `silent` and `gap`: for how long the user was away since the last login, and before it; `visits`."""
    away = Away.of(rows)
    days = rows.select(
        "user_id",
        silent=pl.Series(away.silent_days),
        gap=pl.Series(away.gap_days),
        visits=pl.Series(away.visits),
    )
    return facts.join(days, on="user_id", how="left", maintain_order="left")


def _is_wrong(feature: Feature, value: float, usual: float, peers: float, fact: Mapping[str, float]) -> bool:
    away = Away(*(np.array([fact[name]]) for name in ("silent", "gap", "visits")))
    one = [np.array([[number]]) for number in (value, usual, peers, fact["known"])]
    return bool(wrong_side([feature], away, *one).item())


def _no_reason(value: float, usual: float, peers: float) -> str:
    against = "; ".join(
        f"{what} {number:.4g}"
        for what, number in (("usual", usual), ("peers", peers))
        if not math.isnan(number)
    )
    return f"no reason: {value:.4g} is not on the wrong side of what is usual ({against})"
