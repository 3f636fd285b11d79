"""A first contract in words: each key with the reason for its value, and a mark where nobody can know.

Promise: what is written parses, and reads the lines from which it was made.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from features.contract.values import Numbers
from pipeline.errors import InputError
from pipeline.first_contract.guess import Column, Guess, columns_of, written
from pipeline.first_contract.kinds import OTHERS, Kinds, kinds_of
from pipeline.first_contract.known_exports import ready_contract
from pipeline.first_contract.money import Money, money_of
from pipeline.first_contract.people import (
    country_of,
    ids_that_name_nobody,
    kind_of,
    others_of,
    unnamed_kind_of,
    user_of,
    visitor_of,
    without,
)
from pipeline.first_contract.quantities import quantities_of
from pipeline.first_contract.sample import Sample
from pipeline.first_contract.times import Times, times_of

_MANY_COPIES = 0.005
_SHOWN_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the sample seems to hold. `kinds`: kind to events, most first; `visitor`: the column of an anonymous id."""

    user: tuple[Column, Guess]
    times: Times
    kind: Guess | None
    kinds: dict[str, int]
    money: Money | None
    others: dict[str, Guess]
    visitor: str | None
    quantities: dict[str, Guess]
    unused: list[str]


def draft_of(sample: Sample) -> str:
    """The text of a first contract for the log of `sample`. Raises InputError when it has no users or no times."""
    found = _findings(sample)
    lines = [
        *_heading(sample),
        *_storage(sample),
        *_columns(found),
        *_reading(sample, found),
        *_groups(found),
    ]
    return "\n".join(lines) + "\n"


def _findings(sample: Sample) -> _Findings:
    columns = columns_of(sample.rows)
    lines = sample.rows.height
    country = country_of(columns)
    times = times_of(columns, None if country is None else country[0])
    named = ", ".join(one.name for one in columns[:_SHOWN_COLUMNS])
    if times is None:
        raise InputError(
            f"{sample.path}: no column holds times, so this is no log of events; a table with one row a user is none.\n"
            f"Its columns: {named}. Give a log with one event a line, with at least a user and a time."
        )
    left = without(columns, times.at.value)
    user = user_of(left)
    if user is None:
        raise InputError(
            f"{sample.path}: no column can be the user's id: none repeats.\n"
            f"Its columns: {named}. Give a log with one event a line, with at least a user and a time."
        )
    left = without(left, user[0].name)
    kind = kind_of(left) or unnamed_kind_of(left, user[0])
    kinds: dict[str, int] = {}
    if kind is not None:
        left = without(left, kind[0].name)
        kinds = dict(kind[0].values.value_counts(sort=True).iter_rows())
    money = money_of(left, times.zone.value)
    taken = [] if money is None else [one.value for one in (money.amount, money.currency) if one is not None]
    others = others_of(without(left, *taken), lines)
    used = {*taken, *(one.value for one in others.values())}
    free = [one for one in left if one.name not in used and one.name not in times.at.value]
    quantities = quantities_of(free, Numbers() if money is None else money.numbers)
    counted = {one.value for one in quantities.values()}
    unused = [one.name for one in free if one.name not in counted]
    return _Findings(
        user,
        times,
        None if kind is None else kind[1],
        kinds,
        money,
        others,
        visitor_of(left),
        quantities,
        unused,
    )


def _heading(sample: Sample) -> Iterator[str]:
    read = f"{written(sample.rows.height)} lines"
    of = "all" if sample.whole else "the first"
    files = (
        ""
        if sample.files == 1
        else f" of {sample.files} files"
        if sample.whole
        else f" of some of {sample.files} files"
    )
    yield f"# A first contract for {sample.path},"
    yield f"# guessed from {of} {read}{files}. Look at each guess, above all where it says unsure."
    ready = ready_contract(sample.rows.columns)
    if ready is not None:
        yield f"# It looks like the export of a known tool: {ready} is ready for it, and says more than this."
    yield "# Then run: lastlogin check THIS_FILE --log THE_LOG. docs/contract.md has all keys."


def _storage(sample: Sample) -> Iterator[str]:
    form, why = sample.form, sample.form.why
    yield f"format: {form.format}    # {why['format']}"
    stated = {
        name: value
        for name, value in form.csv.model_dump(exclude_defaults=True, exclude_none=True).items()
        if name in why or value is not None
    }
    if stated:
        yield "csv:"
        for name, value in stated.items():
            yield f"  {name}: {_flow(value)}    # {why.get(name, 'as found')}"
    if sample.broken:
        yield f"# {written(sample.broken)} lines of the sample cannot be cut into columns, and will be left out."


def _columns(found: _Findings) -> Iterator[str]:
    yield "columns:"
    yield _keyed("user_id", found.user[1])
    if not found.times.derived:
        yield _keyed("at", found.times.at)
    if found.kind is not None:
        yield _keyed("kind", found.kind)
    if found.money is not None and not found.money.derived:
        yield _keyed("amount", found.money.amount)
    if found.money is not None and found.money.currency is not None:
        yield _keyed("currency", found.money.currency)
    for name, guess in found.others.items():
        yield _keyed(name, guess)
    if found.unused:
        more = len(found.unused) - _SHOWN_COLUMNS
        shown = ", ".join(found.unused[:_SHOWN_COLUMNS]) + (f" and {more} more" if more > 0 else "")
        yield f"  # not used: {shown}"
    if found.quantities:
        yield "quantities:    # numbers that are no money; remove those that mean nothing by themselves"
        yield from (_keyed(name, guess) for name, guess in found.quantities.items())
    derived = list(_derived(found))
    if derived:
        yield "derive:    # SQL over the columns of the log"
        yield from derived


def _derived(found: _Findings) -> Iterator[str]:
    if found.times.derived:
        yield _keyed("at", found.times.at)
    if found.kind is None and found.money is not None:
        signed = found.money.negative
        if signed is None:
            yield _keyed(
                "kind", Guess("'purchase'", "no column tells kinds, and there are amounts", unsure=True)
            )
        else:
            name = signed if signed.isidentifier() else f'"{signed}"'
            sql = f"CASE WHEN {name} < 0 THEN 'refund' ELSE 'purchase' END"
            yield _keyed(
                "kind",
                Guess(sql, f"no column tells kinds, and {signed} is below 0 on some lines", unsure=True),
            )
    if found.money is not None and found.money.derived:
        yield _keyed("amount", found.money.amount)


def _reading(sample: Sample, found: _Findings) -> Iterator[str]:
    times, money = found.times, found.money
    forms = times.formats
    form = forms[0] if len(forms) == 1 else ["iso" if one is None else one for one in forms]
    yield "time:"
    yield f"  format: {_flow(form)}    # {'unsure: ' if times.unsure else ''}{times.format_why}"
    yield _keyed("timezone", times.zone)
    yield '  day_starts_at: "00:00"    # later, such as "04:00", if the nights of your users belong to the day before'
    if money is not None:
        if money.numbers.declared:
            yield f"numbers: {_flow(money.numbers.model_dump(exclude_none=True))}    # {money.numbers_why}"
        fixed = money.fixed
        stated = (
            {"reporting": money.reporting}
            if fixed is None
            else {"fixed": fixed.value, "reporting": money.reporting}
        )
        why = "the commonest; amounts in others are converted" if fixed is None else fixed.comment
        yield f"currency: {_flow(stated)}    # {why}"
    yield f"duplicates: {_copies(sample, found)}"
    nobody = ids_that_name_nobody(found.user[0], sample.rows.height)
    for said in nobody:
        yield f"# user ids: {said}"
    missing = 1 - found.user[0].filled
    if missing > 0.01:
        yield f"# {written(0, missing)} of the lines have no user, and are left out. If they belong to this log by"
        yield "# nature, such as sales to guests, say so, and no check warns of them:"
        yield "# users_may_be_missing: true"
        if found.visitor is not None:
            yield "# If they are of visitors who may become known later, say this instead of columns.user_id:"
            yield f"# identity: {_flow({'from': found.visitor, 'to': found.user[1].value})}"


def _copies(sample: Sample, found: _Findings) -> str:
    if "event_id" in found.others:
        return "event_id    # lines of a user with the same event_id are one event"
    share = written(0, sample.copies)
    if sample.copies > _MANY_COPIES:
        return (
            f"whole_line    # unsure: {share} of the lines stand twice, word for word; keep, if both happened"
        )
    return (
        f"keep    # {share} of the lines stand twice, word for word"
        if sample.copies
        else "keep    # no line stands twice"
    )


def _groups(found: _Findings) -> Iterator[str]:
    counts = found.kinds
    if found.kind is None and found.money is not None:
        groups = {"trade": ["purchase"]} | ({} if found.money.negative is None else {"support": ["refund"]})
        kinds = Kinds(groups, [], {} if found.money.negative is None else {"refund": ["refund"]}, [])
    elif found.kind is None:
        kinds = Kinds({OTHERS: ["event"]}, [], {}, [])
    else:
        kinds = kinds_of(list(counts))
    yield "# Every kind of event, with its lines in the sample. The groups are guesses by name: move and rename them."
    yield "# The names access, progress, social, trade, support and feedback are reserved: see docs/contract.md."
    yield "groups:"
    for group, names in kinds.groups.items():
        yield f"  {group}:"
        yield from (
            f"    - {_flow(kind)}" + (f"    # {written(counts[kind])}" if kind in counts else "")
            for kind in names
        )
    if kinds.left_over:
        shown = ", ".join(map(repr, kinds.left_over[:10]))
        yield f"# {written(len(kinds.left_over))} more kinds are in no group, and count as other: {shown}, …"
    yield from _meaning(kinds.meaning)
    if kinds.nobodys:
        doing = [kind for names in kinds.groups.values() for kind in names if kind not in kinds.nobodys]
        if doing:
            yield f"presence:    # unsure: all but {', '.join(kinds.nobodys)}, hardly the user's own doing"
            yield f"  kinds: {_flow(doing)}"
            return
    yield "presence: {kinds: null}    # unsure: any event is a login; name the kinds that are the user's own doing"


def _meaning(meaning: dict[str, list[str]]) -> Iterator[str]:
    if not meaning:
        yield "# meaning: no kind looks like a refund, a complaint, a subscription or a goal"
        return
    yield "meaning:    # unsure: by the names of the kinds"
    for name, kinds in meaning.items():
        yield f"  {name}: {_flow(kinds)}"


def _keyed(name: str, guess: Guess) -> str:
    return f"  {name}: {_flow(guess.value)}    # {guess.comment}".replace("\n", " ")


def _flow(value: object) -> str:
    """`value` as YAML in one line."""
    if isinstance(value, str) and ("\n" in value or "\t" in value):
        return json.dumps(value)
    made = yaml.safe_dump(
        _plain(value), default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False
    )
    return made.removesuffix("\n").removesuffix("\n...")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return (
        [_plain(one) for one in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )
