"""The texts of the lists for import: why a user is on a list, and what to do, in the words of the CRM team.

Promise: a file that passes has texts for every list, in every language asked for, and none begs, blames or bribes. A
fault is refused with the file, the list, the text and what is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.advice.conditions import Condition, Types, condition
from features.advice.list_facts import LISTS, SAVE, Ask, ListName
from features.advice.parse_plays import Code, Language, Text, check_texts
from features.errors import PlaysError

_SURVEY: ListName = "survey"
_ASKING: ListName = "promoters"
_Days = Annotated[int, Field(ge=0, le=3650)]


@dataclass(frozen=True, slots=True)
class ListText:
    """One text of a list. `when`: for whom it is. `why` and `says`: by language, without a full stop.

    `says` is empty on the list of users to save, whose next steps are those of the plays. `ask`: what a promoter is
    asked for.
    """

    code: str
    when: Condition
    why: Mapping[str, str]
    says: Mapping[str, str]
    ask: Ask | None


@dataclass(frozen=True, slots=True)
class TextsOfList:
    """The texts of one list in order: the first one that fits is the user's.

    `cool_down_days`: nobody is on the list for so long after any contact; `again_days`: after a contact by this list.
    """

    cool_down_days: int
    again_days: int
    texts: tuple[ListText, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its texts, as contact logs have them."""
        return tuple(text.code for text in self.texts)


@dataclass(frozen=True, slots=True)
class ListTexts:
    """The texts of every list. `language`: the one in use; every text has it."""

    file: str
    lists: Mapping[ListName, TextsOfList]
    language: str


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Text(_Part):
    code: Code
    when: Text
    why: dict[Language, Text]
    says: dict[Language, Text] = {}
    ask: Ask | None = None


class _List(_Part):
    cool_down_days: _Days = 0
    again_days: _Days = 0
    texts: tuple[_Text, ...] = Field(min_length=1)


class _File(_Part):
    lists: dict[ListName, _List]


def parse_list_texts(raw: Any, file: str, known: Types, language: str) -> ListTexts:
    """The texts in `raw`, the parsed YAML of `file`.

    `known`: the columns that conditions and texts may name. `language`: that of the texts in use. Raises PlaysError for
    the first fault.
    """
    if not isinstance(raw, Mapping):
        raise PlaysError(f"{file}: expected the key lists, found {type(raw).__name__}.")
    try:
        content = _File.model_validate(raw)
    except ValidationError as error:
        raise PlaysError("\n".join(_message(file, raw, problem) for problem in error.errors())) from error
    lacking = [name for name in LISTS if name not in content.lists]
    if lacking:
        raise PlaysError(f"{file}: lists.{lacking[0]} is missing.\nEvery list has texts: {', '.join(LISTS)}.")
    _check_codes(file, content)
    return ListTexts(
        file,
        {name: _texts_of(file, name, content.lists[name], known, language) for name in LISTS},
        language,
    )


def _texts_of(file: str, name: ListName, one: _List, known: Types, language: str) -> TextsOfList:
    texts = tuple(
        _text(f"{file}: list {name}: text {text.code}", name, text, known, language) for text in one.texts
    )
    return TextsOfList(one.cool_down_days, one.again_days, texts)


def _text(where: str, name: ListName, one: _Text, known: Types, language: str) -> ListText:
    when, survey, names = condition(f"{where}: when", one.when, known), name == _SURVEY, tuple(known)
    check_texts(f"{where}: why", one.why, names, language, survey=survey)
    if name == SAVE and one.says:
        raise PlaysError(
            f"{where}: says is not allowed here.\nThe next steps of this list are those of the plays."
        )
    if name != SAVE:
        check_texts(f"{where}: says", one.says, names, language, survey=survey)
    if (one.ask is not None) != (name == _ASKING):
        fault = "is missing" if one.ask is None else f"= {one.ask!r} is not allowed here"
        raise PlaysError(f"{where}: ask {fault}.\nTexts of the list {_ASKING} have it, and no others.")
    return ListText(one.code, when, one.why, one.says, one.ask)


def _check_codes(file: str, content: _File) -> None:
    """Contact logs name a text by its code alone."""
    seen: dict[str, ListName] = {}
    for name, one in content.lists.items():
        for text in one.texts:
            if text.code in seen:
                raise PlaysError(
                    f"{file}: list {name}: text {text.code}: list {seen[text.code]} has a text of this code.\n"
                    "Give each text a code of its own: contact logs name it."
                )
            seen[text.code] = name


def _message(file: str, raw: Mapping[str, Any], problem: Any) -> str:
    """One fault of the file's form, with its list, text and key."""
    loc = [part for part in problem["loc"] if part != "[key]"]
    where, key = file, ".".join(str(part) for part in loc)
    if len(loc) > 2:
        where, key = f"{file}: list {loc[1]}", ".".join(str(part) for part in loc[2:])
    if len(loc) > 4 and loc[2] == "texts":
        entry = raw["lists"][loc[1]]["texts"][loc[3]]
        code = entry.get("code") if isinstance(entry, Mapping) else None
        where, key = (
            f"{where}: text {code or f'number {loc[3] + 1}'}",
            ".".join(str(part) for part in loc[4:]),
        )
    if problem["type"] == "extra_forbidden":
        fields = _Text if len(loc) > 4 else _List if len(loc) > 2 else _File
        return f"{where}: unknown key {key} = {problem['input']!r}.\nKnown here: {', '.join(fields.model_fields)}."
    if problem["type"] == "missing":
        return f"{where}: key {key} is missing.\nAdd it; data/contracts/lists.yaml says what it means."
    return f"{where}: {key} = {problem['input']!r} is not allowed.\n{problem['msg']}."
