"""What the stage `external` found, as JSON and back, and its frames as they are joined."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from features.contract.external_data import Attribute, Calendar, ExternalData, Table
from features.contract.model import Contract
from features.external.join import ExternalFrames
from pipeline.errors import InputError
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_bucket, read_buckets, read_table

USERS, TABLES, CALENDARS = "users", "tables", "calendars"
"""Below `data/external_checked`: users by bucket, and a file for each table and each calendar."""


def as_json(told: ExternalData, contract: str) -> dict[str, Any]:
    """`told`, for the log with this `contract`; the same for the same, whatever the order of its rows."""
    return {"contract": contract, **asdict(told), "fills": sorted(told.fills)}


def read_external_data(report: Path) -> ExternalData:
    """What `reports/external.json` tells. Raises InputError when it does not."""
    found: Mapping[str, Any] = read_json(report)
    try:
        return ExternalData(
            tables=tuple(Table(**{**one, "values": tuple(one["values"])}) for one in found["tables"]),
            calendars=tuple(Calendar(**one) for one in found["calendars"]),
            attributes=tuple(
                Attribute(**{**one, "values": tuple(one["values"])}) for one in found["attributes"]
            ),
            sign_up=found["sign_up"],
            fills=frozenset(found["fills"]),
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{report}: {error} is missing or unknown.\nRun: dvc repro external") from error


def last_external_data(report: Path, contract: str) -> ExternalData | None:
    """What the last run told, if there was one of the log with this `contract`."""
    if not report.is_file() or read_json(report).get("contract") != contract:
        return None
    return read_external_data(report)


def read_external_frames(folder: Path, told: ExternalData, contract: Contract) -> ExternalFrames:
    """What is told from the frames in `folder`, but for users, who come by bucket (`users_in`)."""
    return ExternalFrames(
        external_data=told,
        country=contract.country.fixed,
        tables={one.name: read_table(folder / TABLES / f"{one.name}.parquet") for one in told.tables},
        calendars={
            one.name: read_table(folder / CALENDARS / f"{one.name}.parquet") for one in told.calendars
        },
    )


def users_in(folder: Path, bucket: int) -> pl.DataFrame | None:
    """The attributes of the users of one bucket; None where there is no table of users."""
    return read_bucket(folder / USERS, bucket) if (folder / USERS).exists() else None


def values_held(folder: Path, told: ExternalData) -> dict[str, list[str]]:
    """Each text attribute with all values that the table of users holds."""
    texts = [attribute.name for attribute in told.attributes if attribute.kind == "text"]
    if not texts:
        return {}
    users = read_buckets(folder / USERS, texts)
    return {name: sorted(users[name].drop_nulls().unique()) for name in texts}
