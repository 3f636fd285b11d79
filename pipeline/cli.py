"""Commands of lastlogin, beside `dvc repro`. Run them in the folder with params.yaml."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.business.cli import business
from pipeline.commands.contract_cli import check, contract_app
from pipeline.commands.list_cli import deliver, judge, score
from pipeline.commands.where import where_things_are
from pipeline.config.params import PARAMS_FILE, load_params
from pipeline.errors import EXIT_EXPECTED
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import last_external_data
from pipeline.reporting.feature_table import as_markdown, as_table, feature_rows
from pipeline.runner.stage import expected_errors, run_stage
from pipeline.storage.datasets import (
    CAMPAIGN,
    CAMPAIGN_LOG,
    CRM_TABLE,
    EXTERNAL_REPORT,
    PROFILE_TABLE,
)

_MOST_SHOWN = 20


app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def features(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, for programs")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="print a page in Markdown")] = False,
) -> None:
    """List all features, and which of them the log in use has."""
    with expected_errors():
        params = load_params(PARAMS_FILE)
        contract = load_contract(Path(params.log.contract))
        # The page must be the same in every checkout, so it has no features of the tables of a run.
        external_data = None if markdown else last_external_data(EXTERNAL_REPORT.path, contract.name)
        rows = feature_rows(contract, params.features, external_data)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif markdown:
        typer.echo(as_markdown(rows, contract), nl=False)
    else:
        Console().print(as_table(rows))


for declared in (score, deliver, judge, check, business):
    app.command()(declared)
app.add_typer(contract_app, name="contract")


@app.command()
def replay(
    rows: Annotated[int, typer.Option(min=1, help="number of random login rows")] = 200,
    days: Annotated[
        int, typer.Option(min=1, help="largest number of different login days of these rows")
    ] = 12,
    seed: Annotated[int, typer.Option(min=0, help="another seed draws other rows")] = 1,
) -> None:
    """Recompute random login rows, and landmark rows of their days, from the log up to the day.

    A difference is an error.
    """
    from pipeline.commands.replay import replay as replay_rows  # noqa: PLC0415  # the stages take a second to import

    with expected_errors():
        result = replay_rows(load_params(PARAMS_FILE), Path(), rows=rows, days=days, seed=seed)
    fewer = "" if result.rows == rows else f" (asked for {rows:,}: use more --days)"
    compared = (
        f"{result.rows:,} login rows{fewer} and {result.landmarks:,} landmark rows of {result.days:,} days, "
        f"{result.values:,} values"
    )
    if not result.differences:
        typer.echo(f"replay: {compared}: all equal")
        return
    for difference in result.differences[:_MOST_SHOWN]:
        typer.echo(f"replay: {difference}", err=True)
    typer.echo(f"replay: {compared}: {len(result.differences):,} differ", err=True)
    raise typer.Exit(1)


@app.command("verify-list")
def verify_list(
    path: Annotated[Path, typer.Option("--list", help="a CRM list of this log, as Parquet")] = CRM_TABLE.path,
) -> None:
    """Recompute each sentence of a CRM list from the raw events, and name every row that the log contradicts."""
    from pipeline.commands.verify_list import verify_list as verified  # noqa: PLC0415  # the stages take a second to import

    with expected_errors():
        result = verified(load_params(PARAMS_FILE), Path(), path)
    compared = (
        f"{result.users:,} users as of {result.as_of}, facts recounted plainly: {result.recounted:,} of "
        f"{result.facts:,}, the rest replayed; {result.on_lists:,} rows of lists for import"
    )
    if not result.contradictions:
        typer.echo(f"verify-list: {compared}: nothing is contradicted")
        return
    for contradiction in result.contradictions[:_MOST_SHOWN]:
        typer.echo(f"verify-list: {contradiction}", err=True)
    typer.echo(f"verify-list: {compared}: {len(result.contradictions):,} contradicted", err=True)
    raise typer.Exit(EXIT_EXPECTED)


@app.command("simulate-campaign")
def simulate_campaign(
    path: Annotated[
        Path, typer.Option("--list", help="a CRM list of the demo log, as Parquet")
    ] = CRM_TABLE.path,
    days: Annotated[int, typer.Option(help="days to live on after the log; the horizon or more")] = 28,
    out: Annotated[
        Path, typer.Option(help="folder for events.parquet, log.parquet, truth.parquet and summary.json")
    ] = CAMPAIGN.path,
) -> None:
    """Try a list on the demo log: its users live on with and without the contacts, on the same random numbers."""
    from pipeline.commands.simulate_campaign import simulate_campaign as simulated  # noqa: PLC0415  # imports scipy.stats

    with expected_errors():
        summary = simulated(load_params(PARAMS_FILE), Path(), path, days, out)
    typer.echo(json.dumps(summary, indent=2))
    typer.echo(f"Campaign: {out}")
    typer.echo(f"What the list was worth: lastlogin judge --log {out / CAMPAIGN_LOG.path.name}")


@app.command()
def profile(
    user_id: Annotated[str, typer.Argument(help=f"an id of the column user_id of {PROFILE_TABLE.path}")],
    png: Annotated[Path | None, typer.Option(help="also write the card as a picture to this file")] = None,
    html: Annotated[Path | None, typer.Option(help="also write the card as a page to this file")] = None,
    days: Annotated[
        int,
        typer.Option(min=1, max=36_500, help="show the scores of this number of days up to the last login"),
    ] = 90,
) -> None:
    """Show one user: risk, dimensions, reasons, next step and past scores."""
    from pipeline.reporting.user_card.card import user_card  # noqa: PLC0415  # the model takes a second to import
    from pipeline.reporting.user_card.terminal import for_terminal  # noqa: PLC0415  # likewise

    with expected_errors():
        card = user_card(user_id, load_params(PARAMS_FILE).risk_bands, days)
        if png is not None or html is not None:
            from pipeline.reporting.user_card.files import write_html, write_png  # noqa: PLC0415  # Altair takes a second

            for path, write in ((png, write_png), (html, write_html)):
                if path is not None:
                    write(card, path)
    Console().print(for_terminal(card))


@app.command()
def where() -> None:
    """Show where the CRM list, the report, the metrics and the MLflow runs are."""
    with expected_errors():
        typer.echo(where_things_are(Path(), load_params(PARAMS_FILE)))


@app.command()
def track() -> None:
    """Record the result in MLflow again, for example after the server was down."""
    from pipeline.stages import track as stage  # noqa: PLC0415  # the stage draws: importing that takes a second

    with expected_errors():
        run_stage(stage.run, load_params(PARAMS_FILE))
    typer.echo(where_things_are(Path(), load_params(PARAMS_FILE)))


@app.command()
def promote(
    version: Annotated[
        str | None, typer.Option(help="version number of the registered model; default: the challenger")
    ] = None,
) -> None:
    """Make a version of the model the champion, whatever its grade and its comparison with the champion."""
    from pipeline.tracking import registry  # noqa: PLC0415

    with expected_errors():
        typer.echo(registry.promote(load_params(PARAMS_FILE), version))


@app.command()
def rollback() -> None:
    """Make the previous champion the champion again."""
    from pipeline.tracking import registry  # noqa: PLC0415

    with expected_errors():
        typer.echo(registry.rollback(load_params(PARAMS_FILE)))


@app.command()
def tune(
    trials: Annotated[
        int, typer.Option(min=1, help="total number of trials, with those of earlier calls")
    ] = 30,
    hours: Annotated[float | None, typer.Option(min=0, help="stop after this number of hours")] = None,
) -> None:
    """Search better settings of the model; write them into params.yaml if they are surely better."""
    from pipeline.commands.tune import search  # noqa: PLC0415

    with expected_errors():
        typer.echo(search(load_params(PARAMS_FILE), PARAMS_FILE, trials, hours))


def main() -> None:
    """Entry point of the console command."""
    app()


if __name__ == "__main__":
    main()
