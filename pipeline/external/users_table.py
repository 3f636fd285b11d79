"""Checks the contract's table of users, and lays it out by user and the day from which values are known.

Promise: one row per user and day of a change. Two rows that hold at the same time stop the run.
"""

from datetime import date

import polars as pl

from features.contract.countries import as_codes, unrecognised_countries_of
from features.contract.external_data import SIGN_UP, Attribute, AttributeKind, Choice, attribute_of
from features.contract.model import Contract
from features.contract.users import Users
from features.events.fields import canonical_user_id
from pipeline.errors import InputError
from pipeline.external.common_values import common_values
from pipeline.external.table_reader import instants_of, need_columns, read_table

EVER = date(1, 1, 1)
"""The first day of a value that was never said to begin."""
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_KEYS = ("user_id", "from_day")


def checked_users(contract: Contract, users: Users) -> tuple[pl.DataFrame, tuple[Attribute, ...]]:
    """`user_id, from_day` (sorted, each pair once) with the attributes, and their description.

    A row counts from `from_day` until the user's next row. If its validity ends before that, a row with only the
    constant attributes follows. `signed_up_at` is not an attribute.
    Raises InputError for an unreadable cell, and for rows of one user that hold at the same time.
    """
    path, key = users.path, f"{contract.name}: users.path"
    raw = read_table(path, users.stored_as, key, list(users.named.values()))
    for name, column in users.named.items():
        need_columns(raw, [column], path, f"{contract.name} names in users.columns.{name}")
    valid = validity(raw, users, contract)
    typed = {
        name: _typed(raw[column], name, path, contract, users)
        for name, column in users.named.items()
        if name in users.attributes
    }
    frame = valid.with_columns(column.alias(name) for name, (_, column) in typed.items())
    _check_overlap(frame, users)
    _check_constant(frame, users)
    attributes = tuple(
        attribute_of(name, kind, _choices(frame, name, kind, users), constant=name in users.constant)
        for name, (kind, _) in typed.items()
        if name != SIGN_UP
    )
    return _laid_out(frame, users), attributes


def unrecognised_countries(users: pl.DataFrame, contract: Contract) -> list[str]:
    """The countries of the table without a code. For their users holidays and tables by country are not known."""
    if "country" not in users.columns:
        return []
    return unrecognised_countries_of(users["country"].drop_nulls().unique(), contract.country.names)


def validity(raw: pl.DataFrame, users: Users, contract: Contract) -> pl.DataFrame:
    """`user_id`, and `from_at, from_day, to_at, to_day` if the table has them."""
    path, named = users.path, users.named
    frame = raw.select(canonical_user_id(pl.col(named["user_id"]), contract.placeholder_ids).alias("user_id"))
    if frame["user_id"].null_count():
        row = int(frame["user_id"].is_null().arg_max() or 0)
        raise InputError(
            f"{path}: row {row + 1}: {named['user_id']} is empty.\nName the user, or leave the row out."
        )
    for end in ("from", "to"):
        if f"valid_{end}" in named:
            read = instants_of(
                raw[named[f"valid_{end}"]], path, contract, needed=end == "from", time=users.time
            )
            frame = frame.hstack(read.rename({"at": f"{end}_at", "day": f"{end}_day"}))
    return frame


def _typed(
    column: pl.Series, name: str, path: str, contract: Contract, users: Users
) -> tuple[AttributeKind, pl.Series]:
    """What the column holds, and its values: Float64, Boolean, Date, or text (countries as codes)."""
    if name == SIGN_UP:
        return "date", instants_of(column, path, contract, needed=False, time=users.time)["day"]
    if name in ("country", "city"):
        texts = column.cast(pl.String)
        return "text", as_codes(texts, contract.country.names) if name == "country" else texts
    if column.dtype.is_numeric():
        number = column.cast(pl.Float64)
        return "number", number.to_frame().select(pl.when(pl.all().is_finite()).then(pl.all())).to_series()
    if column.dtype == pl.Boolean:
        return "flag", column
    if column.dtype.is_temporal():
        return "date", instants_of(column, path, contract, needed=False, time=users.time)["day"]
    return _read_text(column.cast(pl.String), path, contract, users)


def _read_text(
    texts: pl.Series, path: str, contract: Contract, users: Users
) -> tuple[AttributeKind, pl.Series]:
    """Texts that are all numbers, all flags or all dates are read as such. An empty column is text."""
    given = texts.drop_nulls()
    if given.is_empty():
        return "text", texts
    if given.cast(pl.Float64, strict=False).is_finite().fill_null(value=False).all():
        return "number", texts.cast(pl.Float64)
    if given.str.to_lowercase().is_in(list(_FLAGS)).all():
        return "flag", texts.str.to_lowercase().replace_strict(_FLAGS, return_dtype=pl.Boolean)
    try:
        return "date", instants_of(texts, path, contract, needed=False, time=users.time)["day"]
    except InputError:
        return "text", texts


def _choices(frame: pl.DataFrame, name: str, kind: AttributeKind, users: Users) -> tuple[Choice, ...]:
    """The common values of a text, by day.

    A user counts for a value from `valid_from` on, for a value that never changes from the user's first `valid_from`
    on. Without `valid_from` a user counts from the sign-up on, and from ever if it is not known.
    """
    if kind != "text":
        return ()
    if "from_day" in frame.columns:
        day = pl.col("from_day").min().over("user_id") if name in users.constant else pl.col("from_day")
    else:
        day = pl.col(SIGN_UP).fill_null(EVER) if SIGN_UP in frame.columns else pl.lit(EVER)
    return common_values(
        frame.select("user_id", pl.col(name).alias("value"), day.alias("day")), name, users.path
    )


def _check_overlap(frame: pl.DataFrame, users: Users) -> None:
    if "from_at" not in frame.columns:
        twice = frame.filter(pl.col("user_id").is_duplicated())
        if twice.height:
            user = twice["user_id"][0]
            raise InputError(
                f"{users.path}: user {user!r} has {twice.filter(pl.col('user_id') == user).height} rows, and no "
                "valid_from says which row is valid when.\nLeave one row per user, or name users.columns.valid_from."
            )
        return
    ordered = frame.sort("user_id", "from_at")
    same_user = pl.col("user_id") == pl.col("user_id").shift(-1)
    following = pl.col("from_at").shift(-1)
    wrong = {"hold at once": same_user & (following == pl.col("from_at"))}
    if "to_at" in frame.columns:
        wrong["hold at once"] |= same_user & (following < pl.col("to_at"))
        wrong["end before they begin"] = pl.col("to_at") <= pl.col("from_at")
    for fault, rows in wrong.items():
        faulty = ordered.filter(rows.fill_null(value=False))
        if faulty.height:
            row = faulty.row(0, named=True)
            until = f" to {row['to_at']}" if row.get("to_at") else ""
            raise InputError(
                f"{users.path}: user {row['user_id']!r} has rows that {fault}, "
                f"such as the one from {row['from_at']}{until}.\n"
                "Correct valid_from and valid_to: a row is valid from valid_from up to, but not including, valid_to."
            )


def _check_constant(frame: pl.DataFrame, users: Users) -> None:
    if not users.constant:
        return
    counts = frame.group_by("user_id").agg(pl.col(users.constant).drop_nulls().n_unique())
    for name in users.constant:
        changed = counts.filter(pl.col(name) > 1).sort("user_id")
        if changed.height:
            user = changed["user_id"][0]
            values = frame.filter(pl.col("user_id") == user)[name].drop_nulls().unique(maintain_order=True)
            raise InputError(
                f"{users.path}: users.constant says that {name} never changes, and for user {user!r} it is "
                f"{values[0]!r} and {values[1]!r}.\nTake {name} out of users.constant, or correct the table."
            )


def _laid_out(frame: pl.DataFrame, users: Users) -> pl.DataFrame:
    """One row per user and day of a change."""
    attributes, constant = list(users.attributes), list(users.constant)
    always = frame.group_by("user_id").agg(pl.col(constant).drop_nulls().first())
    if "from_at" not in frame.columns:
        return always.select("user_id", pl.lit(EVER).alias("from_day"), *attributes).sort(_KEYS)
    changing = [name for name in attributes if name not in constant]
    rows = [frame.select(*_KEYS, "from_at", *changing)]
    if "to_at" in frame.columns:
        ended = frame.filter(pl.col("to_at").is_not_null())
        rows.insert(0, ended.select("user_id", from_day="to_day", from_at="to_at"))
    if constant:
        first = pl.lit(EVER).cast(pl.Datetime("us", "UTC"))
        rows.insert(0, always.select("user_id", pl.lit(EVER).alias("from_day"), first.alias("from_at")))
    # Of several rows of a day the last one holds at its end. If one ends as the next begins, the next one holds.
    changes = pl.concat(rows, how="diagonal").sort("user_id", "from_at", maintain_order=True)
    last = changes.group_by(_KEYS, maintain_order=True).last().drop("from_at")
    whole = last.join(always, on="user_id", how="left", maintain_order="left") if constant else last
    return whole.select(*_KEYS, *attributes)
