"""A contract whose columns are partly missing, read as far as possible, to find what else is wrong.

Promise: a column that is missing is named once, with those that its name is near to.
"""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from features.contract.checks import check_csv, check_time
from features.contract.columns import Columns
from features.contract.derived_columns import sql_of
from features.contract.model import Contract
from features.contract.time import Time
from features.errors import ContractError
from pipeline.first_contract.text_form import Form

STAND_IN = "?"
_STAND_INS = {"user_id": f"'{STAND_IN}'", "at": "'2000-01-01 00:00:01'", "kind": f"'{STAND_IN}'"}
"""What is read in place of a column that every event needs."""


def without_contradictions(contract: Contract, form: Form) -> Contract:
    """`contract` without what no log can be read by: expressions that are none, times and a form that contradict."""
    derive = {
        name: sql
        for name, sql in contract.derive.items()
        if name in Columns.model_fields and _parses(contract, f"derive.{name}", sql)
    }
    excludes = contract.exclude is not None and _parses(contract, "exclude", contract.exclude)
    return contract.model_copy(
        update={
            "derive": derive,
            "exclude": contract.exclude if excludes else None,
            "time": with_a_readable_time(contract).time,
            "csv": contract.csv if _holds(check_csv, contract) else form.csv,
        }
    )


def with_a_readable_time(contract: Contract) -> Contract:
    """`contract`, in UTC if there is no such zone as it names, and with ISO 8601 if its formats are none."""
    in_utc = contract.time.model_copy(update={"timezone": "UTC"})
    timed = (contract.model_copy(update={"time": one}) for one in (contract.time, in_utc, Time()))
    return next(one for one in timed if _holds(check_time, one))


def _holds(check: Callable[[Contract], None], contract: Contract) -> bool:
    try:
        check(contract)
    except ContractError:
        return False
    return True


def check_names_of_columns(contract: Contract, raw: list[str], path: Path, form: Form) -> None:
    """Raise ContractError for all columns that the contract names and the file `path` does not have."""
    if contract.format == "jsonl":  # the whole log may have it; the columns asked for say so themselves
        return
    missing = [(name, key) for name, key in contract.raw_columns.items() if name not in raw]
    if not missing:
        return
    said = []
    for name, key in missing:
        folded = {one.lower(): one for one in raw}
        near = [folded[one] for one in get_close_matches(name.lower(), list(folded), n=3, cutoff=0.5)]
        hint = f" Near it: {', '.join(near)}." if near else ""
        said.append(f"{contract.name}: {key} asks for {name!r}, which is no column of {path}.{hint}")
    said.append(f"Its columns: {', '.join(raw)}. Correct the names.")
    other = _other_form(contract, form)
    raise ContractError("\n".join([*said, *([other] if other else [])]))


def _other_form(contract: Contract, form: Form) -> str | None:
    """What the file looks like, if the contract reads it in another way."""
    if form.format != contract.format:
        return f"The file looks like {form.format}: {form.why['format']}. Write format: {form.format}."
    ours, theirs = contract.csv.model_dump(), form.csv.model_dump()
    keys = ("separator", "skip_lines", "comment", "header", "fixed_width", "encoding")
    other = {key: theirs[key] for key in keys if ours[key] != theirs[key] and key in form.why}
    if not other or contract.csv.fixed_width is not None:
        return None
    why = "; ".join(form.why[key] for key in other)
    return f"The file looks as if it were written otherwise: {why}. Write csv: {other}."


def without_missing(contract: Contract, raw: set[str]) -> Contract:
    """`contract` without the columns and expressions that ask for what is not in `raw`; needed ones have a stand-in."""
    columns = {
        name: None if column is not None and column not in raw and name not in contract.derive else column
        for name, column in contract.columns.model_dump().items()
    }
    derive = {}
    for name, sql in contract.derive.items():
        if not _runs(contract, f"derive.{name}", sql, raw):
            columns[name] = None
        else:
            derive[name] = sql
    linked = contract.identity
    if linked is not None and linked.in_log and not {linked.anonymous, linked.known} <= raw:
        linked = None
    for name, sql in _STAND_INS.items():
        had = (contract.has(name) or name != "kind") and not (
            name == "user_id" and linked is not None and linked.in_log
        )
        if had and columns.get(name) is None and name not in derive:
            derive[name] = sql
    keeps = not isinstance(contract.duplicates, tuple) or set(contract.duplicates) <= raw
    excludes = contract.exclude is not None and _runs(contract, "exclude", contract.exclude, raw)
    stands_in = derive.get("at") == _STAND_INS["at"]
    return contract.model_copy(
        update={
            "time": Time() if stands_in else contract.time,
            "identity": linked,
            "columns": contract.columns.model_copy(update=columns),
            "derive": derive,
            "duplicates": contract.duplicates if keeps else "keep",
            "quantities": {
                name: one
                for name, one in contract.quantities.items()
                if (one.column is not None and one.column in raw)
                or (one.sql is not None and _runs(contract, f"quantities.{name}.sql", one.sql, raw))
            },
            "exclude": contract.exclude if excludes else None,
        }
    )


def with_another_time(contract: Contract) -> Contract:
    """`contract` with the same time on each line, for a log whose times cannot be read."""
    return contract.model_copy(update={"derive": {**contract.derive, "at": _STAND_INS["at"]}, "time": Time()})


def _runs(contract: Contract, key: str, sql: str, raw: set[str]) -> bool:
    """Whether `sql` is an expression over columns that are there."""
    return _parses(contract, key, sql) and set(sql_of(contract.name, key, sql).meta.root_names()) <= raw


def _parses(contract: Contract, key: str, sql: str) -> bool:
    try:
        sql_of(contract.name, key, sql)
    except ContractError:
        return False
    return True
