"""Checks the dated tables and calendars that params.yaml names, and brings them into one form."""

import polars as pl

from features.contract.countries import as_codes, unrecognised_countries_of
from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.external.dated_tables import city_key
from pipeline.config.external import DatedCalendar, DatedTable
from pipeline.errors import InputError
from pipeline.external.table_reader import dates_of, instants_of, need_columns, numbers_of, read_table


def checked_table(entry: DatedTable, contract: Contract, external_data: ExternalData) -> pl.DataFrame:
    """`date, known_at, known_day, key` (unless by date) and the values, as numbers, sorted.

    Raises InputError for a table without `known_at`, an unreadable cell, two rows for one key, an unknown country, and
    a key that is not known of users.
    """
    key, path = f"external.tables.{entry.name}", entry.path
    raw = read_table(path, None, f"{key}.path")
    if "known_at" not in raw.columns:
        raise InputError(
            f"{path}: has no column known_at, so it is not known when its values were published.\n"
            f"Its columns: {', '.join(raw.columns)}. Add the time at which each row was published, as ISO 8601."
        )
    need_columns(
        raw,
        ["date", "known_at", *([] if entry.by == "date" else [entry.by])],
        path,
        f"{key}.by = {entry.by!r} asks for",
    )
    need_columns(raw, list(entry.values), path, f"{key}.values names")
    _check_values(entry, key)
    if entry.by != "date":
        _check_known_of_users(entry.by, f"{key}.by", contract, external_data)
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


def checked_calendar(entry: DatedCalendar, contract: Contract, external_data: ExternalData) -> pl.DataFrame:
    """`date, known_day` and (unless by all) `group`, each date of a group once, sorted.

    Without `known_at` every date is known in advance: `known_day` is null.
    """
    key, path = f"external.calendars.{entry.name}", entry.path
    raw = read_table(path, None, f"{key}.path")
    need_columns(
        raw, ["date", *([] if entry.by == "all" else ["group"])], path, f"{key}.by = {entry.by!r} asks for"
    )
    columns = [dates_of(raw["date"], path, needed=True).alias("date")]
    if "known_at" in raw.columns:
        columns.append(instants_of(raw["known_at"], path, contract, needed=True)["day"].alias("known_day"))
    else:
        columns.append(pl.Series("known_day", [None] * raw.height, dtype=pl.Date))
    by = ["date"]
    if entry.by != "all":
        columns.append(_groups(raw["group"], entry, contract, external_data, path))
        by = ["group", "date"]
    if raw.is_empty():
        raise InputError(
            f"{path}: holds no date.\nAdd its dates, or take {entry.name!r} out of external.calendars."
        )
    return pl.DataFrame(columns).group_by(by).agg(pl.col("known_day").min()).sort(by)


def _groups(
    column: pl.Series, entry: DatedCalendar, contract: Contract, external_data: ExternalData, path: str
) -> pl.Series:
    if entry.by == "country":
        _check_known_of_users("country", f"external.calendars.{entry.name}.by", contract, external_data)
        return _keys(column, "country", contract, path).alias("group")
    texts = [attribute.name for attribute in external_data.attributes if attribute.kind == "text"]
    if entry.by not in texts:
        raise InputError(
            f"params.yaml: external.calendars.{entry.name}.by = {entry.by!r} is no text attribute of a user.\n"
            f"Allowed: {', '.join(['all', 'country', *texts])}. The contract's users.columns names attributes."
        )
    _check_filled(column, path)
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
                f"params.yaml: {key}.values names {value!r}, which is named before or has a meaning of its own.\n"
                "Name each column once, and rename it if its name is taken."
            )
        taken.add(value)


def _check_known_of_users(by: str, key: str, contract: Contract, external_data: ExternalData) -> None:
    if not contract.has(by) and by not in external_data.fills:
        raise InputError(
            f"params.yaml: {key} = {by!r}, and nothing tells the {by} of a user.\n"
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
