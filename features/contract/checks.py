"""Checks of a contract: each message names the file, the error and the remedy.

Promise: a contract that passes has no contradiction, whatever the log holds.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from zoneinfo import ZoneInfo

import polars as pl

from features.contract.derived_columns import sql_of
from features.contract.model import Contract
from features.errors import ContractError, Faults
from features.names import group_measure, kind_measure
from features.timestamps import EPOCHS, has_clock, read_instants

OTHER = "other"


def check(contract: Contract) -> None:
    """Raise ContractError with all in which `contract` contradicts itself."""
    faults = Faults()
    for checked in (
        _check_columns,
        _check_groups,
        _check_measures,
        _check_kinds,
        _check_meaning,
        check_time,
        _check_numbers,
        _check_outages,
        _check_currency,
        check_csv,
    ):
        with faults.collected():
            checked(contract)
    faults.refuse()


def check_without_clock(contract: Contract) -> None:
    """Raise ContractError when `contract` needs a time of day and the times have none."""
    start, minutes = contract.time.day_starts_at, contract.presence.least_minutes
    if contract.time.starts_at:
        raise ContractError(
            f"{contract.name}: time.day_starts_at = {start!r}, and the log's times have no time of day.\n"
            'Write "00:00": a date is the day that it names.'
        )
    if minutes > 0:
        raise ContractError(
            f"{contract.name}: presence.least_minutes = {minutes}, and the log's times have no time of day.\n"
            "Write 0, and ask for presence.least_events if need be."
        )


def check_names(contract: Contract, seen: Iterable[str]) -> None:
    """Raise ContractError when `names` has words for what is neither a group nor a kind.

    `seen`: the kinds of the log's events; a kind of a group may be missing there.
    """
    known = {*contract.groups, *contract.kind_groups, *contract.quantities, *seen}
    unknown = [name for name in contract.names if name not in known]
    if unknown:
        near = get_close_matches(unknown[0], sorted(known), n=3)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "Remove it."
        raise ContractError(
            f"{contract.name}: names has words for {unknown[0]!r}, which is no group, no quantity, no kind of a group "
            f"and no kind of an event.\n{hint}"
        )


def _check_columns(contract: Contract) -> None:
    for name, sql in contract.derive.items():
        known = type(contract.columns).model_fields
        if name not in known:
            raise ContractError(
                f"{contract.name}: derive.{name} is not a column of an event.\nKnown: {', '.join(known)}."
            )
        sql_of(contract.name, f"derive.{name}", sql)
    if contract.exclude is not None:
        sql_of(contract.name, "exclude", contract.exclude)
    for name in ("user_id", "at"):
        if not contract.has(name):
            raise ContractError(
                f"{contract.name}: columns.{name} is missing.\n"
                "Every log needs it: name the raw column that holds it."
            )
    if contract.duplicates == ():
        raise ContractError(
            f"{contract.name}: duplicates = [] names no column, so all lines would be copies of one.\n"
            "Name the columns by which copies are found, or write keep, whole_line or event_id."
        )
    if contract.duplicates == "event_id" and not contract.has("event_id"):
        raise ContractError(
            f"{contract.name}: duplicates = 'event_id', and no column is event_id.\n"
            "Name it under columns, or choose whole_line or keep."
        )


def _check_groups(contract: Contract) -> None:
    if not contract.kind_groups:
        raise ContractError(
            f"{contract.name}: groups holds no kind.\n"
            "List the kinds by group; without a kind column: groups: {activity: [event]}."
        )
    group_of: dict[str, str] = {}
    for group, kinds in contract.groups.items():
        if group == OTHER or not re.fullmatch(r"[A-Za-z][\w -]*", group):
            raise ContractError(
                f"{contract.name}: group {group!r} cannot be named so.\n"
                f"Begin with a letter, then letters, digits, _ or -; {OTHER!r} is for kinds in no group."
            )
        for kind in kinds:
            if kind in group_of:
                raise ContractError(_twice(contract.name, kind, group_of[kind], group))
            group_of[kind] = group


def _twice(name: str, kind: str, first: str, second: str) -> str:
    if first == second:
        return f"{name}: kind {kind!r} is twice in group {first!r}.\nRemove one of them."
    return (
        f"{name}: kind {kind!r} stands in two groups, {first!r} and {second!r}.\n"
        "A kind belongs to one group. Remove it from one of them."
    )


def _check_measures(contract: Contract) -> None:
    columns: dict[str, str] = {}
    named = [(f"group {group!r}", group_measure(group)) for group in contract.groups]
    named += [(f"kind {kind!r}", kind_measure(kind)) for kind in contract.kind_groups]
    for what, column in named:
        if column in columns:
            raise ContractError(
                f"{contract.name}: {columns[column]} and {what} would both be the column {column!r}.\n"
                "Rename one of them: a group here, a kind with derive.kind."
            )
        columns[column] = what


def _check_kinds(contract: Contract) -> None:
    presence, kinds = contract.presence.kinds, list(contract.kind_groups)
    if presence == ():
        raise ContractError(
            f"{contract.name}: presence.kinds is empty: no day is a login.\nName kinds, or null."
        )
    if contract.has("kind"):
        return
    if len(kinds) > 1:
        raise ContractError(
            f"{contract.name}: no column tells which kind an event is, and groups names {len(kinds)}: "
            f"{', '.join(map(repr, kinds[:5]))}.\n"
            "Give columns.kind or derive.kind, or name only one kind: then every event has this kind.\n"
            "A table with one line for each user is no log: a log has a line for each event, with its time."
        )
    others = [kind for kind in presence or () if kind not in kinds]
    if others:
        raise ContractError(
            f"{contract.name}: presence.kinds names {others[0]!r}, and every event is {kinds[0]!r}: "
            f"no column tells kinds.\nWrite kinds: [{kinds[0]}], or null; or give columns.kind."
        )


def _check_meaning(contract: Contract) -> None:
    for name, kinds in contract.meaning.kinds.items():
        unknown = [kind for kind in kinds if kind not in contract.kind_groups]
        if unknown or not kinds:
            what = f"names {unknown[0]!r}, which stands in no group" if unknown else "names no kind"
            raise ContractError(
                f"{contract.name}: meaning.{name} {what}.\nName kinds of the groups, or leave the key out."
            )
    meaning = contract.meaning.kinds
    for first, second in (("subscription_start", "subscription_end"), ("complaint", "answer")):
        both = sorted({*meaning.get(first, ())} & {*meaning.get(second, ())})
        if both:
            raise ContractError(
                f"{contract.name}: kind {both[0]!r} is in meaning.{first} and in meaning.{second}.\n"
                "It cannot be both. Remove it from one of them."
            )
    _check_paid_time(contract)
    if contract.meaning.renewal_days is not None and contract.meaning.subscription_start is None:
        raise ContractError(
            f"{contract.name}: meaning.renewal_days = {contract.meaning.renewal_days}, and no kind starts a "
            "subscription.\nName meaning.subscription_start, or leave renewal_days out."
        )
    _check_plans(contract)


def _check_plans(contract: Contract) -> None:
    """Plans are values of the attribute `plan`, each once; a limit is of known kinds and plans."""
    plans, limit = contract.meaning.plans, contract.meaning.limit
    if plans is None and limit is None:
        return
    key = "plans" if plans is not None else "limit"
    if contract.users is None or "plan" not in contract.users.attributes:
        raise ContractError(
            f"{contract.name}: meaning.{key} names plans, and no attribute of a user is plan.\n"
            f"Name its column as users.columns.plan, or leave meaning.{key} out."
        )
    if plans is not None and len(set(plans)) < len(plans):
        twice = next(plan for plan in plans if plans.count(plan) > 1)
        raise ContractError(f"{contract.name}: meaning.plans names {twice!r} twice.\nName each plan once.")
    if limit is None:
        return
    unknown = [kind for kind in limit.kinds if kind not in contract.kind_groups]
    if unknown:
        raise ContractError(
            f"{contract.name}: meaning.limit.kinds names {unknown[0]!r}, which stands in no group.\n"
            "Name kinds of the groups."
        )
    others = [plan for plan in limit.most if plans is not None and plan not in plans]
    if others:
        raise ContractError(
            f"{contract.name}: meaning.limit.most names {others[0]!r}, which is not in meaning.plans.\n"
            f"Plans: {', '.join(plans or ())}. Correct one of them."
        )


def _check_paid_time(contract: Contract) -> None:
    starts, plans = contract.meaning.subscription_start or (), contract.meaning.renewal_days
    if isinstance(plans, dict) and starts and set(plans) != set(starts):
        wrong = sorted(set(plans) ^ set(starts))[0]
        raise ContractError(
            f"{contract.name}: meaning.renewal_days and meaning.subscription_start differ in the kind {wrong!r}.\n"
            "Give a number of days for each kind that starts a subscription, and for no other."
        )
    if contract.has("plan_days") and contract.columns.paid_until is not None:
        raise ContractError(
            f"{contract.name}: columns.plan_days and columns.paid_until both say how long a payment lasts.\n"
            "Keep one of them."
        )


def check_time(contract: Contract) -> None:
    """Raise ContractError when the section `time` cannot be read by, or asks for a clock that it does not have."""
    if not contract.time.formats:
        raise ContractError(f"{contract.name}: time.format is an empty list.\nWrite null for ISO 8601.")
    for form in contract.time.formats:
        _check_format(contract, form)
    if not has_clock(contract.time.formats):
        check_without_clock(contract)
    try:
        ZoneInfo(contract.time.timezone)
    except (ValueError, OSError, LookupError) as error:
        raise ContractError(
            f"{contract.name}: time.timezone = {contract.time.timezone!r} is no time zone.\n"
            "Use a name of the IANA list, such as Europe/Berlin or UTC."
        ) from error


def _check_format(contract: Contract, form: str | None) -> None:
    if form is not None and form not in EPOCHS and "%" not in form:
        raise ContractError(
            f"{contract.name}: time.format = {form!r} is no format.\n"
            f"Use null for ISO 8601, one of {', '.join(EPOCHS)}, or a strptime format such as '%Y%m%d'."
        )
    try:
        read_instants(pl.Series(["1"]), (form,), "UTC")
    except pl.exceptions.PolarsError as error:
        why = str(error).strip().splitlines()[0].removeprefix("Invalid format string: ").rstrip(".")
        raise ContractError(
            f"{contract.name}: time.format = {form!r} cannot be read by: {why}.\n"
            "Correct it: '%Y%m%d' is a date, '%d/%m/%Y %I:%M %p' a date and time."
        ) from error


def _check_numbers(contract: Contract) -> None:
    numbers = contract.numbers
    if numbers.thousands is not None and numbers.thousands == (numbers.decimal or "."):
        raise ContractError(
            f"{contract.name}: numbers.thousands = {numbers.thousands!r} is the mark before the decimals too.\n"
            'Give numbers.decimal the other mark, such as ",".'
        )


def _check_outages(contract: Contract) -> None:
    for since, until in contract.outages:
        if until < since:
            raise ContractError(
                f"{contract.name}: outages has [{since}, {until}], which ends before it begins.\n"
                "Give the first and the last day without events."
            )


def _check_currency(contract: Contract) -> None:
    fixed, reporting = contract.currency.fixed, contract.currency.reporting
    if fixed and contract.has("currency"):
        raise ContractError(
            f"{contract.name}: currency.fixed = {fixed!r}, and a column is currency too.\nKeep one of them."
        )
    if contract.has("amount") and not (fixed or contract.has("currency")):
        raise ContractError(
            f"{contract.name}: there are amounts, and nothing says in which currency.\n"
            "Give currency.fixed, or columns.currency and currency.reporting."
        )
    if contract.has("currency") and not reporting:
        raise ContractError(
            f"{contract.name}: amounts come in several currencies, and currency.reporting is missing.\n"
            "Name the currency to report in, such as EUR."
        )


def check_csv(contract: Contract) -> None:
    """Raise ContractError when the section `csv` has an unknown encoding or a slice that is none."""
    try:
        "".encode(contract.csv.encoding)
    except LookupError as error:
        raise ContractError(
            f"{contract.name}: csv.encoding = {contract.csv.encoding!r} is unknown.\n"
            "Use a name that Python knows, such as utf-8, latin-1 or cp1252."
        ) from error
    for name, (start, stop) in (contract.csv.fixed_width or {}).items():
        if not 0 <= start < stop:
            raise ContractError(
                f"{contract.name}: csv.fixed_width.{name} = [{start}, {stop}] is no slice.\n"
                "Give 0-based [start, stop] with start < stop."
            )
