"""The commands about lists, as the command line has them: score, deliver, judge. Batch jobs run them.

Promise: importing this is fast; what a command needs is imported when it runs.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.batch import json_line, of_list
from pipeline.config.params import PARAMS_FILE, load_params
from pipeline.crm.sinks.profile import ProfileName
from pipeline.errors import InputError
from pipeline.runner.stage import expected_errors
from pipeline.storage.datasets import DAILY_LISTS, JUDGE_PAGE, JUDGE_REPORT

AsJson = Annotated[
    bool, typer.Option("--json", help="print one line of JSON to stdout, and the words to stderr")
]


def score(
    log: Annotated[
        str | None,
        typer.Option(
            help="a file, folder, glob, or the SQL URL of a table; default: log.path of params.yaml"
        ),
    ] = None,
    contract: Annotated[str | None, typer.Option(help="its contract file; default: log.contract")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="YYYY-MM-DD; default: the log's last complete day"),
    ] = None,
    out: Annotated[
        list[str] | None,
        typer.Option(
            help=f"may repeat: a folder (the list is written to OUT/DAY/list.csv; default: {DAILY_LISTS.path}), and "
            "databases: postgresql+psycopg://USER@HOST/DATABASE, sqlite:///FILE"
        ),
    ] = None,
    dry_run: Annotated[  # noqa: FBT002  # typer's own form
        bool, typer.Option("--dry-run", help="write nothing; only say what the list would be")
    ] = False,
    accept_change: Annotated[  # noqa: FBT002  # likewise
        bool, typer.Option("--accept-change", help="write a list that differs much from the former one")
    ] = False,
    no_holdout: Annotated[  # noqa: FBT002  # likewise
        bool, typer.Option("--no-holdout", help="deliver a list with holdout.share 0")
    ] = False,
    replace: Annotated[  # noqa: FBT002  # likewise
        bool,
        typer.Option(
            "--replace", help="replace the list of the same day if it differs; not once a later list exists"
        ),
    ] = False,
    profile: Annotated[ProfileName, typer.Option(help="the tool that the CSV files are for")] = "plain",
    *,
    as_json: AsJson = False,
) -> None:
    """Deliver the CRM list of a log with the champion of the MLflow registry, without DVC.

    One line of JSON ends the output, unless it goes to a terminal.
    """
    from pipeline.commands.outs import outs_of, send  # noqa: PLC0415  # SQLAlchemy takes half a second to import
    from pipeline.commands.score import score_log  # noqa: PLC0415  # the stages take a second to import
    from pipeline.crm.summary_text import files_in_words, in_words  # noqa: PLC0415  # likewise

    with expected_errors(), json_line("score", asked=as_json) as line:
        params = load_params(PARAMS_FILE)
        day = _day(as_of)
        outs = outs_of(out or [])
        scored = score_log(
            params,
            log or params.log.path,
            contract or params.log.contract,
            day,
            outs.folder,
            dry_run=dry_run,
            accept_change=accept_change,
            no_holdout=no_holdout,
            replace=replace,
            written_for=profile,
        )
        line |= {"status": scored.status, **of_list(scored.folder, scored.summary)}
        dry = ["Dry run: nothing was written."]
        files = dry if scored.folder is None else files_in_words(scored.folder, scored.summary)
        typer.echo("\n".join([*in_words(scored.summary), *files]), err=as_json)
        if scored.folder is not None and outs.databases:
            line["sent"] = send(date.fromisoformat(scored.folder.name), outs)
            typer.echo("\n".join(line["sent"]), err=as_json)


def deliver(
    day: Annotated[
        str, typer.Argument(help="YYYY-MM-DD: the day of a list that lastlogin score has delivered")
    ],
    out: Annotated[
        list[str] | None,
        typer.Option(
            help="may repeat: the databases that get the list, and the folder that has it, if it is not "
            f"{DAILY_LISTS.path}"
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send a delivered list to databases, for example after one was down. A repeat changes nothing."""
    from pipeline.commands.outs import outs_of, send  # noqa: PLC0415  # SQLAlchemy takes half a second to import

    with expected_errors(), json_line("deliver", asked=as_json) as line:
        outs = outs_of(out or [])
        if not outs.databases:
            raise InputError(
                "--out names no database.\nGive one: lastlogin deliver DAY --out sqlite:///crm.db"
            )
        as_of = _given_day(day, "DAY")
        sent = send(as_of, outs)
        line |= {"as_of": as_of, "sent": sent}
        typer.echo("\n".join(sent), err=as_json)


def judge(
    lists: Annotated[
        Path, typer.Option(help="folder of the delivered lists: --out of lastlogin score")
    ] = DAILY_LISTS.path,
    log: Annotated[
        str | None,
        typer.Option(
            help="a file, folder, glob, or the SQL URL of a table; default: the user-days of the last dvc repro"
        ),
    ] = None,
    contract: Annotated[str | None, typer.Option(help="its contract file; default: log.contract")] = None,
    contacts: Annotated[
        str | None,
        typer.Option(
            help="contacts made: a csv or parquet file, or a table's SQL URL; default: contacts.path"
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(help="YYYY-MM-DD; use nothing after this day")] = None,
    out: Annotated[Path, typer.Option(help="folder of the reports")] = JUDGE_REPORT.path.parent,
    *,
    as_json: AsJson = False,
) -> None:
    """Evaluate past lists: what contact changed against the users held out, and how good the predictions were.

    One line of JSON ends the output, unless it goes to a terminal.
    """
    from pipeline.commands.judge import judge as judge_lists  # noqa: PLC0415  # the stages take a second to import

    with expected_errors(), json_line("judge", asked=as_json) as line:
        day = _day(until, "--until")
        judged = judge_lists(
            load_params(PARAMS_FILE), lists, out, log=log, contract=contract, contacts=contacts, until=day
        )
        page = None if judged.folder is None else str(judged.folder / JUDGE_PAGE.path.name)
        line |= {"status": "nothing_ripe" if page is None else "done", "says": judged.lines, "page": page}
        typer.echo("\n".join([*judged.lines, *([f"Past lists: {page}"] if page else [])]), err=as_json)


def _day(written: str | None, option: str = "--as-of") -> date | None:
    return None if written is None else _given_day(written, option)


def _given_day(written: str, option: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"{option} {written}: not a date.\nWrite it as YYYY-MM-DD.") from error
