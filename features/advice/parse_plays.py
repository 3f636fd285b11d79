"""Parses and checks a whole file of plays.

Promise: a fault is refused with the file, the play, the word, and what is allowed. A file that passes can be chosen
from for every log.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.advice.benefits import BENEFITS
from features.advice.conditions import Types, condition
from features.advice.plays import WATCH, Play, Plays
from features.advice.texts import first_words, placeholders
from features.define import Cause, Dimension
from features.errors import PlaysError

BENEFIT = "benefit"
_FIRST_LANGUAGE = "en"
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Play(_Part):
    code: Code
    when: Text
    cause: Cause | None
    says: dict[Language, Text]
    cool_down_days: int = Field(ge=0, le=3650)
    offer_cost: float = Field(ge=0, le=1e9)
    accepts: float = Field(ge=0, le=1)
    duty: bool
    building: bool = False
    link: dict[Code, Text] = {}
    channel: Text = "email"
    goals: tuple[Cause, ...] = ()


class _File(_Part):
    plays: tuple[_Play, ...] = Field(min_length=1)
    benefits: dict[Dimension, dict[Language, Text]]


def parse_plays(raw: Any, file: str, known: Types, language: str) -> Plays:
    """The plays in `raw`, the parsed YAML of `file`.

    `known`: the columns that conditions, texts and links may name. `language`: that of the next steps. Raises
    PlaysError for the first fault.
    """
    if not isinstance(raw, Mapping):
        raise PlaysError(f"{file}: expected the keys plays and benefits, found {type(raw).__name__}.")
    try:
        content = _File.model_validate(raw)
    except ValidationError as error:
        raise PlaysError("\n".join(_message(file, raw, problem) for problem in error.errors())) from error
    _check_codes(file, content.plays)
    for dimension in BENEFITS:
        texts = content.benefits.get(dimension, {})
        check_texts(f"{file}: benefits.{dimension}", texts, (), language)
    plays = tuple(_play(file, one, known, language) for one in content.plays)
    _check_order(file, plays)
    return Plays(file, plays, content.benefits, language)


def _play(file: str, one: _Play, known: Types, language: str) -> Play:
    where = f"{file}: play {one.code}"
    when = condition(f"{where}: when", one.when, known)
    names = (*known, BENEFIT)
    check_texts(f"{where}: says", one.says, names, language, duty=one.duty)
    for name, link in one.link.items():
        _check_placeholders(f"{where}: link.{name}", link, tuple(known))
    if one.duty and one.offer_cost > 0:
        raise PlaysError(
            f"{where}: offer_cost = {one.offer_cost:g}, and it is a duty.\n"
            "An open request is answered before anything is offered: set offer_cost to 0, or duty to false."
        )
    return Play(
        one.code, when, one.cause, one.says, one.building, one.link, one.channel, one.cool_down_days, one.offer_cost,
        one.accepts, one.duty, one.goals,
    )  # fmt: skip


def _check_codes(file: str, plays: Iterable[_Play]) -> None:
    seen: set[str] = set()
    for play in plays:
        if play.code == WATCH:
            raise PlaysError(
                f"{file}: play {WATCH}: this code means that no play is made.\nGive the play another code."
            )
        if play.code in seen:
            raise PlaysError(
                f"{file}: play {play.code} stands there twice.\n"
                "Each play has a code of its own: join the two conditions with OR, or rename one of the plays."
            )
        seen.add(play.code)


def _check_order(file: str, plays: Iterable[Play]) -> None:
    """An offer before a duty would be chosen for a user to whom something is owed."""
    offer: Play | None = None
    for play in plays:
        if play.duty and offer is not None:
            raise PlaysError(
                f"{file}: play {offer.code} makes an offer (offer_cost {offer.offer_cost:g}) and stands before the "
                f"duty {play.code}.\nThe first play that fits is chosen: put duties first."
            )
        if play.offer_cost > 0:
            offer = offer or play


def check_texts(
    where: str,
    texts: Mapping[str, str],
    names: tuple[str, ...],
    language: str,
    *,
    duty: bool = False,
    survey: bool = False,
) -> None:
    """Refuse texts that lack a language, name something unknown, or say what no user should read.

    `where`: their place in the file. `names`: what they may name in braces. `duty`, `survey`: as `refused_words` has
    them. Raises PlaysError.
    """
    for needed in dict.fromkeys((_FIRST_LANGUAGE, language)):
        if needed not in texts:
            there = ", ".join(texts) or "none"
            raise PlaysError(
                f"{where}: there is no text in {needed!r}; languages there: {there}.\n"
                f"Add the translation{', or change plays.language' if needed == language else ''}."
            )
    for one, text in texts.items():
        _check_placeholders(f"{where}.{one}", text, names)
    for one, refused in first_words(texts, duty=duty, survey=survey):
        raise PlaysError(f"{where}.{one}: {refused.words!r} {refused.because}.\n{refused.advice}.")


def _check_placeholders(where: str, text: str, names: tuple[str, ...]) -> None:
    try:
        named = placeholders(text)
    except ValueError as error:
        raise PlaysError(
            f"{where} = {text!r}: {error}.\nWrite a column in braces, such as {{plan}}; a brace itself is doubled."
        ) from error
    for name in named:
        if name not in names:
            allowed = f"Known: {', '.join(names)}" if names else "No column may be named here"
            raise PlaysError(f"{where}: unknown placeholder {{{name}}}.\n{allowed}.")


def _message(file: str, raw: Mapping[str, Any], problem: Any) -> str:
    """One fault of the file's form, with its play and key."""
    loc = problem["loc"]
    where, key = f"{file}", ".".join(str(part) for part in loc)
    if len(loc) > 1 and loc[0] == "plays" and isinstance(loc[1], int):
        entry = raw["plays"][loc[1]]
        code = entry.get("code") if isinstance(entry, Mapping) else None
        where = f"{file}: play {code or f'number {loc[1] + 1}'}"
        key = ".".join(str(part) for part in loc[2:] if part != "[key]") or "the play"
    if problem["type"] == "extra_forbidden":
        fields = _Play.model_fields if len(loc) > 1 else _File.model_fields
        return f"{where}: unknown key {key} = {problem['input']!r}.\nKnown here: {', '.join(fields)}."
    if problem["type"] == "missing":
        return f"{where}: key {key} is missing.\nAdd it; data/contracts/plays.yaml says what it means."
    allowed = (
        f"Known causes: {', '.join(get_args(Cause))}"
        if "cause" in loc or "goals" in loc
        else f"{problem['msg']}"
    )
    return f"{where}: {key} = {problem['input']!r} is not allowed.\n{allowed}."
