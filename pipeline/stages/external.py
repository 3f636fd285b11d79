"""Stage `external`: checks the external data before the log is read, and writes it in one form.

External data are the contract's table of users, and the dated tables and calendars of `external` in the contract and
in params.yaml. DVC does not know these files, so the stage always runs. Later stages run again only if its outputs have
changed.
"""

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

from features.catalogue.available import every_feature
from features.contract.external_data import Calendar, ExternalData, Table
from features.contract.model import Contract
from pipeline.config.external import External
from pipeline.config.sections import Engine, List, Log
from pipeline.external.carried import CARRIED_FILE, carried_columns
from pipeline.external.dated_tables import (
    calendars_of,
    check_names,
    checked_calendar,
    checked_table,
    tables_of,
)
from pipeline.external.users_table import checked_users, unrecognised_countries
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import CALENDARS, TABLES, USERS, as_json
from pipeline.runner.stage import Out, main
from pipeline.storage.datasets import EXTERNAL_CHECKED, EXTERNAL_REPORT
from pipeline.storage.files import write_json
from pipeline.storage.frames import bucket_file, write_parquet
from pipeline.storage.partitioning import bucket_of


def run(
    log: Log,
    external: External,
    engine: Engine,
    list: List,  # noqa: A002  # the section's name
    checked: Out = EXTERNAL_CHECKED.path,
    report: Out = EXTERNAL_REPORT.path,
) -> None:
    """Write users by bucket, what the list carries, tables and calendars below `checked`, and a description of them.

    Raises InputError or ContractError for the first that cannot be used.
    """
    contract = load_contract(log.contract)
    checked.mkdir(parents=True, exist_ok=True)
    check_names(contract, external)
    tables, calendars = (*tables_of(contract, external),), (*calendars_of(contract, external),)
    external_data = _users(contract, engine.buckets, checked)
    if list.carry:
        write_parquet(carried_columns(contract, list.carry), checked / CARRIED_FILE)
    frames = {
        TABLES: {one.name: checked_table(one, file, contract, external_data) for one, file in tables},
        CALENDARS: {
            one.name: checked_calendar(one, file, contract, external_data) for one, file in calendars
        },
    }
    external_data = replace(
        external_data,
        tables=tuple(Table.of(one) for one, _ in tables),
        calendars=tuple(Calendar.of(one) for one, _ in calendars),
    )
    every_feature(contract.sources(external=external_data))  # refuses a name that means two things
    for kind, of_kind in frames.items():
        for name, frame in of_kind.items():
            write_parquet(frame, checked / kind / f"{name}.parquet")
            dates = frame["date"].sort()
            sys.stderr.write(f"external: {name}: {frame.height:,} rows, {dates[0]} to {dates[-1]}\n")
    write_json(as_json(external_data, log.contract), report)


def _users(contract: Contract, buckets: int, checked: Path) -> ExternalData:
    """Write the table of users by bucket, if the contract names one; returns the external data on users."""
    external_data = contract.promises_external_data
    if contract.users is None:
        return external_data
    users, attributes = checked_users(contract, contract.users)
    _warn(users, contract)
    bucket = bucket_of(users["user_id"], buckets)
    for number in range(buckets):
        write_parquet(users.filter(bucket == number), bucket_file(checked / USERS, number))
    return replace(external_data, attributes=attributes)


def _warn(users: pl.DataFrame, contract: Contract) -> None:
    sys.stderr.write(f"external: {users['user_id'].n_unique():,} users have attributes\n")
    unknown = unrecognised_countries(users, contract)
    if unknown:
        sys.stderr.write(
            f"external: {len(unknown)} countries of users are not known: {', '.join(unknown[:10])}. "
            f"{contract.name}: country.names may say what they mean.\n"
        )


if __name__ == "__main__":
    main(run)
