"""The commands about contracts, as the command line has them: contract init, check.

Promise: importing this is fast; what a command needs is imported when it runs.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import EXIT_EXPECTED, InputError
from pipeline.runner.stage import expected_errors

contract_app = typer.Typer(no_args_is_help=True, help="First contracts for new logs.")


@contract_app.callback()
def contracts() -> None:
    """First contracts for new logs."""


@contract_app.command()
def init(
    log: Annotated[
        str, typer.Argument(help="a file, folder or glob: CSV, JSON lines, a JSON array or Parquet")
    ],
    out: Annotated[
        Path | None, typer.Option(help="write the contract into this new file; default: print it")
    ] = None,
    files: Annotated[str, typer.Option(help="which files below a folder belong to the log")] = "*",
) -> None:
    """Look at a log, and write a first contract with all guesses and their reasons."""
    from pipeline.first_contract.draft import draft_of  # noqa: PLC0415  # the readers take half a second to import
    from pipeline.first_contract.sample import sample_of  # noqa: PLC0415  # likewise
    from pipeline.storage.files import write_text  # noqa: PLC0415  # likewise

    with expected_errors():
        if out is not None and out.exists():
            raise InputError(f"{out}: the file exists.\nName a new one with --out, or remove it.")
        text = draft_of(sample_of(log, files))
        if out is None:
            typer.echo(text, nl=False)
            return
        write_text(text, out)
        typer.echo(f"Contract: {out}\nNow look at its guesses, then: lastlogin check {out} --log {log}")


@contract_app.command()
def keys() -> None:
    """Print every key of a contract with its meaning and an example, as a page in Markdown."""
    from pipeline.reporting.contract_page import contract_page  # noqa: PLC0415  # the catalogue takes a second to import

    typer.echo(contract_page(), nl=False)


def check(
    contract: Annotated[Path, typer.Argument(help="a contract file")],
    log: Annotated[
        str | None,
        typer.Option(
            help="its log: a file, folder or glob; default: log.path of params.yaml, if that names this contract"
        ),
    ] = None,
    files: Annotated[str, typer.Option(help="which files below a folder belong to the log")] = "*",
) -> None:
    """Read the first thousand lines of a log as its contract says, and say everything that is wrong at once."""
    from pipeline.commands.check_contract import as_text, check_of  # noqa: PLC0415  # the readers take half a second to import

    with expected_errors():
        checked = check_of(contract, log, files)
    text = as_text(contract, checked)
    typer.echo(text, err=bool(checked.faults))
    if checked.faults:
        raise typer.Exit(EXIT_EXPECTED)
