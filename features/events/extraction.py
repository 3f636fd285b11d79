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
from features.contract.model import Contract
from features.errors import ContractError, Faults
from features.events.clock_faults import ClockFault
from features.events.fields import (
    FILE,
    LINE,
    TEXT,
    Plan,
    dtype_of,
    nonempty,
    optional_column,
    raw_column,
    text_of,
    unreadable_amount,
)
from features.events.identity import LINKED, links_of, people_of
from features.events.ids import check_ids, check_whole_ids
from features.events.paid_until import paid_until
from features.events.quantities import QuantityCount, quantity_counts
from features.events.received import OWN, ROLE
from features.events.scores import refuse_other_scales
from features.events.times import HAPPENED, times_of
from features.timestamps import EPOCHS, UTC_TIME, at_day_start

Reason = Literal[
    "missing_user", "unreadable_time", "wrong_number_of_fields", "unreadable_line", "line_too_long"
]

ORDER, EVENT_ID, SAME, UNREADABLE = "@order", "event_id", "@same", "@unreadable_amount"
"""Columns of an event until it is stored: its position in the log, its id, a hash of its row, and a flag."""

REJECTED = pl.Schema({"file": pl.String(), "line": pl.Int64(), "reason": pl.String(), "text": pl.String()})
_LOST_CHARACTER = "\ufffd"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The events of a chunk, with ORDER, EVENT_ID, SAME, UNREADABLE and ANONYMOUS where they apply, and the rejected
    lines.

    `links`: anonymous ids of users, as `links_of` gives them. `lines`: `line, at` of all lines with a readable time, in
    the order of the file. `excluded`: the number of lines that the contract leaves out. `placeholders`: ids that name
    nobody, with their lines. `amounts`: texts of amounts that may have a mark of thousands (`like_thousands`), and that
    have decimals (`with_decimals`), unless the contract says how numbers are written. `lost_characters`: lines with
    bytes that are no text. `clock`: by fault the number of lines with a time that no correct clock shows.
    `quantities`: by name the values of the events.
    """

    events: pl.DataFrame
    links: pl.DataFrame
    rejected: pl.DataFrame
    lines: pl.DataFrame
    excluded: int
    placeholders: Counter[str]
    amounts: Counter[str]
    lost_characters: int
    clock: Counter[ClockFault]
    quantities: dict[str, QuantityCount]


def event_schema(contract: Contract) -> pl.Schema:
    """The columns of stored events: user, time, kind, the optional ones that the log tells, the role (`own` or
    `received`) where the log has a counterpart, and the time of late ones where it says when they arrived.
    """
    optional = [name for name in contract.optional_columns if contract.has(name)]
    numeric = (*NUMERIC_COLUMNS, "paid_until", *contract.quantity_columns)
    types = {name: pl.Float64() if name in numeric else pl.String() for name in optional}
    role = {ROLE: pl.String()} if contract.has("counterpart") else {}
    late = {HAPPENED: UTC_TIME} if contract.has("received_at") else {}
    return pl.Schema({"user_id": pl.String(), "at": UTC_TIME, "kind": pl.String(), **types, **role, **late})


def plan_events(contract: Contract, schema: Mapping[str, pl.DataType]) -> Plan:
    """Check `contract` against the raw `schema`, before the run.

    Raises ContractError naming the column or expression that does not fit.
    """
    raw = {name: dtype for name, dtype in schema.items() if name not in (FILE, LINE, TEXT)}
    check_columns(contract, raw, "the log")
    faults = Faults()
    for name, key in contract.raw_columns.items():
        with faults.collected():
            _check_type(contract.name, key, name, raw[name])
    made: list[Derived] = []
    for name, sql in contract.derive.items():
        with faults.collected():
            made.append(derived(contract.name, name, f"derive.{name}", sql, raw, contract.numbers))
    for column, name in contract.quantity_columns.items():
        if (stated := contract.quantities[name].sql) is not None:
            with faults.collected():
                key = f"quantities.{name}.sql"
                made.append(derived(contract.name, column, key, stated, raw, contract.numbers))
    excluded = None
    with faults.collected():
        excluded = _excluded(contract, raw)
    faults.refuse()
    plan = Plan(contract, raw, tuple(made), excluded)
    for check in (_check_time, check_ids):
        with faults.collected():
            check(plan)
    faults.refuse()
    return plan


def check_columns(contract: Contract, columns: Iterable[str], where: str) -> None:
    """Raise ContractError for all raw columns that the contract names and `where` does not have."""
    raw = [name for name in columns if name not in (FILE, LINE, TEXT)]
    missing = [(name, key) for name, key in contract.raw_columns.items() if name not in raw]
    if missing:
        asked = "\n".join(
            f"{contract.name}: {key} asks for {name!r}, which is no column of {where}."
            for name, key in missing
        )
        raise ContractError(
            f"{asked}\nIts columns: {', '.join(raw)}. Correct the name.{_of_one_field(contract, raw)}"
        )


def _of_one_field(contract: Contract, raw: list[str]) -> str:
    """What to do where the line that was read as the header has one field only."""
    if contract.format != "csv" or len(raw) != 1 or contract.csv.fixed_width is not None:
        return ""
    return (
        "\nIf this is a title above the header, say so: csv: {skip_lines: 1}, or the mark of such lines, csv: "
        "{comment: '#'}. If another mark separates the fields, write csv.separator."
    )


def _check_type(contract: str, key: str, name: str, dtype: pl.DataType) -> None:
    if dtype.is_nested():
        raise ContractError(
            f"{contract}: {key} asks for {name!r}, which holds {dtype}, not one value.\n"
            "Name a column of text, numbers or times, or a path to one value in it, such as place.city or items[0]."
        )
    if isinstance(dtype, pl.Duration) and key != "columns.at":
        raise ContractError(
            f"{contract}: {key} asks for {name!r}, which holds spans of time ({dtype}).\n"
            "Name a column of text, numbers or times; export a span as a number."
        )


def _excluded(contract: Contract, raw: Mapping[str, pl.DataType]) -> Derived | None:
    if contract.exclude is None:
        return None
    excluded = derived(contract.name, "exclude", "exclude", contract.exclude, raw, contract.numbers)
    if excluded.dtype != pl.Boolean:
        raise ContractError(
            f"{contract.name}: exclude = {contract.exclude!r} gives {excluded.dtype}, not true or false.\n"
            "Write a condition, such as \"email LIKE '%@ourfirm.example'\"."
        )
    return excluded


def extract_events(plan: Plan, raw: pl.DataFrame, first_order: int) -> Extracted:
    """The canonical events of `raw` (of the plan's columns, FILE, LINE, maybe TEXT).

    A user id is trimmed text; a whole number written as a float, `17850.0`, is `17850`, value by value.
    A counterpart is a user id.
    An event with an unreadable amount stays, without amount and with UNREADABLE set.
    The amount of a kind in `meaning.refund` is what was paid back, whatever its sign.
    """
    lines = raw.height
    order = pl.int_range(first_order, first_order + lines, dtype=pl.Int64, eager=True).alias(ORDER)
    raw = raw.with_columns(order)
    if plan.excluded is not None:
        raw = raw.filter(~plan.excluded.of(raw).fill_null(value=False))
    made = raw.with_columns(column.of(raw) for column in plan.derived)
    check_whole_ids(plan, made)
    times = times_of(plan, made)
    frame = made.lazy().select(
        *people_of(plan),
        *times.stored,
        *(
            optional_column(plan, name)
            for name in ("kind", EVENT_ID, *plan.contract.optional_columns)
            if plan.contract.has(name) and name != "paid_until"
        ),
        ORDER,
        *([_row_hash(plan).alias(SAME)] if plan.contract.duplicates not in ("event_id", "keep") else []),
        *([unreadable_amount(plan).alias(UNREADABLE)] if plan.contract.has("amount") else []),
        *([pl.lit(OWN).alias(ROLE)] if plan.contract.has("counterpart") else []),
    )
    if plan.contract.only_kind is not None:
        frame = frame.with_columns(kind=pl.lit(plan.contract.only_kind))
    if plan.contract.has("amount"):
        refunded = pl.col("kind").is_in(list(plan.contract.meaning.refund or ()))
        amount = pl.col("amount")
        frame = frame.with_columns(amount=pl.when(refunded).then(-amount.abs()).otherwise(amount))
    if plan.contract.has("paid_until"):
        frame = frame.with_columns(paid_until(plan, made))
    events = frame.with_columns(reason=_reason()).collect()
    fits = events["reason"].is_null()
    rejected = made.with_columns(events["reason"].alias("@reason")).filter(pl.col("@reason").is_not_null())
    kept = events.filter(fits).drop("reason")
    if plan.contract.has("score"):
        refuse_other_scales(plan, made.filter(fits), kept["score"])
    columns = event_schema(plan.contract)
    return Extracted(
        events=kept.select(*columns, pl.exclude(*columns, LINKED)),
        links=links_of(plan.contract, kept),
        rejected=_rejected(plan, rejected),
        lines=made.select(pl.col(LINE).alias("line"), events["at"]).filter(pl.col("at").is_not_null()),
        excluded=lines - raw.height,
        placeholders=_placeholders(plan, made.filter(events["user_id"].is_null())),
        amounts=_marks_of_amounts(plan, made),
        lost_characters=_lost_characters(made),
        clock=times.faults,
        quantities=quantity_counts(plan, made.filter(fits)),
    )


def tells_of(contract: Contract, events: pl.DataFrame) -> frozenset[str]:
    """The optional columns that these canonical events fill, and `clock` if an event has a time of day.

    A time of day is any but midnight and the start of the contract's day.
    """
    filled = {
        name for name in contract.optional_columns if name in events.columns and events[name].count() > 0
    }
    at, zone = pl.col("at"), contract.time.timezone
    starts = (at_day_start(at, zone, start) for start in {timedelta(), contract.time.starts_at})
    untimed = pl.any_horizontal(starts).all()
    # Slice by slice: in a log with a clock the first slice is enough.
    timed = any(not part.select(at.unique()).select(untimed).item() for part in events.iter_slices())
    return frozenset(filled | ({"clock"} if timed else set()))


def _row_hash(plan: Plan) -> pl.Expr:
    if isinstance(plan.contract.duplicates, tuple):
        return pl.struct(*(pl.col(name).cast(pl.String) for name in plan.contract.duplicates)).hash(0)
    # The keys of JSON lines differ from chunk to chunk: their rows are compared as text.
    if plan.contract.format == "jsonl":
        return pl.col(TEXT).hash(0)
    nested = any(dtype.is_nested() for dtype in plan.schema.values())
    return (_as_json(plan.schema) if nested else pl.struct(*plan.schema)).hash(0)


def _as_json(schema: Mapping[str, pl.DataType]) -> pl.Expr:
    return pl.struct(*(_in_hex(pl.col(name), dtype) for name, dtype in schema.items())).struct.json_encode()


def _in_hex(value: pl.Expr, dtype: pl.DataType | pl.datatypes.DataTypeClass) -> pl.Expr:
    """`value` with all bytes in it as hexadecimal text, and spans of time as numbers: JSON has neither."""
    if dtype == pl.Binary:
        return value.bin.encode("hex")
    if isinstance(dtype, pl.Duration):  # JSON knows no spans of time, and some are beyond those of Polars
        return value.to_physical()
    if isinstance(dtype, pl.Array):
        return _in_hex(value.arr.to_list(), pl.List(dtype.inner))
    if isinstance(dtype, pl.List):
        return value.list.eval(_in_hex(pl.element(), dtype.inner))
    if isinstance(dtype, pl.Struct):
        return value.struct.with_fields(*(_in_hex(pl.field(part.name), part.dtype) for part in dtype.fields))
    return value


def _marks_of_amounts(plan: Plan, made: pl.DataFrame) -> Counter[str]:
    contract = plan.contract
    if not contract.has("amount") or contract.numbers.declared or dtype_of(plan, "amount") != pl.String:
        return Counter()
    text = text_of(plan, "amount")
    thousands = text.str.contains(r"^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$")
    decimals = text.str.contains(r"^[+-]?\d*\.\d+$") & ~thousands
    counts = made.select(like_thousands=thousands.sum(), with_decimals=decimals.sum()).row(0, named=True)
    return Counter({name: int(count or 0) for name, count in counts.items()})


def _placeholders(plan: Plan, unnamed: pl.DataFrame) -> Counter[str]:
    """The ids of the lines without a user, as the log writes them, with their lines; an empty one is no id."""
    columns, derive = plan.contract.columns, plan.contract.derive
    if unnamed.is_empty() or (columns.user_id is None and "user_id" not in derive):
        return Counter()
    written = unnamed.select(
        nonempty(raw_column(plan, "user_id").cast(pl.String, strict=False).str.strip_chars())
    )
    return Counter(dict(written.to_series().drop_nulls().value_counts().iter_rows()))


def _lost_characters(made: pl.DataFrame) -> int:
    if TEXT not in made.columns:
        return 0
    return int(
        made.select(pl.col(TEXT).cast(pl.String).str.contains(_LOST_CHARACTER, literal=True).sum()).item()
        or 0
    )


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
    """Raise ContractError for a column of times whose type names no instant."""
    for name in ("at", "received_at"):
        if plan.contract.has(name):
            _check_instants(plan, name)
    if isinstance(dtype_of(plan, "at"), pl.Date):
        check_without_clock(plan.contract)


def _check_instants(plan: Plan, name: str) -> None:
    dtype, time = dtype_of(plan, name), plan.contract.time
    if dtype.is_numeric() and not EPOCHS.keys() & set(time.formats):
        raise ContractError(
            f"{plan.contract.name}: the time is stored as {dtype}, and time.format = {time.format!r}.\n"
            f"Say what it counts: {', '.join(EPOCHS)}."
        )
    if isinstance(dtype, pl.Duration | pl.Time) or dtype == pl.Boolean:
        raise ContractError(
            f"{plan.contract.name}: the time is stored as {dtype}, which names no instant.\n"
            "Name a column with dates, or derive the time from a date and a time of day."
        )
