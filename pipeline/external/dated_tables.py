"""Checks the dated tables and calendars that a contract and params.yaml name, and brings them into one form."""

from collections.abc import Iterator
from itertools import chain

import polars as pl

from features.contract.countries import as_codes, unrecognised_countries_of
from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.dated import DatedCalendar, DatedTable, check_named_once, keys_by_name
from features.external.dated_tables import city_key
from pipeline.config.external import External
from pipeline.config.params import PARAMS_FILE
from pipeline.errors import InputError
from pipeline.external.table_reader import dates_of, instants_of, need_columns, numbers_of, read_table


def check_names(contract: Contract, external: External) -> None:
    """Raise ContractError when `contract` and the section `external` of params.yaml name two things alike."""
    check_named_once(
        chain(
            keys_by_name(contract.external.tables, contract.external.calendars, contract.name),
            keys_by_name(external.tables, external.calendars, str(PARAMS_FILE)),
        )
    )


def tables_of(contract: Contract, external: External) -> Iterator[tuple[DatedTable, str]]:
    """The tables of `contract`, then those of params.yaml; each with the file that names it."""
    yield from ((one, contract.name) for one in contract.external.tables)
    yield from ((one, str(PARAMS_FILE)) for one in external.tables)


def calendars_of(contract: Contract, external: External) -> Iterator[tuple[DatedCalendar, str]]:
    """The calendars of `contract`, then those of params.yaml; each with the file that names it."""
    yield from ((one, contract.name) for one in contract.external.calendars)
    yield from ((one, str(PARAMS_FILE)) for one in external.calendars)


def checked_table(
    entry: DatedTable, file: str, contract: Contract, external_data: ExternalData
) -> pl.DataFrame:
    """`date, known_at, known_day, key` (unless by date) and the values, as numbers, sorted. `file` names `entry`.

    Raises InputError for a table without `known_at`, an unreadable cell, two rows for one key, an unknown country, and
    a key that is not known of users.
    """
    key, path = f"external.tables.{entry.name}", entry.path
    raw = read_table(path, None, f"{file}: {key}.path")
    if "known_at" not in raw.columns:
        raise InputError(
            f"{path}: has no column known_at, so it is not known when its values were published.\n"
            f"Its columns: {', '.join(raw.columns)}. Add the time at which each row was published, as ISO 8601."
        )
    need_columns(
        raw,
        ["date", "known_at", *([] if entry.by == "date" else [entry.by])],
        path,
        f"{file} asks for by {key}.by = {entry.by}",
    )
    need_columns(raw, list(entry.values), path, f"{file} names in {key}.values")
    _check_values(entry, f"{file}: {key}")
    if entry.by != "date":
        _check_known_of_users(entry.by, f"{file}: {key}.by", contract, external_data)
    known = instants_of(raw["known_at"], path, contract, needed=True)
    keys = [] if entry.by == "date" else [_keys(raw[entry.by], entry.by, contract, path)]
    table = pl.DataFrame(
        [
            dates_of(raw["date"], path, needed=True).alias("date"),
            known["at"].alias("known_at"),
            known["day"].alias("known_day"),
            *keys,
            *(numbers_of(raw[value], path) for value in entry.values),
        ]
    )
    by = ["date", *(column.name for column in keys), "known_at"]
    _check_once(table, by, path)
    return table.sort(by)


def checked_calendar(
    entry: DatedCalendar, file: str, contract: Contract, external_data: ExternalData
) -> pl.DataFrame:
    """`date, known_day` and (unless by all) `group`, each date of a group once, sorted. `file` names `entry`.

    Without `known_at` every date is known in advance: `known_day` is null.
    """
    key, path = f"external.calendars.{entry.name}", entry.path
    raw = read_table(path, None, f"{file}: {key}.path")
    groups = [] if entry.by == "all" else ["group"]
    need_columns(raw, ["date", *groups], path, f"{file} asks for by {key}.by = {entry.by}")
    columns = [dates_of(raw["date"], path, needed=True).alias("date")]
    if "known_at" in raw.columns:
        columns.append(instants_of(raw["known_at"], path, contract, needed=True)["day"].alias("known_day"))
    else:
        columns.append(pl.Series("known_day", [None] * raw.height, dtype=pl.Date))
    by = ["date"]
    if entry.by != "all":
        columns.append(_groups(raw["group"], entry, file, contract, external_data))
        by = ["group", "date"]
    if raw.is_empty():
        raise InputError(
            f"{path}: holds no date.\nAdd its dates, or take {entry.name!r} out of external.calendars in {file}."
        )
    return pl.DataFrame(columns).group_by(by).agg(pl.col("known_day").min()).sort(by)


def _groups(
    column: pl.Series, entry: DatedCalendar, file: str, contract: Contract, external_data: ExternalData
) -> pl.Series:
    key = f"{file}: external.calendars.{entry.name}.by"
    if entry.by == "country":
        _check_known_of_users("country", key, contract, external_data)
        return _keys(column, "country", contract, entry.path).alias("group")
    texts = [attribute.name for attribute in external_data.attributes if attribute.kind == "text"]
    if entry.by not in texts:
        raise InputError(
            f"{key} = {entry.by!r} is no text attribute of a user.\n"
            f"Allowed: {', '.join(['all', 'country', *texts])}. The contract's users.columns names attributes."
        )
    _check_filled(column, entry.path)
    return column.cast(pl.String).alias("group")


def _keys(column: pl.Series, by: str, contract: Contract, path: str) -> pl.Series:
    """The keys of a table by country or city, in the form in which they are joined to users."""
    _check_filled(column, path)
    texts = column.cast(pl.String).alias("key")
    if by == "city":
        return texts.to_frame().select(city_key(pl.col("key"))).to_series()
    unknown = unrecognised_countries_of(texts.unique(), contract.country.names)
    if unknown:
        raise InputError(
            f"{path}: {len(unknown)} countries that the package holidays does not know: {', '.join(unknown[:5])}.\n"
            f"Write ISO codes, or say what they mean in {contract.name}: country: {{names: {{{unknown[0]}: DE}}}}; "
            "or leave their rows out."
        )
    return as_codes(texts, contract.country.names)


def _check_values(entry: DatedTable, key: str) -> None:
    taken = {"date", "known_at", "known_day", "usable_day", "day", "key", entry.by}
    for value in entry.values:
        if value in taken:
            raise InputError(
                f"{key}.values names {value!r}, which is named before or has a meaning of its own.\n"
                "Name each column once, and rename it if its name is taken."
            )
        taken.add(value)


def _check_known_of_users(by: str, key: str, contract: Contract, external_data: ExternalData) -> None:
    if not contract.has(by) and by not in external_data.fills:
        raise InputError(
            f"{key} = {by!r}, and nothing tells the {by} of a user.\n"
            f"Give {contract.name} columns.{by} or users.columns.{by}."
        )


def _check_filled(column: pl.Series, path: str) -> None:
    if column.null_count():
        row = int(column.is_null().arg_max() or 0)
        raise InputError(f"{path}: row {row + 1}: {column.name} is empty.\nFill it in, or leave the row out.")


def _check_once(table: pl.DataFrame, by: list[str], path: str) -> None:
    twice = table.filter(pl.struct(by).is_duplicated())
    if twice.height:
        row = ", ".join(f"{name} {twice[name][0]}" for name in by)
        raise InputError(f"{path}: two rows for {row}.\nLeave one: a revision has a later known_at.")
    if table.is_empty():
        raise InputError(f"{path}: holds no row.\nAdd rows, or take the table out of external.tables.")
