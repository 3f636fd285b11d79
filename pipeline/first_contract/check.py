"""Everything that is wrong with a contract, from the first lines of its log, at once.

Promise: nothing is written. What is found is said with what to write; what cannot be known from these lines is a note.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from features.catalogue.available import every_feature
from features.contract.checks import check_without_clock
from features.contract.external_data import Attribute
from features.contract.model import Contract
from features.contract.parse import parsed_as_far_as_possible
from features.errors import ContractError, Faults
from features.events.asked import Asked
from features.events.extraction import extract_events, plan_events
from features.events.fields import FILE, LINE, TEXT
from pipeline.config.external import External
from pipeline.config.yaml_file import read_yaml
from pipeline.errors import InputError
from pipeline.external.dated_tables import (
    calendars_of,
    check_names,
    checked_calendar,
    checked_table,
    tables_of,
)
from pipeline.external.users_table import checked_users
from pipeline.first_contract.as_far_as_possible import (
    check_names_of_columns,
    with_a_readable_time,
    with_another_time,
    without_contradictions,
    without_missing,
)
from pipeline.first_contract.findings import MANY, faults_of, notes_of
from pipeline.first_contract.seen import Seen
from pipeline.first_contract.text_form import Form, form_of
from pipeline.ingestion.csv_records import Records
from pipeline.ingestion.files import log_files
from pipeline.ingestion.readers import raw_chunks

NOTHING_MORE = External(tables=(), calendars=())
LINES = 1000
"""How many lines of the first and of the last file are read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`faults`: what is wrong, each with what to do; `notes`: what to look at; `seen`: what the lines hold."""

    faults: tuple[str, ...]
    notes: tuple[str, ...]
    seen: Seen | None


def check_contract(
    file: Path, log: str | None, files: str = "*", external: External = NOTHING_MORE
) -> Checked:
    """What is wrong with the contract in `file`, read as far as possible; with `log`, also on its first lines.

    `external`: the section of params.yaml, if that names this contract.
    Raises InputError when `file` is missing or no YAML.
    """
    if not file.is_file():
        raise InputError(
            f"{file}: there is no such contract.\nWrite a first one: lastlogin contract init LOG."
        )
    form, faults = None, Faults()
    if log is not None:
        try:
            form = form_of(log_files(log, files, "--log")[0])
        except InputError as error:
            faults.append(str(error))
    instead: dict[str, Any] = {
        "format": "csv" if form is None else form.format,
        "groups": {"activity": ["event"]},
    }
    contract, wrong = parsed_as_far_as_possible(read_yaml(file), str(file), instead)
    faults[:0] = wrong
    if contract is None:
        return Checked(tuple(faults), (), None)
    users = _users(contract, external, faults)
    if log is None or form is None:
        return Checked(tuple(faults), (), None)
    seen = _seen(log_files(log, files, "--log"), without_contradictions(contract, form), form, faults)
    faults += [one for one in faults_of(contract, seen, form) if one not in faults] if seen.lines else []
    if users is not None and seen.users and not seen.users & users:
        faults.append(_nobody(contract, seen.users, users))
    return Checked(tuple(faults), tuple(notes_of(contract, seen)), seen)


def _users(contract: Contract, external: External, faults: Faults) -> set[str] | None:
    """The ids of the table of users, if the contract names one that can be read; all external data are checked."""
    contract = with_a_readable_time(contract)
    ids: set[str] | None = None
    attributes: tuple[Attribute, ...] = ()
    if contract.users is not None:
        try:
            table, attributes = checked_users(contract, contract.users)
            ids = set(table["user_id"].to_list())
        except (InputError, ContractError) as error:
            faults.append(str(error))
    _check_external(contract, external, attributes, faults)
    return ids


def _check_external(
    contract: Contract, external: External, attributes: tuple[Attribute, ...], faults: Faults
) -> None:
    """Add to `faults` what is wrong with tables and calendars; those by an attribute of faulty users are not read."""
    data = replace(contract.promises_external_data, attributes=attributes)
    unread = () if attributes or contract.users is None else contract.users.attributes
    checks: list[Callable[[], object]] = [partial(check_names, contract, external)]
    checks += [
        partial(checked_table, one, file, contract, data) for one, file in tables_of(contract, external)
    ]
    checks += [
        partial(checked_calendar, one, file, contract, data)
        for one, file in calendars_of(contract, external)
        if one.by not in unread
    ]
    if not faults:
        checks.append(partial(every_feature, contract.sources(external=data)))
    for check in checks:
        try:
            check()
        except (InputError, ContractError) as error:
            if str(error) not in faults:
                faults.append(str(error))


def _nobody(contract: Contract, seen: set[str], users: set[str]) -> str:
    return (
        f"{contract.name}: users.path has none of the {len(seen):,} users of the first lines.\n"
        f"The log has ids such as {min(seen)!r}, the table such as {min(users)!r}: bring both to one form."
    )


def _seen(files: list[Path], contract: Contract, form: Form, faults: Faults) -> Seen:
    """What the first lines of the first files and of the last one hold. Faults are added to `faults`."""
    seen, asked = Seen(), Asked(contract)
    try:
        for path, chunk in _first_chunks(files, contract, asked):
            _read(path, chunk, contract, form, seen, faults)
    except InputError as error:
        faults.append(_as_the_form_says(str(error), contract, form))
        as_found = contract.model_copy(update={"format": form.format, "csv": form.csv})
        return seen if as_found == contract else _seen(files, as_found, form, faults)
    with faults.collected():
        asked.refuse_missing()
    if seen.tells and "clock" not in seen.tells:
        with faults.collected():
            check_without_clock(contract)
    return seen


def _first_chunks(files: list[Path], contract: Contract, asked: Asked) -> Iterator[tuple[Path, Records]]:
    lines = 0
    for number, file in enumerate(files):
        if lines < LINES or number == len(files) - 1:
            found = next(raw_chunks([file], contract, LINES, asked), None)
            if found is not None:
                lines += found[1].rows.height + found[1].broken.height
                yield found


def _as_the_form_says(said: str, contract: Contract, form: Form) -> str:
    if form.format == contract.format or "write format" in said:
        return said
    return f"{said}\nIt looks like {form.format}: {form.why['format']}. Write format: {form.format}."


def _read(path: Path, chunk: Records, contract: Contract, form: Form, seen: Seen, faults: Faults) -> None:
    """Add to `seen` what one chunk holds, as far as its columns allow."""
    raw = {name: kind for name, kind in chunk.rows.schema.items() if name not in (FILE, LINE, TEXT)}
    with faults.collected():
        check_names_of_columns(contract, list(raw), path, form)
    readable = without_missing(contract, set(raw))
    seen.lines += chunk.rows.height + chunk.broken.height
    seen.add_rejected(chunk.broken)
    seen.keep_samples(contract, chunk.rows)
    with faults.collected():
        plan = plan_events(readable, chunk.rows.schema)
        extracted = extract_events(plan, chunk.rows, 0)
        seen.add_rejected(extracted.rejected)
        if (
            seen.rejected["unreadable_time"] > MANY * seen.lines
        ):  # its kinds and amounts can be read all the same
            readable = with_another_time(readable)
            extracted = extract_events(plan_events(readable, chunk.rows.schema), chunk.rows, 0)
        seen.add(readable, extracted)
