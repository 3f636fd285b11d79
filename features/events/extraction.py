"""From a chunk of raw rows to canonical events.

Promise: every row is either an event or a rejected line with its reason; none is lost, none twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import polars as pl

from features.contract.checks import check_without_clock
from features.contract.derived_columns import NUMERIC_COLUMNS, Derived, derived
from features.contract.model import OPTIONAL_COLUMNS, Contract
from features.errors import ContractError
from features.events.clock_faults import ClockFault, line_faults
from features.events.received import OWN, ROLE
from features.timestamps import EPOCHS, UTC_TIME, at_day_start, read_instants

Reason = Literal["missing_user", "unreadable_time", "wrong_number_of_fields", "unreadable_line"]

FILE, LINE, TEXT = "@file", "@line", "@text"
"""The origin of a raw row: its file, its first line in it, and (text formats) its original text."""

ORDER, EVENT_ID, SAME, UNREADABLE = "@order", "event_id", "@same", "@unreadable_amount"
"""Columns of an event until it is stored: its position in the log, its id, a hash of its row, and a flag."""

REJECTED = pl.Schema({"file": pl.String(), "line": pl.Int64(), "reason": pl.String(), "text": pl.String()})
NO_KIND = "(none)"
MOST_MONEY = 1e15

_NO_USER = ("", "nan", "null", "none", "<na>")
_LOST_CHARACTER = "\ufffd"


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows of one raw schema become events."""

    contract: Contract
    schema: Mapping[str, pl.DataType]
    derived: tuple[Derived, ...]


@dataclass(frozen=True, slots=True)
class Extracted:
    """The events of a chunk, with ORDER, EVENT_ID, SAME and UNREADABLE where they apply, and the rejected lines.

    `clock`: by fault the number of lines with a time that no correct clock shows.
    """

    events: pl.DataFrame
    rejected: pl.DataFrame
    clock: Counter[ClockFault]


def event_schema(contract: Contract) -> pl.Schema:
    """The columns of stored events: user, time, kind, the optional ones that the log tells, and the role
    (`own` or `received`) where the log has a counterpart.
    """
    optional = [name for name in OPTIONAL_COLUMNS if contract.has(name)]
    types = {name: pl.Float64() if name in NUMERIC_COLUMNS else pl.String() for name in optional}
    role = {ROLE: pl.String()} if contract.has("counterpart") else {}
    return pl.Schema({"user_id": pl.String(), "at": UTC_TIME, "kind": pl.String(), **types, **role})


def plan_events(contract: Contract, schema: Mapping[str, pl.DataType]) -> Plan:
    """Check `contract` against the raw `schema`, before the run.

    Raises ContractError naming the column or expression that does not fit.
    """
    raw = {name: dtype for name, dtype in schema.items() if name not in (FILE, LINE, TEXT)}
    check_columns(contract, raw, "the log")
    for name, key in contract.raw_columns.items():
        if raw[name].is_nested():
            raise ContractError(
                f"{contract.name}: {key} asks for {name!r}, which holds {raw[name]}, not one value.\n"
                "Name a column of text, numbers or times."
            )
    made = tuple(derived(contract.name, name, sql, raw) for name, sql in contract.derive.items())
    plan = Plan(contract, raw, made)
    _check_time(plan)
    return plan


def check_columns(contract: Contract, columns: Iterable[str], where: str) -> None:
    """Raise ContractError when the contract names a raw column that `where` does not have."""
    raw = [name for name in columns if name not in (FILE, LINE, TEXT)]
    for name, key in contract.raw_columns.items():
        if name not in raw:
            raise ContractError(
                f"{contract.name}: {key} asks for {name!r}, which is no column of {where}.\n"
                f"Its columns: {', '.join(raw)}. Correct the name."
            )


def extract_events(plan: Plan, raw: pl.DataFrame, first_order: int) -> Extracted:
    """The canonical events of `raw` (of the plan's columns, FILE, LINE, maybe TEXT).

    A user id is trimmed text; a whole number written as a float, `17850.0`, is `17850`, value by value.
    A counterpart is a user id.
    An event with an unreadable amount stays, without amount and with UNREADABLE set.
    """
    made = raw.with_columns(column.of(raw) for column in plan.derived)
    time = plan.contract.time
    written = made.select(_raw(plan, "at")).to_series()
    at = read_instants(written, time.format, time.timezone)
    frame = made.lazy().select(
        canonical_user_id(_raw(plan, "user_id")).alias("user_id"),
        at.alias("at"),
        *(_optional(plan, name) for name in ("kind", EVENT_ID, *OPTIONAL_COLUMNS) if plan.contract.has(name)),
        pl.int_range(first_order, first_order + raw.height, dtype=pl.Int64).alias(ORDER),
        *([_row_hash(plan).alias(SAME)] if plan.contract.duplicates == "whole_line" else []),
        *([_unreadable_amount(plan).alias(UNREADABLE)] if plan.contract.has("amount") else []),
        *([pl.lit(OWN).alias(ROLE)] if plan.contract.has("counterpart") else []),
    )
    if plan.contract.only_kind is not None:
        frame = frame.with_columns(kind=pl.lit(plan.contract.only_kind))
    events = frame.with_columns(reason=_reason()).collect()
    rejected = raw.with_columns(events["reason"].alias("@reason")).filter(pl.col("@reason").is_not_null())
    kept = events.filter(pl.col("reason").is_null()).drop("reason")
    columns = event_schema(plan.contract)
    return Extracted(
        events=kept.select(*columns, pl.exclude(*columns)),
        rejected=_rejected(plan, rejected),
        clock=line_faults(written, at, time.format, time.timezone),
    )


def tells_of(contract: Contract, events: pl.DataFrame) -> frozenset[str]:
    """The optional columns that these canonical events fill, and `clock` if an event has a time of day.

    A time of day is any but midnight and the start of the contract's day.
    """
    filled = {name for name in OPTIONAL_COLUMNS if name in events.columns and events[name].count() > 0}
    at, zone = pl.col("at"), contract.time.timezone
    starts = (at_day_start(at, zone, start) for start in {timedelta(), contract.time.starts_at})
    untimed = pl.any_horizontal(starts).all()
    # Slice by slice: in a log with a clock the first slice is enough.
    timed = any(not part.select(at.unique()).select(untimed).item() for part in events.iter_slices())
    return frozenset(filled | ({"clock"} if timed else set()))


def _raw(plan: Plan, name: str) -> pl.Expr:
    return (
        pl.col(f"@{name}") if name in plan.contract.derive else pl.col(getattr(plan.contract.columns, name))
    )


def _dtype(plan: Plan, name: str) -> pl.DataType:
    if name in plan.contract.derive:
        return next(column.dtype for column in plan.derived if column.name == name)
    return plan.schema[getattr(plan.contract.columns, name)]


def _text(column: pl.Expr) -> pl.Expr:
    trimmed = column.cast(pl.String, strict=False).str.strip_chars()
    return pl.when(trimmed != "").then(trimmed)


def canonical_user_id(column: pl.Expr) -> pl.Expr:
    """A user's id as trimmed text; null if it is empty."""
    text = column.cast(pl.String, strict=False).str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")
    return pl.when(~text.str.to_lowercase().is_in(_NO_USER)).then(text)


def _optional(plan: Plan, name: str) -> pl.Expr:
    column = _raw(plan, name)
    if name in NUMERIC_COLUMNS:
        return _number(column, _dtype(plan, name)).alias(name)
    if name == "counterpart":
        return canonical_user_id(column).alias(name)
    text = _text(column)
    if name == "currency":
        return text.str.to_uppercase().alias(name)
    return text.fill_null(NO_KIND).alias(name) if name == "kind" else text.alias(name)


def _number(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    number = (column.str.strip_chars() if dtype == pl.String else column).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite() & (number.abs() <= MOST_MONEY)).then(number)


def _unreadable_amount(plan: Plan) -> pl.Expr:
    """Whether the amount, or a number that it is derived from, is present but unreadable."""
    amount, dtype = _raw(plan, "amount"), _dtype(plan, "amount")
    present = amount.is_not_null() & amount.is_not_nan() if dtype.is_float() else _text(amount).is_not_null()
    made_of = [column.as_numbers for column in plan.derived if column.name == "amount"]
    broken = [
        _text(pl.col(name)).is_not_null() & _number(pl.col(name), pl.String()).is_null()
        for name in sorted(frozenset().union(*made_of))
    ]
    return _number(amount, dtype).is_null() & pl.any_horizontal(present, *broken)


def _row_hash(plan: Plan) -> pl.Expr:
    # The keys of JSON lines differ from chunk to chunk: their rows are compared as text.
    if plan.contract.format == "jsonl":
        return pl.col(TEXT).hash(0)
    nested = any(dtype.is_nested() for dtype in plan.schema.values())
    return (_as_json(plan.schema) if nested else pl.struct(*plan.schema)).hash(0)


def _as_json(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return pl.struct(*(_in_hex(pl.col(name), dtype) for name, dtype in schema.items())).struct.json_encode()


def _in_hex(value: pl.Expr, dtype: pl.DataType | pl.datatypes.DataTypeClass) -> pl.Expr:
    """`value` with all bytes in it as hexadecimal text: JSON has no bytes."""
    if dtype == pl.Binary:
        return value.bin.encode("hex")
    if isinstance(dtype, pl.Array):
        return _in_hex(value.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.List):
        return value.list.eval(_in_hex(pl.element(), dtype.inner))
    if isinstance(dtype, pl.Struct):
        return value.struct.with_fields(*(_in_hex(pl.field(part.name), part.dtype) for part in dtype.fields))
    return value


def _reason() -> pl.Expr:
    user = pl.col("user_id")
    return (
        pl.when(user.is_null())
        .then(pl.lit("missing_user"))
        .when(user.str.contains(_LOST_CHARACTER, literal=True))
        .then(pl.lit("unreadable_line"))
        .when(pl.col("at").is_null())
        .then(pl.lit("unreadable_time"))
    )


def _rejected(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(TEXT) if TEXT in rows.columns else _as_json(plan.schema)
    chosen = rows.select(file=FILE, line=LINE, reason="@reason", text=text)
    return chosen.cast(dict(REJECTED.items()))


def _check_time(plan: Plan) -> None:
    dtype, form = _dtype(plan, "at"), plan.contract.time.format
    if dtype.is_numeric() and form not in EPOCHS:
        raise ContractError(
            f"{plan.contract.name}: the time is stored as {dtype}, and time.format = {form!r}.\n"
            f"Say what it counts: {', '.join(EPOCHS)}."
        )
    if isinstance(dtype, pl.Date):
        check_without_clock(plan.contract)
