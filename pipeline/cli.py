"""The console command `lastlogin`: what a person asks outside of `dvc repro`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from features.catalogue import every_feature
from pipeline.contracts import load_contract
from pipeline.features_in_use import features_in_use
from pipeline.params import load_params
from pipeline.stage import PARAMS_FILE, expected_errors, run_stage
from pipeline.where import where_things_are

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def features(
    *, as_json: Annotated[bool, typer.Option("--json", help="as JSON, for programs")] = False
) -> None:
    """Print the catalogue of features, and which of them the log in use has."""
    with expected_errors():
        contract = load_contract(Path(load_params(PARAMS_FILE).log.contract))
        in_use = {feature.name for feature in features_in_use(contract)}
        rows = [
            {
                "name": feature.name,
                "dimension": feature.dimension,
                "unit": feature.unit,
                "sentence": feature.says,
                "actionable": feature.actionable,
                "in_use": feature.name in in_use,
            }
            for feature in every_feature(contract.groups)
        ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table("name", "dimension", "unit", "sentence", "actionable", "in use")
    for row in rows:
        table.add_row(
            *(("yes" if value else "no") if isinstance(value, bool) else str(value) for value in row.values())
        )
    Console().print(table)


@app.command()
def where() -> None:
    """Say where the CRM list, the figures and the MLflow runs are."""
    with expected_errors():
        typer.echo(where_things_are(Path(), load_params(PARAMS_FILE)))


@app.command()
def track() -> None:
    """Record the result in MLflow by hand, for instance after the server was down."""
    from pipeline import track as stage  # noqa: PLC0415  # the stage draws: importing that takes a second

    with expected_errors():
        run_stage(stage.run, load_params(PARAMS_FILE))
    typer.echo(where_things_are(Path(), load_params(PARAMS_FILE)))


def main() -> None:
    """Entry point of the console command."""
    app()
