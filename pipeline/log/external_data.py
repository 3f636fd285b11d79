"""The external data of a log: its description as JSON and back, and its frames."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from features.contract.external_data import Attribute, Calendar, Choice, ExternalData, Table
from features.contract.model import Contract
from features.external.join import ExternalFrames
from pipeline.errors import InputError
from pipeline.storage.files import read_whole_json
from pipeline.storage.frames import read_bucket, read_buckets, read_table

USERS, TABLES, CALENDARS = "users", "tables", "calendars"
"""Below `data/external_checked`: users by bucket, and a file for each table and each calendar."""


def as_json(external_data: ExternalData, contract: str) -> dict[str, Any]:
    """`external_data` of the log with this `contract`. The order of rows changes nothing."""
    return {"contract": contract, **asdict(external_data), "fills": sorted(external_data.fills)}


def read_external_data(report: Path) -> ExternalData:
    """The external data that `reports/external.json` describes.

    Raises InputError when an entry is missing or unknown.
    """
    content: Mapping[str, Any] = read_whole_json(report)
    try:
        return ExternalData(
            tables=tuple(Table(**{**one, "values": tuple(one["values"])}) for one in content["tables"]),
            calendars=tuple(Calendar(**one) for one in content["calendars"]),
            attributes=tuple(_attribute(one) for one in content["attributes"]),
            sign_up=content["sign_up"],
            fills=frozenset(content["fills"]),
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{report}: {error} is missing or unknown.\nRun: dvc repro external") from error


def _attribute(value: Mapping[str, Any]) -> Attribute:
    choices = tuple(
        Choice(date.fromisoformat(one["from_day"]), tuple(one["values"])) for one in value["choices"]
    )
    return Attribute(**{**value, "values": tuple(value["values"]), "choices": choices})


def last_external_data(report: Path, contract: str) -> ExternalData | None:
    """The external data of the last run; None when no run had this `contract`."""
    if not report.is_file() or read_whole_json(report).get("contract") != contract:
        return None
    return read_external_data(report)


def read_external_frames(folder: Path, external_data: ExternalData, contract: Contract) -> ExternalFrames:
    """The tables and calendars in `folder`. Users are read by bucket (`users_in`)."""
    return ExternalFrames(
        external_data=external_data,
        country=contract.country.fixed,
        tables={
            one.name: read_table(folder / TABLES / f"{one.name}.parquet") for one in external_data.tables
        },
        calendars={
            one.name: read_table(folder / CALENDARS / f"{one.name}.parquet")
            for one in external_data.calendars
        },
    )


def users_in(folder: Path, bucket: int) -> pl.DataFrame | None:
    """The attributes of the users of one bucket; None where there is no table of users."""
    return read_bucket(folder / USERS, bucket) if (folder / USERS).exists() else None


def values_held(folder: Path, external_data: ExternalData) -> dict[str, list[str]]:
    """Each text attribute with all values that the table of users holds."""
    texts = [attribute.name for attribute in external_data.attributes if attribute.kind == "text"]
    if not texts:
        return {}
    users = read_buckets(folder / USERS, texts)
    return {name: sorted(users[name].drop_nulls().unique()) for name in texts}
