"""What is wrong with what the first lines hold, and what is only to be looked at.

Promise: each message says how many lines it is about, and what to write.
"""

import re
from collections.abc import Iterator

import polars as pl

from features.contract.model import Contract
from pipeline.first_contract.as_far_as_possible import STAND_IN
from pipeline.first_contract.guess import Column, columns_of, written
from pipeline.first_contract.money import marks_of
from pipeline.first_contract.seen import Seen
from pipeline.first_contract.text_form import Form
from pipeline.first_contract.times import formats_of

MANY = 0.2
"""With a larger share of lines that cannot be read, something is wrong, whatever it is."""
_FEW = 0.01
_MOST_MISSING = 0.5
_MOST_OF_ANOTHER_UNIT = 0.9
_SHOWN = 8


def faults_of(contract: Contract, seen: Seen, form: Form) -> list[str]:
    """What is wrong, each with what to write."""
    return [
        f"{contract.name}: {said}"
        for find in (
            _unreadable_lines,
            _unreadable_times,
            _missing_users,
            _amounts,
            _quantities,
            _currencies,
            _kinds,
        )
        for said in find(contract, seen, form)
    ]


def notes_of(contract: Contract, seen: Seen) -> Iterator[str]:
    """What may be right or wrong: somebody has to look at it."""
    lines = seen.lines - seen.excluded
    loose = {kind: count for kind, count in seen.kinds.most_common() if kind not in contract.kind_groups}
    if loose and STAND_IN not in loose:
        shown = ", ".join(f"{kind} ({written(count)})" for kind, count in list(loose.items())[:_SHOWN])
        yield f"kinds in no group, which count as other: {shown}"
    missing = seen.rejected["missing_user"]
    if lines and _FEW < missing / lines <= _MOST_MISSING and not contract.users_may_be_missing:
        yield (
            f"{written(0, missing / lines)} of the lines have no user: write users_may_be_missing: true, if they "
            "belong to this log by nature; exclude, if they are nobody's doing"
        )
    for reason, count in seen.rejected.most_common():
        if reason != "missing_user" and _FEW < count / max(lines, 1) <= MANY:
            yield f"{written(0, count / lines)} of the lines are left out as {reason}, first {seen.examples[reason]}"
    if _FEW < seen.unreadable_amounts / max(seen.amounts, 1) <= MANY:
        yield f"{written(0, seen.unreadable_amounts / seen.amounts)} of the amounts cannot be read: see null_values"
    for name, values in seen.quantities.items():
        if 0 < values.unreadable <= MANY * values.given:
            yield f"quantities.{name}: {written(values.unreadable)} values are no numbers, such as {values.example}"
    if seen.placeholders:
        shown = ", ".join(
            f"{name!r} ({written(count)})" for name, count in seen.placeholders.most_common(_SHOWN)
        )
        yield f"ids that name nobody: {shown}; trusted ids are users all the same"
    if seen.like_thousands:
        yield (
            f"{written(seen.like_thousands)} amounts have three digits after a point, such as 1.250: is it a mark of "
            'thousands? Say it in numbers: {decimal: ",", thousands: "."} or {decimal: "."}'
        )
    if seen.lost_characters:
        yield f"{written(seen.lost_characters)} lines have bytes that are no {contract.csv.encoding}: see csv.encoding"
    unseen = [kind for kind in contract.kind_groups if kind not in seen.kinds]
    if unseen and contract.has("kind") and seen.kinds and STAND_IN not in seen.kinds:
        yield f"kinds of the groups that these lines do not have: {', '.join(unseen[:_SHOWN])}"
    words = [
        name for name in contract.names if name not in {*contract.groups, *contract.kind_groups, *seen.kinds}
    ]
    if words:
        yield f"names has words for {', '.join(words)}: the run stops if no event of the log is of this kind"


def _unreadable_lines(contract: Contract, seen: Seen, form: Form) -> Iterator[str]:
    for reason, what in (
        ("wrong_number_of_fields", "another number of fields"),
        ("unreadable_line", "no record"),
    ):
        count = seen.rejected[reason]
        if count > MANY * seen.lines:
            other = "" if form.format == contract.format else f" The file looks like {form.format}."
            yield (
                f"{written(count)} of {written(seen.lines)} lines are {reason} ({what}), first "
                f"{seen.examples[reason]}.\nCorrect csv (separator, skip_lines, header) or the log.{other}"
            )


def _unreadable_times(contract: Contract, seen: Seen, _: Form) -> Iterator[str]:
    unreadable, time = seen.rejected["unreadable_time"], contract.time
    times = _one_column(seen.times)
    if seen.other_unit > _MOST_OF_ANOTHER_UNIT * seen.lines:
        yield (
            f"time.format = {time.format!r}, and {written(seen.other_unit)} of {written(seen.lines)} lines count "
            "another unit.\nWrite epoch_s, epoch_ms, epoch_us or epoch_ns; or epoch, which takes it from the magnitude."
        )
    guess = None if times is None or unreadable <= _FEW * seen.lines else formats_of(times)
    advice = "Correct time.format or columns.at: no format that is known here reads these times."
    if guess is not None:
        formats, why, unsure = guess
        form = formats[0] if len(formats) == 1 else ["iso" if one is None else one for one in formats]
        shown = "null" if form is None else repr(form)
        advice = f"Write time: {{format: {shown}}} ({'unsure: ' if unsure else ''}{why})."
    better = guess is not None and guess[0] != time.formats
    if unreadable > (_FEW if better else MANY) * seen.lines:
        yield (
            f"{written(unreadable)} of {written(seen.lines)} times cannot be read with time.format = {time.format!r}, "
            f"first {seen.examples['unreadable_time']}.\n{advice}"
        )


def _missing_users(_: Contract, seen: Seen, __: Form) -> Iterator[str]:
    lines = seen.lines - seen.excluded
    missing = seen.rejected["missing_user"]
    if lines == 0:
        yield "exclude leaves out all of these lines.\nCorrect the condition."
    elif missing > _MOST_MISSING * lines:
        yield (
            f"{written(missing)} of {written(lines)} lines have no user, first {seen.examples['missing_user']}.\n"
            "Correct columns.user_id, or derive it from two columns: COALESCE(user_id, anonymous_id)."
        )


def _amounts(contract: Contract, seen: Seen, _: Form) -> Iterator[str]:
    unreadable = seen.unreadable_amounts
    if unreadable <= _FEW * seen.amounts:
        return
    numbers = _one_column(seen.numbers)
    marks, why = (contract.numbers, "") if numbers is None else marks_of(numbers)
    better = marks.declared and marks != contract.numbers
    advice = "Correct columns.amount, numbers or null_values."
    if better:
        advice = f"Write numbers: {marks.model_dump(exclude_none=True)} ({why})."
    if better or unreadable > MANY * seen.amounts:
        shown = "" if numbers is None else f", such as {_no_number(numbers.values)!r}"
        yield f"{written(unreadable)} of {written(seen.amounts)} amounts cannot be read{shown}.\n{advice}"


def _quantities(_: Contract, seen: Seen, __: Form) -> Iterator[str]:
    for name, count in seen.quantities.items():
        if count.unreadable > MANY * count.given:
            yield (
                f"quantities.{name}: {written(count.unreadable)} of {written(count.given)} values are no numbers, such "
                f"as {count.example}.\nName a column of numbers; `numbers` says how they are written, null_values what "
                "means none."
            )


def _currencies(_: Contract, seen: Seen, __: Form) -> Iterator[str]:
    unknown = [name for name in seen.currencies if not re.fullmatch("[A-Z]{3}", name)]
    if unknown:
        yield (
            f"currencies that are no codes: {', '.join(map(repr, unknown[:_SHOWN]))}.\n"
            f"Say what they mean: currency: {{names: {{{unknown[0]}: EUR}}}}."
        )


def _kinds(contract: Contract, seen: Seen, _: Form) -> Iterator[str]:
    if not seen.kinds or STAND_IN in seen.kinds:
        return
    shown = ", ".join(repr(kind) for kind, _ in seen.kinds.most_common(_SHOWN))
    if not contract.kind_groups.keys() & seen.kinds.keys():
        yield f"no line has a kind of the groups. The lines have {shown}.\nList the kinds by group."
    presence = contract.presence.kinds
    if presence is not None and not set(presence) & seen.kinds.keys():
        yield f"no line has a kind of presence.kinds: no day is a login. The lines have {shown}.\nName others, or null."


def _one_column(series: list[pl.Series]) -> Column | None:
    texts = [one.cast(pl.String, strict=False) if len(series) > 1 else one for one in series]
    found = columns_of(pl.concat(texts).to_frame()) if texts else []
    return found[0] if found else None


def _no_number(values: pl.Series) -> str:
    wrong = values.filter(values.cast(pl.Float64, strict=False).is_null())
    return str(wrong[0] if wrong.len() else values[0])
