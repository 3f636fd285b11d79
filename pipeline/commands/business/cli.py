"""The command `lastlogin business`, as the command line has it.

Promise: importing this is fast; what the command needs is imported when it runs.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.config.params import PARAMS_FILE, load_params
from pipeline.errors import InputError
from pipeline.runner.stage import expected_errors
from pipeline.storage.datasets import BUSINESS_AS_OF


def business(
    as_of: Annotated[str, typer.Option(help="YYYY-MM-DD: a day of the log in params.yaml")],
    out: Annotated[
        Path | None, typer.Option(help=f"folder for the files; default: {BUSINESS_AS_OF.path}/DAY")
    ] = None,
) -> None:
    """Show the figures of the business of a past day, from what was known then, and how far they have moved since."""
    from pipeline.commands.business.as_of import MOVED_FILE, business_as_of  # noqa: PLC0415  # takes a second to import

    with expected_errors():
        result = business_as_of(load_params(PARAMS_FILE), Path(), _day(as_of), out)
    typer.echo(f"business: as of {as_of}: {result.in_words}")
    typer.echo(f"Figures: {result.folder}/business.csv, and {MOVED_FILE} beside it")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"--as-of {written}: not a date.\nWrite it as YYYY-MM-DD.") from error
